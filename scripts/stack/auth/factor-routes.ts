import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import { followingToken } from "./refresh-tokens.ts";
import { issueSession, recordMethod, requireUser, type SignedIn } from "./sessions.ts";
import { checkTotpCode, createTotpSecret } from "./totp.ts";
import { findUser, type Sql } from "./users.ts";

const challengeSeconds = 300;

/** GoTrue's routes for a second factor of the kind TOTP, on the caller's own account. */
export function factorRoutes(context: AuthContext): Hono {
  const app = new Hono();
  app.post("/factors", (c) => enroll(context, c));
  app.post("/factors/:id/challenge", (c) => challenge(context, c));
  app.post("/factors/:id/verify", (c) => verify(context, c));
  app.delete("/factors/:id", (c) => unenroll(context, c));
  return app;
}

function caller({ sql, config }: AuthContext, c: Context): Promise<SignedIn> {
  return requireUser(sql, config, c.req.header("Authorization"));
}

const enrollParams = z.object({
  factor_type: z.string(),
  friendly_name: z.string().max(100).optional(),
  issuer: z.string().max(100).optional(),
});

async function enroll(context: AuthContext, c: Context): Promise<Response> {
  const { user, aal } = await caller(context, c);
  const params = await readBody(c, enrollParams);
  if (params.factor_type !== "totp") {
    throw new AuthRefusal(422, "validation_failed", "factor_type needs to be totp");
  }
  const { totp: allowed, maxFactors, siteUrl } = context.config.auth;
  if (!allowed.enroll) throw new AuthRefusal(422, "mfa_totp_enroll_not_enabled", "MFA enroll is disabled for TOTP");
  await context.sql`
    delete from auth.mfa_factors
    where user_id = ${user.id} and status = 'unverified' and created_at < now() - make_interval(secs => ${challengeSeconds})`;
  const { factors = [] } = (await findUser(context.sql, user.id)) ?? user;
  const name = params.friendly_name?.trim() ?? "";
  // No name is one as well: who enrols a second factor has to name one of the two.
  if (factors.some((factor) => factor.friendly_name === name)) {
    const message = `A factor with the friendly name "${name}" for this user already exists`;
    throw new AuthRefusal(422, "mfa_factor_name_conflict", message);
  }
  if (factors.length >= maxFactors) {
    const message = "Maximum number of verified factors reached, unenroll to continue";
    throw new AuthRefusal(422, "too_many_enrolled_mfa_factors", message);
  }
  if (factors.some((factor) => factor.status === "verified") && aal !== "aal2") {
    throw new AuthRefusal(403, "insufficient_aal", "AAL2 required to enroll a new factor");
  }
  const id = randomUUID();
  const totp = createTotpSecret(params.issuer || new URL(siteUrl).host, user.email);
  await context.sql`
    insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, secret, created_at, updated_at)
    values (${id}, ${user.id}, ${name}, 'totp', 'unverified', ${totp.secret}, now(), now())`;
  return c.json({ id, type: "totp", friendly_name: name, totp });
}

async function challenge(context: AuthContext, c: Context): Promise<Response> {
  const { user } = await caller(context, c);
  const factor = await findFactor(context.sql, user.id, c.req.param("id"));
  requireVerifying(context);
  const id = randomUUID();
  await context.sql`delete from auth.mfa_challenges where created_at < now() - interval '1 day'`;
  await context.sql`
    insert into auth.mfa_challenges (id, factor_id, created_at, ip_address)
    values (${id}, ${factor.id}, now(), '127.0.0.1')`;
  return c.json({ id, type: "totp", expires_at: Math.floor(Date.now() / 1000) + challengeSeconds });
}

