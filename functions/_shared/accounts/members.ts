import * as z from "zod";
import { pageInput } from "../paging.ts";
import type { Call } from "../route.ts";
import { type Account, type Accounts, asItIs, type NewAccount, type Unplaced } from "./declaration.ts";
import * as i from "./inputs.ts";
import { createMember } from "./new-member.ts";
import { inSystem, sharedRpc, sharedWrite } from "./published.ts";
import * as s from "./shapes.ts";

type Members = "members" | "newMember" | "memberRole" | "suspend" | "reactivate";

/** The members of a system, for who administers it. */
export function members(accounts: Accounts): Record<Members, Unplaced> {
  const { roles, admins, show = {}, reads = {}, system } = accounts;
  const shape = show.member?.shape ?? s.accountShapes(roles).member;
  const shown = (found: unknown) => show.member?.of?.(found as Account) ?? found;
  const shownOne = show.member?.of ? { finish: async (found: unknown) => shown(found) } : {};
  const shownAll = show.member?.of ? { finish: async (found: unknown) => (found as unknown[]).map(shown) } : {};
  const wanted = reads.newMember ?? asItIs<NewAccount>(i.newMemberOf(roles));
  const page = system.paging ? pageInput(system.paging) : i.membersPage;
  // By number, PostgREST itself takes the page out of the list.
  const sqlNames = system.paging ? { role: i.membersSqlNames.role } : i.membersSqlNames;
  const ofAdmins = { roles: admins, arguments: inSystem(system.slug) };
  const change = { ...ofAdmins, ...shownOne, input: i.idInput, response: shape };
  return {
    members: {
      ...{ ...ofAdmins, ...shownAll, summary: "Liste des utilisateurs", object: sharedRpc("members"), sqlNames },
      ...{ input: i.membersFilter(roles).extend(page.shape), response: z.array(shape) },
    },
    newMember: {
      ...{ roles: admins, summary: "Créer un utilisateur", body: wanted.body, response: shape, status: 201 },
      refusals: [409, 422],
      handle: async ({ request, body }: Call) =>
        Response.json(shown(await createMember(accounts, wanted.read(body), request.headers)), { status: 201 }),
    },
    memberRole: {
      ...{ ...change, summary: "Changer le rôle", object: sharedWrite("member_role"), body: i.newRoleOf(roles) },
    },
    suspend: { ...change, summary: "Suspendre", object: sharedWrite("member_suspend") },
    reactivate: {
      ...change,
      summary: "Réactiver, ou accepter une inscription",
      object: sharedWrite("member_reactivate"),
    },
  };
}
