import { randomUUID } from "node:crypto";
import type { AuthConfig } from "../auth-config.ts";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import type { OpenSession } from "./sessions.ts";
import type { Sql } from "./users.ts";

/**
 * Exchanges a refresh token for the next one. Who asks twice within the reuse interval, a page that is open in two places,
 * gets the same one; an older token that comes back was stolen, or its successor was, and ends the session.
 *
 * @throws AuthRefusal 400 `refresh_token_not_found`, `refresh_token_already_used`, `session_expired` or `user_banned`
 */
export async function refreshTokens({ sql, config }: AuthContext, token: string): Promise<OpenSession> {
  const { refreshTokenRotation, refreshTokenReuseInterval } = config.auth;
  // The outcome is thrown afterwards: the end of a session must be committed.
  const outcome = await sql.begin(async (transaction): Promise<OpenSession | "unknown" | "used"> => {
    const sessionId = await lockSession(transaction, config.auth, token);
    if (!sessionId) return "unknown";
    const [{ revoked, fresh } = { revoked: true, fresh: false }] = await transaction<
      { revoked: boolean; fresh: boolean }[]
    >`
      select revoked, updated_at > clock_timestamp() - make_interval(secs => ${refreshTokenReuseInterval}) as fresh
      from auth.refresh_tokens where token = ${token}`;
    if (!revoked) {
      const refreshToken = refreshTokenRotation ? await nextToken(transaction, sessionId, token) : token;
      await transaction`update auth.sessions set refreshed_at = now(), updated_at = now() where id = ${sessionId}`;
      return { sessionId, refreshToken };
    }
    const [next] = await transaction<{ token: string }[]>`
      select token from auth.refresh_tokens where session_id = ${sessionId} and parent = ${token} and not revoked`;
    if (next && fresh) return { sessionId, refreshToken: next.token };
    await transaction`update auth.refresh_tokens set revoked = true, updated_at = now() where session_id = ${sessionId} and not revoked`;
    await transaction`update auth.sessions set not_after = now() where id = ${sessionId}`;
    return "used";
  });
  if (outcome === "unknown") {
    throw new AuthRefusal(400, "refresh_token_not_found", "Invalid Refresh Token: Refresh Token Not Found");
  }
  if (outcome === "used")
    throw new AuthRefusal(400, "refresh_token_already_used", "Invalid Refresh Token: Already Used");
  return outcome;
}

/** The session of a refresh token, locked, so that those who ask at once are served one after the other. */
async function lockSession(sql: Sql, config: AuthConfig, token: string): Promise<string | undefined> {
  const { sessionLength, sessionIdle } = config;
  const [session] = await sql<{ id: string; banned: boolean; over: boolean; idle: boolean }[]>`
    select s.id, coalesce(u.banned_until > now(), false) as banned,
      coalesce(s.created_at < now() - make_interval(secs => ${sessionLength ?? null}), false) as over,
      coalesce(coalesce(s.refreshed_at::timestamptz, s.created_at) < now() - make_interval(secs => ${sessionIdle ?? null}), false) as idle
    from auth.sessions s join auth.users u on u.id = s.user_id
    where s.id = (select r.session_id from auth.refresh_tokens r where r.token = ${token}) for update of s`;
  if (session?.banned) throw new AuthRefusal(400, "user_banned", "Invalid Refresh Token: User Banned");
  if (session?.over) throw sessionExpired("Session Expired");
  if (session?.idle) throw sessionExpired("Session Expired (Inactivity)");
  return session?.id;
}

function sessionExpired(why: string): AuthRefusal {
  return new AuthRefusal(400, "session_expired", `Invalid Refresh Token: ${why}`);
}

/** Puts a new token in the place of the one that a session has, or of its first. */
export async function nextToken(sql: Sql, sessionId: string, parent?: string): Promise<string> {
  const token = randomUUID();
  await sql`
    update auth.refresh_tokens set revoked = true, updated_at = clock_timestamp() where session_id = ${sessionId} and not revoked`;
  await sql`
    insert into auth.refresh_tokens (id, token, user_id, session_id, parent)
    select ${randomUUID()}, ${token}, s.user_id, s.id, ${parent ?? null} from auth.sessions s where s.id = ${sessionId}`;
  return token;
}

/** The next token of a session, whatever the present one is. */
export async function followingToken(sql: Sql, sessionId: string): Promise<string> {
  await sql`select from auth.sessions where id = ${sessionId} for update`;
  const [present] = await sql<{ token: string }[]>`
    select token from auth.refresh_tokens where session_id = ${sessionId} and not revoked`;
  return nextToken(sql, sessionId, present?.token);
}
