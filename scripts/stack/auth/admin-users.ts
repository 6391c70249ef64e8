import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { AuthConfig } from "../auth-config.ts";
import { goDuration } from "../go-duration.ts";
import { AuthRefusal, emailExistsMessage, phoneExistsMessage } from "./errors.ts";
import { endOldPassword, hashPassword, requireStrong } from "./passwords.ts";
import { findUser, type Sql, type UserJson } from "./users.ts";

const metadata = z.record(z.string(), z.unknown());

/** What an admin may set of a user. */
export const userParams = z.object({
  id: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  password: z.string().nullish(),
  password_hash: z.string().optional(),
  email_confirm: z.boolean().optional(),
  phone_confirm: z.boolean().optional(),
  user_metadata: metadata.nullish(),
  app_metadata: metadata.nullish(),
  role: z.string().optional(),
  ban_duration: z.string().optional(),
});

export type UserParams = z.infer<typeof userParams>;

/**
 * Makes a user with an identity for each of address and telephone, as the admin route does: whoever has the secret key may
 * choose a weak password. An empty password is none, so that nobody signs in by it; without one it is drawn at random.
 *
 * @throws AuthRefusal 400 `validation_failed`, 422 `email_exists` or `phone_exists`
 */
export async function createUser(sql: Sql, params: UserParams): Promise<UserJson> {
  const email = params.email ? checkEmail(params.email) : undefined;
  const phone = params.phone ? checkPhone(params.phone) : undefined;
  if (!email && !phone) throw invalid("Cannot create a user without either an email or phone");
  if (email) await refuseTaken(sql, email);
  if (phone) await refuseTakenPhone(sql, phone);
  const id = params.id ? checkId(params.id) : randomUUID();
  const providers = [...(email ? ["email"] : []), ...(phone ? ["phone"] : [])];
  const appMetadata = merge({ provider: providers[0], providers }, params.app_metadata ?? {});
  const userMetadata = { ...params.user_metadata, ...(email && params.email_confirm && { email_verified: true }) };
  await sql`
    insert into auth.users (id, aud, role, email, phone, encrypted_password, email_confirmed_at, phone_confirmed_at,
      raw_app_meta_data, raw_user_meta_data, banned_until)
    values (${id}, 'authenticated', ${params.role || "authenticated"}, ${email ?? null}, ${phone ?? null},
      ${await hashOf(params)}, ${params.email_confirm ? new Date() : null}, ${params.phone_confirm ? new Date() : null},
      ${sql.json(asJson(appMetadata))}, ${sql.json(asJson(userMetadata))}, ${bannedUntil(params.ban_duration) ?? null})`;
  if (email) await saveEmailIdentity(sql, id, email, params.email_confirm ?? false);
  if (phone) await savePhoneIdentity(sql, id, phone, params.phone_confirm ?? false);
  return requireFound(await findUser(sql, id));
}

/** The hash of a new user's password. */
async function hashOf({ password, password_hash }: UserParams): Promise<string> {
  if (password && password_hash) throw invalid("Only a password or a password hash should be provided");
  if (!password_hash) return password_hash ?? hashPassword(password || randomUUID());
  if (!/^\$2[aby]\$\d\d\$[./\w]{53}$/.test(password_hash)) throw invalid("The password hash is none of bcrypt");
  return password_hash;
}

/**
 * Changes what the parameters name and leaves the rest; metadata is merged, a null removes its key.
 *
 * @throws AuthRefusal 404 `user_not_found`, 400 `validation_failed`, 422 `weak_password`, `email_exists` or `phone_exists`
 */
export async function updateUser(sql: Sql, config: AuthConfig, id: string, params: UserParams): Promise<UserJson> {
  const user = requireFound(await findUser(sql, id));
  const email = params.email ? checkEmail(params.email) : undefined;
  const phone = params.phone ? checkPhone(params.phone) : undefined;
  const newPassword = typeof params.password === "string" ? params.password : undefined;
  if (newPassword !== undefined) requireStrong(config, newPassword);
  if (email && email !== user.email) {
    await refuseTaken(sql, email);
    await sql`update auth.users set email = ${email} where id = ${id}`;
    await saveEmailIdentity(sql, id, email, params.email_confirm ?? false);
  }
  if (phone && phone !== user.phone) {
    await refuseTakenPhone(sql, phone);
    await savePhoneIdentity(sql, id, phone, params.phone_confirm ?? false);
  }
  const ban = params.ban_duration === undefined ? undefined : bannedUntil(params.ban_duration);
  const changes = {
    ...(newPassword !== undefined && { encrypted_password: await hashPassword(newPassword) }),
    ...(params.password_hash && { encrypted_password: params.password_hash }),
    ...(params.email_confirm && !user.email_confirmed_at && { email_confirmed_at: new Date() }),
    ...(phone && { phone }),
    ...(params.phone_confirm && { phone_confirmed_at: new Date() }),
    ...(params.role && { role: params.role }),
    ...(params.app_metadata && { raw_app_meta_data: sql.json(asJson(merge(user.app_metadata, params.app_metadata))) }),
    ...(params.user_metadata && {
      raw_user_meta_data: sql.json(asJson(merge(user.user_metadata, params.user_metadata))),
    }),
    ...(ban !== undefined && { banned_until: ban }),
    updated_at: new Date(),
  };
  await sql`update auth.users set ${sql(changes)} where id = ${id}`;
  if (newPassword !== undefined || params.password_hash) await endOldPassword(sql, id);
  return requireFound(await findUser(sql, id));
}

