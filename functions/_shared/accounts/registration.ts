import process from "node:process";
import { createAccount, removeAccount, sendMail } from "../auth.ts";
import { callAsService } from "../auth-service.ts";
import { beatOf, inBackground, untilBeat } from "../auth-timing.ts";
import { clientAddress, takeAttempt } from "../rate-limit.ts";
import { type Accounts, type NewAccount, type Registration, siteOf } from "./declaration.ts";

/** A registration takes this long, in ms, or a multiple, whether the address is new or not. */
const registrationBeat = 800;

/** What a person says of himself, and nothing that gives a right. */
export function profileOf({ firstName, lastName, company, phone }: NewAccount): Record<string, unknown> {
  return { firstName, lastName, ...(company ? { company } : {}), ...(phone ? { phone } : {}) };
}

/**
 * Registers. Answers the same, after the same time, whether the address has an account or not: what there is to say goes to
 * the mailbox. Throws a Problem (429) after too many registrations.
 */
export async function register(accounts: Accounts, wanted: Registration, caller: Headers): Promise<string> {
  await takeAttempt({ register_account: wanted.email, register_ip: clientAddress(caller) });
  const started = performance.now();
  try {
    // A mail takes as long as the mail server likes.
    inBackground(sendMail(await open(accounts, wanted), wanted.email, siteOf(accounts, process.env)));
  } finally {
    await untilBeat(started, beatOf(registrationBeat));
  }
  return "Vérifiez votre boîte mail : un message vous dit comment continuer.";
}

/**
 * Makes the account where there is none; returns the mail that is due. An address that was registered before and is not
 * proven is two people's: whoever reads the mail chooses the password, and neither of the two that were sent counts. One that
 * is proven and no member here becomes one by the same mail, with the password that it has.
 */
async function open({ system }: Accounts, wanted: Registration): Promise<"resend" | "recover"> {
  const { email, password, role } = wanted;
  const profile = profileOf(wanted);
  const asked = { system: system.slug, role, profile };
  const made = await createAccount({ email, password, confirmed: false, metadata: profile });
  if (made) {
    await callAsService("register", { ...asked, userId: made }, "platform_api").catch(async (error: unknown) => {
      await removeAccount(made);
      throw error;
    });
    return "resend";
  }
  await callAsService("register_again", { ...asked, email }, "platform_api");
  return "recover";
}
