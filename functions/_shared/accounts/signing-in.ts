import * as z from "zod";
import type { Account, Accounts, Credentials, Reading, Unplaced } from "./declaration.ts";
import * as i from "./inputs.ts";
import { inSystem, sharedRpc } from "./published.ts";
import * as s from "./shapes.ts";
import { logout, refresh, signIn } from "./sign-in.ts";

type SigningIn = "signIn" | "refresh" | "signOut" | "me";

/** Signing in, and who is signed in. */
export function signingIn(accounts: Accounts): Record<SigningIn, Unplaced> {
  const { roles, reads = {}, show = {}, system } = accounts;
  const shapes = s.accountShapes(roles);
  const session = show.session?.shape ?? shapes.session;
  const prolonged = z.union([session, z.strictObject({ accessToken: z.string() })]);
  const credentials = reads.signIn ?? credentialsOf(accounts);
  const { of: shown } = show.account ?? {};
  return {
    signIn: {
      ...{ roles: [], summary: "Se connecter", body: credentials.body, response: session, refusals: [403, 429] },
      handle: async ({ request, body }) =>
        Response.json(await signIn(accounts, credentials.read(body), request.headers)),
    },
    refresh: {
      ...{ roles: [], summary: "Prolonger la session", body: i.refresh, response: prolonged, refusals: [403] },
      handle: async (call) => Response.json(await refresh(accounts, call)),
    },
    signOut: { roles, summary: "Se déconnecter", handle: logout, response: z.null(), status: 204 },
    me: {
      ...{ roles, summary: "Qui est connecté", object: sharedRpc("me"), arguments: inSystem(system.slug) },
      response: show.account?.shape ?? shapes.account,
      ...(shown ? { finish: async (found: unknown) => shown(found as Account) } : {}),
    },
  };
}

function credentialsOf({ identifier }: Accounts): Reading<Credentials> {
  const body = identifier === "email" ? i.credentials : i.anyCredentials;
  return {
    body,
    read: (given) => {
      const { identifier: any, email, phone, password } = given as Record<string, string>;
      return { identifier: any ?? email ?? phone ?? "", password: password ?? "" };
    },
  };
}
