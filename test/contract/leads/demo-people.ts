import { type Person, signIn, signUp } from "../people.ts";
import { type Role, roles } from "./rows.ts";

const emails: Record<Role, string> = {
  admin: "admin@leads-provider.fr",
  fournisseur: "sophie@agence-ads.fr",
  agent: "marc@leads-provider.fr",
  acheteur: "pierre@renovation-plus.fr",
};

/** One person of each role, somebody who only signed up, and somebody who holds every role. */
export type People = Record<Role | "stranger" | "member", Person>;

/** Signs in the demo accounts, and makes the two that are no demo accounts. */
export async function signInPeople(): Promise<People> {
  const [stranger, member, ...known] = await Promise.all([
    signUp("leads"),
    signUp("leads", ...roles),
    ...roles.map((role) => signIn(emails[role])),
  ]);
  return { stranger, member, ...Object.fromEntries(roles.map((role, i) => [role, known[i]])) } as People;
}
