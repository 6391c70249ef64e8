import { randomUUID } from "node:crypto";
import type { AuthServerConfig } from "./config.ts";
import { AuthRefusal } from "./errors.ts";
import { nextToken } from "./refresh-tokens.ts";
import { bearerClaims, type Claims, signToken } from "./tokens.ts";
import { findUser, isBanned, type Sql, type UserJson } from "./users.ts";

/** A session as GoTrue answers it to a sign-in. */
export interface SessionJson {
  access_token: string;
  token_type: "bearer";
  expires_in: number;
  expires_at: number;
  refresh_token: string;
  user: UserJson;
}

/** The caller of a route that wants a signed-in user. */
export interface SignedIn {
  user: UserJson;
  sessionId: string;
  aal: "aal1" | "aal2";
}

/** A session and the refresh token that it has now. */
export interface OpenSession {
  sessionId: string;
  refreshToken: string;
}

/** Opens a session of somebody who has just proved who he is. */
export async function openSession(sql: Sql, userId: string, method: string): Promise<OpenSession> {
  const sessionId = randomUUID();
  await sql`update auth.users set last_sign_in_at = now() where id = ${userId}`;
  await sql`insert into auth.sessions (id, user_id, aal) values (${sessionId}, ${userId}, 'aal1')`;
  await recordMethod(sql, sessionId, method);
  return { sessionId, refreshToken: await nextToken(sql, sessionId) };
}

/** Remembers how a session proved who it is: `password`, `otp`, `totp`. */
export async function recordMethod(sql: Sql, sessionId: string, method: string): Promise<void> {
  await sql`
    insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
    values (${randomUUID()}, ${sessionId}, ${method}, now(), now())
    on conflict (session_id, authentication_method) do update set updated_at = excluded.updated_at`;
}

/**
 * Writes the tokens of a session from what the database holds now, so that a role, metadata or a second factor that
 * changed meanwhile is in the next token.
 *
 * @throws AuthRefusal 400 `user_banned`; 403 `session_not_found`
 */
export async function issueSession(sql: Sql, config: AuthServerConfig, session: OpenSession): Promise<SessionJson> {
  const [row] = await sql<{ user_id: string; aal: string | null; amr: { method: string; timestamp: number }[] }[]>`
    select s.user_id, s.aal, coalesce((
      select jsonb_agg(jsonb_build_object(
        'method', a.authentication_method, 'timestamp', floor(extract(epoch from a.updated_at))::bigint
      ) order by a.updated_at desc)
      from auth.mfa_amr_claims a where a.session_id = s.id), '[]') as amr
    from auth.sessions s where s.id = ${session.sessionId}`;
  const user = row && (await findUser(sql, row.user_id));
  if (!user) throw new AuthRefusal(403, "session_not_found", "Session from session_id claim in JWT does not exist");
  if (isBanned(user)) {
    await sql`delete from auth.sessions where id = ${session.sessionId}`;
    throw new AuthRefusal(400, "user_banned", "User is banned");
  }
  const issuedAt = Math.floor(Date.now() / 1000);
  const claims: Claims = {
    iss: `${config.apiUrl}/auth/v1`,
    sub: user.id,
    aud: user.aud,
    exp: issuedAt + config.auth.jwtExpiry,
    iat: issuedAt,
    email: user.email,
    phone: user.phone,
    app_metadata: user.app_metadata,
    user_metadata: user.user_metadata,
    role: user.role,
    aal: row.aal ?? "aal1",
    amr: row.amr,
    session_id: session.sessionId,
    is_anonymous: user.is_anonymous,
  };
  return {
    access_token: await signToken(claims, config.jwtSecret),
    token_type: "bearer",
    expires_in: config.auth.jwtExpiry,
    expires_at: issuedAt + config.auth.jwtExpiry,
    refresh_token: session.refreshToken,
    user,
  };
}

/**
 * The user behind an Authorization header, whose session must still exist.
 *
 * @throws AuthRefusal 401 `no_authorization`, 403 `bad_jwt`, `session_not_found`, `user_not_found` or `user_banned`
 */
export async function requireUser(
  sql: Sql,
  config: AuthServerConfig,
  authorization: string | undefined,
): Promise<SignedIn> {
  const claims = await bearerClaims(authorization, config.jwtSecret);
  if (!claims.sub) throw new AuthRefusal(403, "bad_jwt", "invalid claim: missing sub claim");
  if (!claims.session_id) throw new AuthRefusal(403, "session_not_found", "The token belongs to no session");
  const user = await findUser(sql, claims.sub);
  if (!user) throw new AuthRefusal(403, "user_not_found", "User from sub claim in JWT does not exist");
  const [session] = await sql<{ aal: string | null }[]>`
    select aal from auth.sessions where id = ${claims.session_id} and user_id = ${claims.sub}
      and (not_after is null or not_after > now())`;
  if (!session) {
    throw new AuthRefusal(403, "session_not_found", "Session from session_id claim in JWT does not exist");
  }
  if (isBanned(user)) throw new AuthRefusal(403, "user_banned", "User is banned");
  // Both must say so: a token from before the second factor stays aal1, and so does one whose factor was removed.
  const aal = session.aal === "aal2" && claims.aal === "aal2" ? "aal2" : "aal1";
  return { user, sessionId: claims.session_id, aal };
}

/** Refuses unless the token was issued to the service itself, as GoTrue's admin routes do. */
export async function requireServiceRole(config: AuthServerConfig, authorization: string | undefined): Promise<void> {
  const claims = await bearerClaims(authorization, config.jwtSecret);
  if (claims.role !== "service_role") throw new AuthRefusal(403, "not_admin", "User not allowed");
}
