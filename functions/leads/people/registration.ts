import { createAccount, removeAccount, sendMail } from "../../_shared/auth.ts";
import { callAsService } from "../../_shared/auth-service.ts";
import { beatOf, inBackground, untilBeat } from "../../_shared/auth-timing.ts";
import { clientAddress, takeAttempt } from "../../_shared/rate-limit.ts";
import type { Call } from "../../_shared/route.ts";
import type { NewUser, Registration } from "./account-inputs.ts";

/** A registration takes this long, in ms, or a multiple, whether the address is new or not. */
const registrationBeat = 800;

const accepted = {
  message: "Vérifiez votre boîte mail : un message vous dit comment continuer.",
};

/** What a person says of himself, and nothing that gives a right. */
export function profileOf({ firstName, lastName, company, phone }: Registration | NewUser): Record<string, unknown> {
  return { firstName, lastName, ...(company ? { company } : {}), ...(phone ? { phone } : {}) };
}

/**
 * POST /api/auth/register. Answers the same, after the same time, whether the address has an account or not: what there is
 * to say goes to the mailbox. Throws a Problem (429) after too many registrations.
 */
export async function register({ request, body }: Call): Promise<Response> {
  const wanted = body as Registration;
  await takeAttempt({ register_account: wanted.email, register_ip: clientAddress(request.headers) });
  const started = performance.now();
  try {
    // A mail takes as long as the mail server likes.
    inBackground(sendMail(await open(wanted), wanted.email));
  } finally {
    await untilBeat(started, beatOf(registrationBeat));
  }
  return Response.json(accepted, { status: 202 });
}

/**
 * Makes the account where there is none; returns the mail that is due. An address that was registered before and is not
 * proven is two people's: whoever reads the mail chooses the password, and neither of the two that were sent counts.
 */
async function open(wanted: Registration): Promise<"resend" | "recover"> {
  const { email, password, role } = wanted;
  const profile = profileOf(wanted);
  const made = await createAccount({ email, password, confirmed: false, metadata: profile });
  if (made) {
    await callAsService("auth_register", { userId: made, role, profile }).catch(async (error: unknown) => {
      await removeAccount(made);
      throw error;
    });
    return "resend";
  }
  await callAsService("auth_register_again", { email, role, profile });
  return "recover";
}
