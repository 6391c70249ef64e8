import * as z from "zod";
import {
  type Account,
  type Accounts,
  asItIs,
  type Credentials,
  type Reading,
  type Registration,
  type Reset,
  type Unplaced,
} from "./declaration.ts";
import * as i from "./inputs.ts";
import { forgotPassword, resetPassword } from "./password.ts";
import { inSystem, sharedRpc } from "./published.ts";
import { register } from "./registration.ts";
import * as s from "./shapes.ts";
import { logout, refresh, signIn } from "./sign-in.ts";

type SigningIn = "signIn" | "refresh" | "signOut" | "me" | "register" | "forgotPassword" | "resetPassword";

/** Signing in and up, and passwords. */
export function signingIn(accounts: Accounts): Record<SigningIn, Unplaced> {
  const { roles, registers = [], reads = {}, show = {}, system } = accounts;
  const shapes = s.accountShapes(roles);
  const session = show.session?.shape ?? shapes.session;
  const prolonged = z.union([session, z.strictObject({ accessToken: z.string() })]);
  const said = show.message ?? { shape: s.message, of: (text: string) => ({ message: text }) };
  const message = async (status: number, text: Promise<string>) => Response.json(said.of?.(await text), { status });
  const credentials = reads.signIn ?? credentialsOf(accounts);
  const registration = reads.register ?? asItIs<Registration>(i.registrationOf(registers));
  const forgotten = reads.forgotPassword ?? asItIs<{ email: string }>(i.forgotten);
  const reset = reads.resetPassword ?? asItIs<Reset>(i.reset);
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
    register: {
      ...{ roles: [], summary: `S'inscrire comme ${registers.join(" ou ")}`, body: registration.body, status: 202 },
      ...{ response: said.shape, refusals: [422, 429] },
      handle: ({ request, body }) => message(202, register(accounts, registration.read(body), request.headers)),
    },
    forgotPassword: {
      ...{ roles: [], summary: "Recevoir un lien pour changer de mot de passe", body: forgotten.body, status: 202 },
      ...{ response: said.shape, refusals: [429] },
      handle: ({ request, body }) =>
        message(202, forgotPassword(accounts, forgotten.read(body).email, request.headers)),
    },
    resetPassword: {
      ...{ roles: [], summary: "Choisir un nouveau mot de passe", body: reset.body },
      ...{ response: said.shape, refusals: [422, 429] },
      handle: ({ request, body }) => message(200, resetPassword(reset.read(body), request.headers)),
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
