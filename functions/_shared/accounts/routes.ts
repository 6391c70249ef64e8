import type { Method, Route } from "../route.ts";
import type { AccountEndpoint, Accounts } from "./declaration.ts";
import { members } from "./members.ts";
import { ownAndLimits } from "./notifications-and-limits.ts";
import { signingIn } from "./signing-in.ts";

const titles = { auth: "Authentification", members: "Utilisateurs", notifications: "Notifications", limits: "Limites" };

const sectionOf: Record<AccountEndpoint, keyof typeof titles> = {
  ...{ signIn: "auth", refresh: "auth", signOut: "auth", me: "auth", register: "auth" },
  ...{ forgotPassword: "auth", resetPassword: "auth" },
  ...{ members: "members", newMember: "members", memberRole: "members", suspend: "members", reactivate: "members" },
  ...{ notifications: "notifications", unreadCount: "notifications", markAllRead: "notifications" },
  ...{ markRead: "notifications", rateLimits: "limits", rateLimit: "limits" },
};

/**
 * The routes of a system's accounts, from what it declares: signing in and up, passwords, the members for who administers,
 * everybody's notifications, and the limits. Only the endpoints that have a path exist.
 */
export function accountRoutes(accounts: Accounts): Route[] {
  const endpoints = { ...signingIn(accounts), ...members(accounts), ...ownAndLimits(accounts) };
  const { paths, sections = {}, summaries = {} } = accounts;
  return (Object.keys(paths) as AccountEndpoint[]).map((name) => {
    const [method, path] = (paths[name] ?? "").split(" ") as [Method, string];
    const group = sectionOf[name];
    const { summary, ...answer } = endpoints[name];
    return { method, path, section: sections[group] ?? titles[group], summary: summaries[name] ?? summary, ...answer };
  });
}