/**
 * Removes a user, or with `soft` only what identifies the person, so that rows that point to the user stay valid.
 *
 * @throws AuthRefusal 404 `user_not_found`
 */
export async function deleteUser(sql: Sql, id: string, soft: boolean): Promise<void> {
  if (!soft) {
    const rows = await sql`delete from auth.users where id = ${id} returning id`;
    if (rows.length === 0) requireFound(undefined);
    return;
  }
  const user = requireFound(await findUser(sql, id));
  const obscured = createHash("sha256").update(`${id}${user.email}`).digest("base64url");
  await sql`
    update auth.users set email = ${obscured}, phone = null, encrypted_password = '', deleted_at = now(),
      raw_app_meta_data = '{}', raw_user_meta_data = '{}', confirmation_token = null, recovery_token = null
    where id = ${id}`;
  await sql`delete from auth.identities where user_id = ${id}`;
  await sql`delete from auth.mfa_factors where user_id = ${id}`;
  await sql`delete from auth.sessions where user_id = ${id}`;
}

/** The user, or GoTrue's 404. */
export function requireFound(user: UserJson | undefined): UserJson {
  if (!user) throw new AuthRefusal(404, "user_not_found", "User not found");
  return user;
}

function invalid(message: string): AuthRefusal {
  return new AuthRefusal(400, "validation_failed", message);
}

const addressForm = /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z\d]([a-z\d-]{0,61}[a-z\d])?(\.[a-z\d]([a-z\d-]{0,61}[a-z\d])?)*$/;

/** The address as it is kept. Throws AuthRefusal 400 `validation_failed`. */
export function checkEmail(email: string): string {
  if (email === "") throw invalid("An email address is required");
  if (Buffer.byteLength(email) > 255) throw invalid("An email address is too long");
  const kept = email.toLowerCase();
  if (!addressForm.test(kept)) throw invalid("Unable to validate email address: invalid format");
  return kept;
}

/** The number as it is kept. Throws AuthRefusal 400 `validation_failed`. */
export function checkPhone(phone: string): string {
  const kept = phone.replace(/^\+/, "").replaceAll(" ", "");
  if (!/^[1-9]\d{1,14}$/.test(kept)) throw invalid("Invalid phone number format (E.164 required)");
  return kept;
}

function checkId(id: string): string {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id)) throw invalid("ID must conform to the uuid v4 format");
  if (/^[0-]+$/.test(id)) throw invalid("ID cannot be a nil uuid");
  return id;
}

/** Throws AuthRefusal 422 `email_exists`. */
export async function refuseTaken(sql: Sql, email: string): Promise<void> {
  const taken = await sql`select from auth.users where email = ${email}`;
  if (taken.length > 0) throw new AuthRefusal(422, "email_exists", emailExistsMessage);
}

async function refuseTakenPhone(sql: Sql, phone: string): Promise<void> {
  const taken = await sql`select from auth.users where phone = ${phone}`;
  if (taken.length > 0) throw new AuthRefusal(422, "phone_exists", phoneExistsMessage);
}

/** The sign-in by e-mail that belongs to a user, made or changed. */
export function saveEmailIdentity(sql: Sql, userId: string, email: string, verified: boolean): Promise<void> {
  return saveIdentity(sql, "email", { sub: userId, email, email_verified: verified, phone_verified: false });
}

function savePhoneIdentity(sql: Sql, userId: string, phone: string, verified: boolean): Promise<void> {
  return saveIdentity(sql, "phone", { sub: userId, phone, email_verified: false, phone_verified: verified });
}

async function saveIdentity(sql: Sql, provider: string, data: { sub: string; [claim: string]: string | boolean }) {
  await sql`
    insert into auth.identities (id, provider, provider_id, user_id, identity_data)
    values (${randomUUID()}, ${provider}, ${data.sub}, ${data.sub}, ${sql.json(data)})
    on conflict (provider, provider_id) do update set identity_data = excluded.identity_data, updated_at = now()`;
}

/** End of a ban given as a Go duration such as `24h` or `1h30m`; null lifts it. */
function bannedUntil(duration: string | undefined): Date | null | undefined {
  if (!duration) return undefined;
  if (duration === "none") return null;
  const seconds = goDuration(duration);
  if (seconds === undefined) throw invalid(`invalid format for ban duration: time: invalid duration "${duration}"`);
  return seconds === 0 ? null : new Date(Date.now() + seconds * 1000);
}

/** Metadata with its changes; a null removes its key. */
export function merge(present: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...present, ...changes }).filter(([, value]) => value !== null));
}

// The driver's type of a JSON value is narrower than what a parsed body is known to be.
export function asJson(value: Record<string, unknown>): Parameters<Sql["json"]>[0] {
  return value as Parameters<Sql["json"]>[0];
}
