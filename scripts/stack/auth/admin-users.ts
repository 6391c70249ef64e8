import { createHash, randomUUID } from "node:crypto";
import bcrypt from "bcryptjs";
import { z } from "zod";
import { AuthRefusal, emailExistsMessage } from "./errors.ts";
import { findUser, type Sql, type UserJson } from "./users.ts";

const metadata = z.record(z.string(), z.unknown());

/** What an admin may set of a user. */
export const userParams = z.object({
  id: z.uuid().optional(),
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

export const minimumPasswordLength = 8;

/**
 * Makes a user with an e-mail identity, as the admin route does.
 *
 * @throws AuthRefusal 400 `validation_failed`, 422 `weak_password` or `email_exists`
 */
export async function createUser(sql: Sql, params: UserParams): Promise<UserJson> {
  const email = params.email === undefined ? undefined : checkEmail(params.email);
  if (!email && !params.phone) {
    throw new AuthRefusal(400, "validation_failed", "Cannot create a user without either an email or phone");
  }
  if (email) await refuseTaken(sql, email);
  const id = params.id ?? randomUUID();
  const provider = email ? "email" : "phone";
  const appMetadata = { provider, providers: [provider], ...params.app_metadata };
  const userMetadata = { ...params.user_metadata, ...(email && params.email_confirm && { email_verified: true }) };
  const password = params.password_hash ?? (await hashPassword(params.password || randomUUID()));
  await sql`
    insert into auth.users (id, aud, role, email, phone, encrypted_password, email_confirmed_at, phone_confirmed_at,
      raw_app_meta_data, raw_user_meta_data, banned_until)
    values (${id}, 'authenticated', ${params.role || "authenticated"}, ${email ?? null}, ${params.phone || null},
      ${password}, ${params.email_confirm ? new Date() : null}, ${params.phone_confirm ? new Date() : null},
      ${sql.json(asJson(appMetadata))}, ${sql.json(asJson(userMetadata))}, ${bannedUntil(params.ban_duration) ?? null})`;
  if (email) await saveEmailIdentity(sql, id, email, params.email_confirm ?? false);
  return requireFound(await findUser(sql, id));
}

/**
 * Changes what the parameters name and leaves the rest; metadata is merged, a null removes its key.
 *
 * @throws AuthRefusal 404 `user_not_found`, 400 `validation_failed`, 422 `weak_password` or `email_exists`
 */
export async function updateUser(sql: Sql, id: string, params: UserParams): Promise<UserJson> {
  const user = requireFound(await findUser(sql, id));
  const email = params.email ? checkEmail(params.email) : undefined;
  if (email && email !== user.email) {
    await refuseTaken(sql, email);
    await sql`update auth.users set email = ${email} where id = ${id}`;
    await saveEmailIdentity(sql, id, email, params.email_confirm ?? false);
  }
  const ban = params.ban_duration === undefined ? undefined : bannedUntil(params.ban_duration);
  const changes = {
    ...(params.password && { encrypted_password: await hashPassword(params.password) }),
    ...(params.password_hash && { encrypted_password: params.password_hash }),
    ...(params.email_confirm && !user.email_confirmed_at && { email_confirmed_at: new Date() }),
    ...(params.phone && { phone: params.phone }),
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
  if (params.password || params.password_hash) await sql`delete from auth.sessions where user_id = ${id}`;
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

/** The address as it is kept. Throws AuthRefusal 400 `validation_failed`. */
export function checkEmail(email: string): string {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) {
    throw new AuthRefusal(400, "validation_failed", "Unable to validate email address: invalid format");
  }
  return email.toLowerCase();
}

/** Throws AuthRefusal 422 `email_exists`. */
export async function refuseTaken(sql: Sql, email: string): Promise<void> {
  const taken = await sql`select from auth.users where email = ${email}`;
  if (taken.length > 0) {
    throw new AuthRefusal(422, "email_exists", emailExistsMessage);
  }
}

/** Throws AuthRefusal 422 `weak_password`, 400 `validation_failed`. */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < minimumPasswordLength) {
    const message = `Password should be at least ${minimumPasswordLength} characters.`;
    throw new AuthRefusal(422, "weak_password", message, { weak_password: { reasons: ["length"] } });
  }
  if (Buffer.byteLength(password) > 72) {
    throw new AuthRefusal(400, "validation_failed", "Password cannot be longer than 72 characters");
  }
  return bcrypt.hash(password, 10);
}

/** The sign-in by e-mail that belongs to a user, made or changed. */
export async function saveEmailIdentity(sql: Sql, userId: string, email: string, verified: boolean): Promise<void> {
  const data = { sub: userId, email, email_verified: verified, phone_verified: false };
  await sql`
    insert into auth.identities (id, provider, provider_id, user_id, identity_data)
    values (${randomUUID()}, 'email', ${userId}, ${userId}, ${sql.json(data)})
    on conflict (provider, provider_id) do update set identity_data = excluded.identity_data, updated_at = now()`;
}

const unitSeconds: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** End of a ban given as a Go duration such as `24h` or `1h30m`; null lifts it. */
function bannedUntil(duration: string | undefined): Date | null | undefined {
  if (duration === undefined) return undefined;
  if (duration === "none") return null;
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(duration)) {
    throw new AuthRefusal(
      400,
      "validation_failed",
      `invalid format for ban duration: time: invalid duration "${duration}"`,
    );
  }
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)];
  const seconds = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitSeconds[unit ?? ""] ?? 0), 0);
  return new Date(Date.now() + seconds * 1000);
}

function merge(present: Record<string, unknown>, changes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...present, ...changes }).filter(([, value]) => value !== null));
}

// The driver's type of a JSON value is narrower than what a parsed body is known to be.
function asJson(value: Record<string, unknown>): Parameters<Sql["json"]>[0] {
  return value as Parameters<Sql["json"]>[0];
}
