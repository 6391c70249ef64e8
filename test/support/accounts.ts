import { randomUUID } from "node:crypto";
import type { Session, SupabaseClient } from "@supabase/supabase-js";
import { anonClient, db, serviceClient, stack } from "./stack.ts";

export const password = "correct-Horse-9";

/** An address that no other test uses. */
export function newEmail(): string {
  return `${randomUUID()}@example.test`;
}

export interface Account {
  client: SupabaseClient;
  email: string;
  id: string;
  session: Session;
}

/** A person whose address is proven, signed in. */
export async function newAccount(client: SupabaseClient = anonClient(), service = serviceClient()): Promise<Account> {
  const email = newEmail();
  const made = await service.auth.admin.createUser({ email, password, email_confirm: true });
  if (made.error) throw made.error;
  const { data, error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return { client, email, id: data.session.user.id, session: data.session };
}

/** Claims of a token, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

interface Mail {
  to: string;
  subject: string;
  text: string;
  link: string;
  code: string;
}

/** Has the last mails to an account be a minute old, so that the next is not too soon after them. */
export async function aMinuteLater(email: string): Promise<void> {
  const minute = "interval '1 minute'";
  const columns = ["confirmation_sent_at", "recovery_sent_at", "email_change_sent_at", "reauthentication_sent_at"];
  const earlier = columns.map((column) => `${column} = ${column} - ${minute}`).join(", ");
  await db().unsafe(`update auth.users set ${earlier} where email = $1`, [email.toLowerCase()]);
}

/** Mails to an address that the stack has caught, newest first. */
export async function mailsTo(address: string): Promise<Mail[]> {
  const answer = await fetch(`${stack.mailUrl}/api/messages?to=${encodeURIComponent(address)}`);
  return (await answer.json()) as Mail[];
}

/** What a mailed link leads to: the page, and what is handed to it behind the #. */
export async function followLink(link: string | undefined): Promise<{ page: string; handed: URLSearchParams }> {
  const answer = await fetch(link ?? "", { redirect: "manual" });
  const [page = "", fragment = ""] = (answer.headers.get("location") ?? "").split("#");
  return { page, handed: new URLSearchParams(fragment) };
}
