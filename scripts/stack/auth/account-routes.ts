import { type Context, Hono } from "hono";
import { decode } from "hono/jwt";
import { z } from "zod";
import { createOneTimeCode } from "./admin-users.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import { allowedRedirect, sendLink } from "./mailer.ts";
import { issueSession, recordMethod, requireUser, type SessionJson } from "./sessions.ts";
import { findUser } from "./users.ts";

// @supabase/lite checks passwords, codes and refresh tokens; what it answers is rewritten here, since its tokens
// carry neither metadata nor the level of assurance, and its users no factors and no ban.

/** Routes of a person's own account: sign-up, sign-in, refresh, links, profile, sign-out. */
export function accountRoutes(context: AuthContext): Hono {
  const app = new Hono();
  app.post("/signup", async (c) => completeSession(context, await context.lite(c.req.raw), "password"));
  app.post("/token", (c) => signIn(context, c));
  app.get("/verify", (c) => followLink(context, c));
  app.post("/verify", async (c) => {
    const body = await readBody(c, anyFields);
    return completeSession(context, await verifyCode(context, body), "otp");
  });
  app.on("POST", ["/otp", "/magiclink"], (c) => sendCode(context, c));
  app.post("/resend", (c) => resend(context, c));
  app.get("/user", async (c) =>
    c.json((await requireUser(context.sql, context.config, c.req.header("Authorization"))).user),
  );
  app.put("/user", (c) => updateUser(context, c));
  app.post("/logout", (c) => {
    // GoTrue ends every session when no scope is named; @supabase/lite would end only this one.
    const url = new URL(c.req.url);
    if (!url.searchParams.has("scope")) url.searchParams.set("scope", "global");
    return context.lite(new Request(url, c.req.raw));
  });
  app.all("*", (c) => context.lite(c.req.raw));
  return app;
}

const anyFields = z.record(z.string(), z.unknown());

/** Hands a request whose body was read already to @supabase/lite. */
async function forward(context: AuthContext, c: Context): Promise<Response> {
  const { method, headers } = c.req.raw;
  return context.lite(new Request(c.req.url, { method, headers, body: await c.req.text() }));
}

/** Mails a code. Of two at once to a new address @supabase/lite falls over the one that makes the account second. */
async function sendCode(context: AuthContext, c: Context): Promise<Response> {
  const answer = await forward(context, c);
  return answer.status === 500 ? forward(context, c) : answer;
}

const methods: Record<string, string | undefined> = { password: "password", pkce: "oauth" };

async function signIn(context: AuthContext, c: Context): Promise<Response> {
  const grant = c.req.query("grant_type") ?? "";
  if (grant === "refresh_token") {
    const { refresh_token } = await readBody(c, anyFields);
    const [holder] = await context.sql<{ banned: boolean }[]>`
      select coalesce(u.banned_until > now(), false) as banned
      from auth.refresh_tokens r join auth.users u on u.id = r.user_id where r.token = ${String(refresh_token)}`;
    if (holder?.banned) throw new AuthRefusal(400, "user_banned", "Invalid Refresh Token: User Banned");
  }
  return completeSession(context, await forward(context, c), methods[grant]);
}

/** Re-issues the tokens of a session that @supabase/lite opened; passes anything else through. */
async function completeSession(context: AuthContext, answer: Response, method: string | undefined): Promise<Response> {
  if (!answer.ok) return answer;
  const body = (await answer.json()) as { id?: string; access_token?: string; refresh_token?: string };
  if (!body.access_token) return Response.json(body.id ? await findUser(context.sql, body.id) : body);
  return Response.json(await reissue(context, body, method));
}

async function reissue(
  { sql, config }: AuthContext,
  session: { access_token?: string; refresh_token?: string },
  method: string | undefined,
): Promise<SessionJson> {
  const sessionId = String(decode(session.access_token ?? "").payload.session_id);
  if (method) await recordMethod(sql, sessionId, method);
  return issueSession(sql, config, { sessionId, refreshToken: session.refresh_token ?? "" });
}

// Newer clients send the one type `email` for all three.
const knownTypes: Record<string, string> = { email: "magiclink", invite: "signup" };

function verifyCode(context: AuthContext, body: Record<string, unknown>): Promise<Response> {
  const type = knownTypes[String(body.type)] ?? body.type;
  return context.lite(
    new Request(`${context.config.apiUrl}/auth/v1/verify`, { method: "POST", body: JSON.stringify({ ...body, type }) }),
  );
}

/** Confirms a sign-up by another mail; @supabase/lite never sends that one. Nobody learns whether the address is known. */
async function resend(context: AuthContext, c: Context): Promise<Response> {
  const { sql, config, mailbox } = context;
  const { type, email } = await readBody(c, anyFields);
  if (type !== "signup") return forward(context, c);
  const to = String(email).toLowerCase();
  const [waiting] = await sql<{ id: string }[]>`
    select id from auth.users where email = ${to} and email_confirmed_at is null`;
  const user = waiting && (await findUser(sql, waiting.id));
  if (user) {
    const { code, tokenHash } = await createOneTimeCode(sql, user, "confirmation");
    sendLink(config, mailbox, { to, kind: "signup", tokenHash, code });
  }
  return c.json({});
}

/** The link of a mail: proves the address, then goes on to the page asked for with the session in the fragment. */
async function followLink(context: AuthContext, c: Context): Promise<Response> {
  const { token, type = "", redirect_to } = c.req.query();
  const target = allowedRedirect(context.config, redirect_to);
  const answer = await verifyCode(context, { token_hash: token, type });
  if (!answer.ok) {
    const refusal = (await answer.json()) as { error_code?: string; msg?: string };
    const fragment = new URLSearchParams({
      error: "access_denied",
      error_code: refusal.error_code ?? "unexpected_failure",
      error_description: refusal.msg ?? "",
    });
    return c.redirect(`${target}#${fragment}`, 303);
  }
  const session = await reissue(context, (await answer.json()) as SessionJson, "otp");
  const fragment = new URLSearchParams({
    access_token: session.access_token,
    expires_at: String(session.expires_at),
    expires_in: String(session.expires_in),
    refresh_token: session.refresh_token,
    token_type: session.token_type,
    type,
  });
  return c.redirect(`${target}#${fragment}`, 303);
}

async function updateUser(context: AuthContext, c: Context): Promise<Response> {
  const { sql, config } = context;
  const caller = await requireUser(sql, config, c.req.header("Authorization"));
  const changes = await readBody(c, anyFields);
  const hasFactor = caller.user.factors?.some((factor) => factor.status === "verified") ?? false;
  if (hasFactor && caller.aal !== "aal2" && (changes.password !== undefined || changes.email !== undefined)) {
    const message = "AAL2 session is required to update email or password when MFA is enabled.";
    throw new AuthRefusal(401, "insufficient_aal", message);
  }
  const answer = await forward(context, c);
  if (!answer.ok) return answer;
  // Whoever knew the old password is signed out everywhere else.
  if (changes.password !== undefined) {
    await sql`delete from auth.sessions where user_id = ${caller.user.id} and id <> ${caller.sessionId}`;
  }
  return c.json(await findUser(sql, caller.user.id));
}
