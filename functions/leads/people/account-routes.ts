import * as z from "zod";
import { listInput, type Route, rpc, view, write } from "../../_shared/route.ts";
import { notification } from "../schemas.ts";
import * as i from "./account-inputs.ts";
import * as a from "./account-schemas.ts";
import { uploadAvatar } from "./avatar.ts";
import { changeOwnProfile, clientSignIn, clientSignOut, clientSignUp, searchUser } from "./client-account.ts";
import * as c from "./client-account-inputs.ts";
import { forgotPassword, resetPassword } from "./password.ts";
import { register } from "./registration.ts";
import { login, logout, refresh } from "./sign-in.ts";
import { createUser, eraseUser } from "./users.ts";

const everyRole = ["admin", "fournisseur", "agent", "acheteur"];
const auth = { roles: [], section: "6. Authentification" };
const own = { roles: everyRole, section: "Comptes du front end" };
const users = { roles: ["admin"], section: "6. Utilisateurs" };
const notes = { roles: everyRole, section: "6. Notifications" };
const limits = { roles: ["admin"], section: "6. Limites" };

/** Accounts: signing in and up, the admin's users page, and everybody's notifications. */
// biome-ignore format: a table is read across
export const accountRoutes: Route[] = [
  { ...auth, method: "POST", path: "/api/auth/login", summary: "Se connecter", handle: login, refusals: [403, 429], body: i.credentials, response: a.session },
  { ...auth, method: "POST", path: "/api/auth/refresh", summary: "Prolonger la session", handle: refresh, refusals: [403], body: i.refresh, response: a.refreshed },
  { ...auth, method: "POST", path: "/api/auth/logout", summary: "Se déconnecter", roles: everyRole, handle: logout, response: z.null(), status: 204 },
  { ...auth, method: "GET", path: "/api/auth/me", summary: "Qui est connecté", roles: everyRole, object: rpc("auth_me"), response: a.account },
  { ...auth, method: "POST", path: "/api/auth/register", summary: "S'inscrire comme fournisseur ou acheteur", handle: register, refusals: [422, 429], body: i.registration, response: a.message, status: 202 },
  { ...auth, method: "POST", path: "/api/auth/forgot-password", summary: "Recevoir un lien pour changer de mot de passe", handle: forgotPassword, refusals: [429], body: i.forgotten, response: a.message, status: 202 },
  { ...auth, method: "POST", path: "/api/auth/reset-password", summary: "Choisir un nouveau mot de passe", handle: resetPassword, refusals: [422, 429], body: i.reset, response: a.message },

  { ...auth, method: "POST", path: "/api/auth/signup", summary: "S'inscrire, depuis le front end", handle: clientSignUp, refusals: [422, 429], body: c.signUp, response: a.signedUp, status: 201 },
  { ...auth, method: "POST", path: "/api/auth/signin", summary: "Se connecter : la session est un cookie", handle: clientSignIn, refusals: [403, 429], body: c.signIn, response: a.signedIn },
  { ...auth, method: "POST", path: "/api/auth/signout", summary: "Se déconnecter : le cookie part", handle: clientSignOut, response: a.message },
  { ...own, method: "GET", path: "/api/users/me", summary: "Son profil, quel que soit le rôle", object: rpc("users_me"), response: a.ownProfile },
  { ...own, method: "POST", path: "/api/users/me", summary: "Changer son profil", handle: changeOwnProfile, refusals: [422], body: c.changedProfile, response: a.ownProfile },
  { ...own, method: "GET", path: "/api/users/me/export", summary: "Tout ce qui est conservé à son sujet (RGPD, article 15)", object: write("users_me_export"), refusals: [429], response: a.personalData },
  { ...own, method: "POST", path: "/api/users/uploadAvatar", summary: "Changer sa photo : une image, 2 Mo au plus", handle: uploadAvatar, refusals: [400, 413, 415], response: a.avatar },
  { ...auth, method: "GET", path: "/api/users/search", summary: "Un compte par son adresse : le sien, ou pour un admin", handle: searchUser, refusals: [403], input: c.searchInput, response: a.account.nullable() },

  { ...users, method: "GET", path: "/api/admin/users", summary: "Liste des utilisateurs", object: rpc("admin_users"), input: i.usersInput, sqlNames: i.usersSqlNames, response: z.array(a.user) },
  { ...users, method: "POST", path: "/api/admin/users", summary: "Créer un utilisateur", handle: createUser, refusals: [409, 422], body: i.newUser, response: a.user, status: 201 },
  { ...users, method: "PUT", path: "/api/admin/users/:id/role", summary: "Changer le rôle", object: write("admin_user_role"), input: i.idInput, body: i.newRole, response: a.user },
  { ...users, method: "POST", path: "/api/admin/users/:id/suspend", summary: "Suspendre", object: write("admin_user_suspend"), input: i.idInput, response: a.user },
  { ...users, method: "POST", path: "/api/admin/users/:id/reactivate", summary: "Réactiver, ou accepter un fournisseur inscrit", object: write("admin_user_reactivate"), input: i.idInput, response: a.user },
  { ...users, method: "GET", path: "/api/admin/users/:id/export", summary: "Tout ce qui est conservé sur une personne (RGPD, article 15)", object: write("admin_user_export"), refusals: [404, 429], input: i.idInput, response: a.personalData },
  { ...users, method: "POST", path: "/api/admin/users/:id/erase", summary: "Effacer une personne (RGPD, article 17)", handle: eraseUser, refusals: [404, 409], input: i.idInput, body: i.erasure, response: a.erased },

  { ...notes, method: "GET", path: "/api/notifications", summary: "Ses notifications", object: view("notifications"), input: listInput, response: z.array(notification) },
  { ...notes, method: "GET", path: "/api/notifications/unread-count", summary: "Nombre de notifications non lues", object: rpc("notifications_unread_count"), response: a.unreadCount },
  { ...notes, method: "POST", path: "/api/notifications/read-all", summary: "Tout marquer comme lu", object: write("notifications_mark_all_read"), response: a.updatedCount },
  { ...notes, method: "POST", path: "/api/notifications/:id/read", summary: "Marquer comme lue", object: write("notifications_mark_read"), input: i.idInput, response: notification },

  { ...limits, method: "GET", path: "/api/admin/rate-limits", summary: "Limites de tentatives", object: view("admin_rate_limits"), input: listInput, response: z.array(a.rateLimit) },
  { ...limits, method: "PUT", path: "/api/admin/rate-limits/:id", summary: "Changer une limite", object: write("admin_rate_limit_change"), input: i.idInput, body: i.newLimit, response: a.rateLimit },
];
