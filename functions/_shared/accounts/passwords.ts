import {
  type Accounts,
  asItIs,
  type ChangedPassword,
  type Reading,
  type Registration,
  type Reset,
  type Unplaced,
} from "./declaration.ts";
import * as i from "./inputs.ts";
import { changePassword, forgotPassword, resetPassword } from "./password.ts";
import { register, registrationText } from "./registration.ts";
import * as s from "./shapes.ts";

type Passwords = "register" | "forgotPassword" | "resetPassword" | "changePassword";

/** Registering, and passwords. Each answers a text, which does not depend on the address that was given. */
export function passwords(accounts: Accounts): Record<Passwords, Unplaced> {
  const { roles, registers = [], reads = {} } = accounts;
  return {
    register: {
      ...told(
        accounts,
        202,
        registrationText,
        reads.register ?? asItIs<Registration>(i.registrationOf(registers)),
        register,
      ),
      ...{ summary: `S'inscrire comme ${registers.join(" ou ")}`, refusals: [422, 429] },
    },
    forgotPassword: {
      ...told(
        accounts,
        202,
        "Si un compte existe avec cette adresse, un message vient d'y être envoyé.",
        reads.forgotPassword ?? asItIs<{ email: string }>(i.forgotten),
        forgotPassword,
      ),
      ...{ summary: "Recevoir un lien pour changer de mot de passe", refusals: [429] },
    },
    resetPassword: {
      ...told(
        accounts,
        200,
        "Votre mot de passe est changé. Connectez-vous.",
        reads.resetPassword ?? asItIs<Reset>(i.reset),
        resetPassword,
      ),
      ...{ summary: "Choisir un nouveau mot de passe", refusals: [422, 429] },
    },
    changePassword: {
      ...told(
        accounts,
        200,
        "Votre mot de passe est changé.",
        reads.changePassword ?? asItIs<ChangedPassword>(i.changedPassword),
        changePassword,
      ),
      ...{ roles, summary: "Changer de mot de passe", refusals: [422, 429] },
    },
  };
}

/** A route that does something and says so: in the envelope of the system, where it has a place for it, and in its answer. */
function told<T>(
  accounts: Accounts,
  status: 200 | 202,
  message: string,
  { body: shape, read }: Reading<T>,
  work: (accounts: Accounts, given: T, caller: Headers) => Promise<void>,
): Omit<Unplaced, "summary"> {
  const { shape: response, of = () => null } = accounts.show?.message ?? { shape: s.message, of: plain };
  return {
    ...{ roles: [], body: shape, response, message, status },
    handle: async ({ request, body }) => {
      await work(accounts, read(body), request.headers);
      return Response.json(of(message), { status });
    },
  };
}

function plain(message: string): object {
  return { message };
}
