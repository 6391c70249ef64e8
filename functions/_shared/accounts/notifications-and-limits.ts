import * as z from "zod";
import { pageInput } from "../paging.ts";
import { listInput } from "../route.ts";
import type { Accounts, Unplaced } from "./declaration.ts";
import * as i from "./inputs.ts";
import { inSystem, sharedRpc, sharedWrite } from "./published.ts";
import * as s from "./shapes.ts";

type OwnAndLimits = "notifications" | "unreadCount" | "markAllRead" | "markRead" | "rateLimits" | "rateLimit";

/** Everybody's own notifications, and the limits for who administers the system. */
export function ownAndLimits({ system, roles, admins }: Accounts): Record<OwnAndLimits, Unplaced> {
  const input = system.paging ? pageInput(system.paging) : listInput;
  const own = { roles, arguments: inSystem(system.slug) };
  const limits = { roles: admins, arguments: inSystem(system.slug) };
  return {
    notifications: {
      ...{ ...own, summary: "Ses notifications", object: sharedRpc("notifications") },
      ...{ input, response: z.array(s.notification) },
    },
    unreadCount: {
      ...{ ...own, summary: "Nombre de notifications non lues", object: sharedRpc("unread_count") },
      response: s.unreadCount,
    },
    markAllRead: {
      ...{ ...own, summary: "Tout marquer comme lu", object: sharedWrite("mark_all_read"), response: s.updatedCount },
    },
    markRead: {
      ...{ ...own, summary: "Marquer comme lue", object: sharedWrite("mark_read") },
      ...{ input: i.idInput, response: s.notification },
    },
    rateLimits: {
      ...{ ...limits, summary: "Limites de tentatives", object: sharedRpc("rate_limits") },
      ...{ input, response: z.array(s.rateLimit) },
    },
    rateLimit: {
      ...{ ...limits, summary: "Changer une limite", object: sharedWrite("rate_limit_change") },
      ...{ input: i.idInput, body: i.newLimit, response: s.rateLimit },
    },
  };
}