async function verify(context: AuthContext, c: Context): Promise<Response> {
  const { sql, config } = context;
  const { user, sessionId } = await caller(context, c);
  const params = await readBody(c, z.object({ challenge_id: z.uuid(), code: z.string() }));
  const factor = await findFactor(sql, user.id, c.req.param("id"));
  requireVerifying(context);
  await limited(context, c, { kind: "verify", account: user.email }, async () => {
    const outcome = await sql.begin(async (transaction) => {
      await claimChallenge(transaction, factor.id, params.challenge_id);
      const outcome = await checkTotpCode(transaction, factor.id, factor.secret, params.code);
      if (outcome === "accepted") await raiseSession(transaction, { userId: user.id, sessionId, factor, ...params });
      return outcome;
    });
    if (outcome === "paused") throw new AuthRefusal(429, "over_request_rate_limit", "Request rate limit reached");
    if (outcome === "wrong") throw new AuthRefusal(422, "mfa_verification_failed", "Invalid TOTP code entered");
  });
  const refreshToken = await sql.begin((transaction) => followingToken(transaction, sessionId));
  return c.json(await issueSession(sql, config, { sessionId, refreshToken }));
}

function requireVerifying({ config }: AuthContext): void {
  if (config.auth.totp.verify) return;
  throw new AuthRefusal(422, "mfa_totp_verify_not_enabled", "MFA verification is disabled for TOTP");
}

async function claimChallenge(sql: Sql, factorId: string, challengeId: string): Promise<void> {
  const [challenge] = await sql<{ used: boolean; open: boolean }[]>`
    select verified_at is not null as used, created_at > now() - make_interval(secs => ${challengeSeconds}) as open
    from auth.mfa_challenges where id = ${challengeId} and factor_id = ${factorId} for update`;
  if (!challenge) {
    throw new AuthRefusal(404, "mfa_factor_not_found", "MFA factor with the provided challenge ID not found");
  }
  if (challenge.used) {
    throw new AuthRefusal(422, "mfa_ip_address_mismatch", "Challenge and verify IP addresses mismatch");
  }
  if (!challenge.open) {
    const message = `MFA challenge ${challengeId} has expired, verify against another challenge or create a new challenge.`;
    throw new AuthRefusal(422, "mfa_challenge_expired", message);
  }
}

async function raiseSession(
  sql: Sql,
  proof: { userId: string; sessionId: string; factor: Factor; challenge_id: string },
): Promise<void> {
  const { userId, sessionId, factor } = proof;
  await sql`update auth.mfa_challenges set verified_at = now() where id = ${proof.challenge_id}`;
  await sql`update auth.sessions set aal = 'aal2', factor_id = ${factor.id}, updated_at = now() where id = ${sessionId}`;
  await recordMethod(sql, sessionId, "totp");
  if (factor.status === "verified") return;
  await sql`update auth.mfa_factors set status = 'verified', updated_at = now() where id = ${factor.id}`;
  // With the first factor the account asks more of every session; those that cannot show it end.
  await sql`delete from auth.mfa_factors where user_id = ${userId} and status = 'unverified'`;
  await sql`delete from auth.sessions where user_id = ${userId} and coalesce(aal, 'aal1') = 'aal1'`;
}

async function unenroll(context: AuthContext, c: Context): Promise<Response> {
  const { user, aal } = await caller(context, c);
  const factor = await findFactor(context.sql, user.id, c.req.param("id"));
  if (factor.status === "verified" && aal !== "aal2") {
    throw new AuthRefusal(422, "insufficient_aal", "AAL2 required to unenroll verified factor");
  }
  await context.sql.begin(async (sql) => {
    await sql`delete from auth.mfa_factors where id = ${factor.id}`;
    await sql`
      delete from auth.mfa_amr_claims a using auth.sessions s
      where a.session_id = s.id and s.factor_id = ${factor.id} and a.authentication_method = 'totp'`;
    await sql`update auth.sessions set aal = 'aal1', factor_id = null where factor_id = ${factor.id}`;
  });
  return c.json({ id: factor.id });
}

interface Factor {
  id: string;
  status: "verified" | "unverified";
  secret: string;
}

async function findFactor(sql: Sql, userId: string, id: string | undefined): Promise<Factor> {
  const [factor] = z.uuid().safeParse(id).success
    ? await sql<Factor[]>`
        select id, status, secret from auth.mfa_factors
        where id = ${id ?? ""} and user_id = ${userId} and factor_type = 'totp'`
    : [];
  if (!factor) throw new AuthRefusal(404, "mfa_factor_not_found", "Factor not found");
  return factor;
}
