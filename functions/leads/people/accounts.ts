import type { Accounts } from "../../_shared/accounts/declaration.ts";
import * as a from "./account-schemas.ts";

/** The accounts of Leads Provider, in the words of its document (chapter 6). */
export const accounts: Accounts = {
  system: { slug: "leads" },
  roles: a.roles,
  admins: ["admin"],
  registers: ["fournisseur", "acheteur"],
  identifier: "email",
  paths: {
    signIn: "POST /api/auth/login",
    refresh: "POST /api/auth/refresh",
    signOut: "POST /api/auth/logout",
    me: "GET /api/auth/me",
    register: "POST /api/auth/register",
    forgotPassword: "POST /api/auth/forgot-password",
    resetPassword: "POST /api/auth/reset-password",
    members: "GET /api/admin/users",
    newMember: "POST /api/admin/users",
    memberRole: "PUT /api/admin/users/:id/role",
    suspend: "POST /api/admin/users/:id/suspend",
    reactivate: "POST /api/admin/users/:id/reactivate",
    notifications: "GET /api/notifications",
    unreadCount: "GET /api/notifications/unread-count",
    markAllRead: "POST /api/notifications/read-all",
    markRead: "POST /api/notifications/:id/read",
    rateLimits: "GET /api/admin/rate-limits",
    rateLimit: "PUT /api/admin/rate-limits/:id",
  },
  sections: {
    auth: "6. Authentification",
    members: "6. Utilisateurs",
    notifications: "6. Notifications",
    limits: "6. Limites",
  },
  summaries: { reactivate: "Réactiver, ou accepter un fournisseur inscrit" },
  show: { member: { shape: a.user } },
};
