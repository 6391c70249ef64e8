import { Buffer } from "node:buffer";
import type postgres from "postgres";
import { refreshSession, type Session, signOut } from "./auth.ts";
import { database } from "./database.ts";
import { seal, sealingKey, unseal } from "./sealed.ts";
import { claimsOf } from "./token-claims.ts";

// A handle stands for a Supabase session where the client cannot renew its tokens. It is 32 random bytes that only the
// client has: their hash finds the row, and they are the key to what is in it.

/** How long a handle is good for, in seconds. */
export const handleSeconds = 7 * 24 * 3600;

/** A token is renewed when it has so little time left, in seconds, that a call might come too late with it. */
const renewBefore = 30;

/** What is sealed in a row; `expires` is when the access token does, in seconds. */
type Sealed = { access: string; refresh: string; expires: number };
type Row = { user_id: string; sealed_session: string };

/** Makes a handle for a session; the session belongs to it from now on. */
export async function openHandle(session: Session): Promise<string> {
  const handle = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
  const user = session.user.id;
  const sealed = await sealSession(handle, user, session);
  const sql = database();
  await sql`
    delete from platform.session_handles h
    where expires_at < now() or user_id = ${user} and not exists (select from auth.sessions s where s.id = h.session_id)`;
  await sql`
    insert into platform.session_handles (hash, user_id, session_id, sealed_session, expires_at)
    values (${await hashOf(handle)}, ${user}, ${String(claimsOf(session.access_token).session_id)}, ${sealed},
      now() + make_interval(secs => ${handleSeconds}))`;
  return handle;
}

/** An access token of the handle's session, renewed where it is about to expire; undefined where the handle is worth nothing. */
export async function tokenOf(handle: string): Promise<string | undefined> {
  if (!isHandle(handle)) return undefined;
  const row = await find(database(), handle);
  const held = row && (await opened(handle, row));
  return held && isFresh(held) ? held.access : held && renewed(handle);
}

/** Ends a handle and its session; whether there was one is no matter. */
export async function closeHandle(handle: string): Promise<void> {
  if (!isHandle(handle)) return;
  const token = await tokenOf(handle);
  await forget(database(), handle);
  if (token) await signOut(token, "local").catch(() => undefined);
}

/**
 * Renews the session, one call at a time: whoever comes meanwhile waits, and finds what the first one got. The row itself
 * is not locked while Auth is asked: Auth waits for the session, and whoever removes the account holds that and waits for
 * the row, which no database would notice.
 */
function renewed(handle: string): Promise<string | undefined> {
  return database().begin(async (sql) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(encode(${await hashOf(handle)}, 'hex'), 0))`;
    const row = await find(sql, handle);
    const held = row && (await opened(handle, row));
    if (!row || !held || isFresh(held)) return held?.access;
    const session = await refreshSession(held.refresh);
    if (!session) {
      await forget(sql, handle);
      return undefined;
    }
    const sealed = await sealSession(handle, row.user_id, session);
    await sql`update platform.session_handles set sealed_session = ${sealed} where hash = ${await hashOf(handle)}`;
    return session.access_token;
  }) as Promise<string | undefined>;
}

type Sql = postgres.Sql | postgres.TransactionSql;

async function find(sql: Sql, handle: string): Promise<Row | undefined> {
  const [row] = await sql<Row[]>`
    select h.user_id, h.sealed_session from platform.session_handles h join auth.sessions s on s.id = h.session_id
    where h.hash = ${await hashOf(handle)} and h.expires_at > now() and (s.not_after is null or s.not_after > now())`;
  return row;
}

async function forget(sql: Sql, handle: string): Promise<void> {
  await sql`delete from platform.session_handles where hash = ${await hashOf(handle)}`;
}

async function sealSession(handle: string, user: string, session: Session): Promise<string> {
  const { access_token: access, refresh_token: refresh, expires_in } = session;
  const held: Sealed = { access, refresh, expires: Math.floor(Date.now() / 1000) + expires_in };
  return seal(await sealingKey(handle), user, JSON.stringify(held));
}

async function opened(handle: string, { user_id, sealed_session }: Row): Promise<Sealed> {
  return JSON.parse(await unseal(await sealingKey(handle), user_id, sealed_session)) as Sealed;
}

function isFresh({ expires }: Sealed): boolean {
  return expires - renewBefore > Date.now() / 1000;
}

/** Whether a text has the form of a handle. */
export function isHandle(text: string): boolean {
  return /^[\w-]{43}$/.test(text);
}

async function hashOf(handle: string): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(handle)));
}
