import { type Context, Hono } from "hono";
import { z } from "zod";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { startEmailChange } from "./email-change.ts";
import { AuthRefusal } from "./errors.ts";
import { requireUser } from "./sessions.ts";
import { signIn } from "./sign-in.ts";
import { mailing, resend, sendRecovery, sendSignInLink, signUp } from "./sign-up.ts";
import { findUser } from "./users.ts";
import { followLink, verify } from "./verify.ts";

// @supabase/lite has routes for all of this, which confirm addresses that nobody has proven, let codes be guessed without
// end and do not agree on refresh tokens. So only what proves nothing is left to it.
const liteRoutes = ["/settings", "/health", "/.well-known/*", "/authorize", "/callback"];

/** Routes of a person's own account: sign-up, sign-in, refresh, links, profile, sign-out. */
export function accountRoutes(context: AuthContext): Hono {
  const app = new Hono();
  app.post("/signup", (c) => signUp(context, c));
  app.post("/token", (c) => signIn(context, c));
  app.get("/verify", (c) => followLink(context, c));
  app.post("/verify", (c) => verify(context, c));
  const signInLink = mailing(context, (asked) => sendSignInLink(context, asked));
  app.post("/otp", signInLink);
  app.post("/magiclink", signInLink);
  app.post(
    "/recover",
    mailing(context, (asked) => sendRecovery(context, asked)),
  );
  app.post(
    "/resend",
    mailing(context, (asked) => resend(context, asked)),
  );
  app.get("/user", async (c) => c.json((await caller(context, c)).user));
  app.put("/user", (c) => updateUser(context, c));
  app.post("/logout", (c) => signOut(context, c));
  app.get("/reauthenticate", async (c) => {
    const { user } = await caller(context, c);
    return limited(context, c, { kind: "forgot", account: user.email }, () => context.lite(c.req.raw));
  });
  for (const path of liteRoutes) app.all(path, (c) => context.lite(c.req.raw));
  return app;
}

function caller({ sql, config }: AuthContext, c: Context) {
  return requireUser(sql, config, c.req.header("Authorization"));
}

const logoutScope = z.enum(["global", "local", "others"]);

async function signOut(context: AuthContext, c: Context): Promise<Response> {
  const { user, sessionId } = await caller(context, c);
  // GoTrue ends every session when no scope is named.
  const scope = logoutScope.safeParse(c.req.query("scope") ?? "global");
  if (!scope.success)
    throw new AuthRefusal(400, "validation_failed", `Unsupported logout scope "${c.req.query("scope")}"`);
  const { sql } = context;
  const ended = { global: sql`true`, local: sql`id = ${sessionId}`, others: sql`id <> ${sessionId}` }[scope.data];
  await sql`delete from auth.sessions where user_id = ${user.id} and ${ended}`;
  return c.body(null, 204);
}

async function updateUser(context: AuthContext, c: Context): Promise<Response> {
  const { sql } = context;
  const { user, aal, sessionId } = await caller(context, c);
  const { email, ...changes } = await readBody(c, z.looseObject({ email: z.string().optional() }));
  const hasFactor = user.factors?.some((factor) => factor.status === "verified") ?? false;
  if (hasFactor && aal !== "aal2" && (changes.password !== undefined || email !== undefined)) {
    const message = "AAL2 session is required to update email or password when MFA is enabled.";
    throw new AuthRefusal(401, "insufficient_aal", message);
  }
  if (email) {
    await limited(context, c, { kind: "forgot", account: user.email }, () => startEmailChange(context, user, email));
  }
  const { method, url } = c.req;
  const headers = { Authorization: c.req.header("Authorization") ?? "", "Content-Type": "application/json" };
  const answer = await context.lite(new Request(url, { method, headers, body: JSON.stringify(changes) }));
  if (!answer.ok) return answer;
  // Whoever knew the old password is signed out everywhere else.
  if (changes.password !== undefined) {
    await sql`delete from auth.sessions where user_id = ${user.id} and id <> ${sessionId}`;
  }
  return c.json(await findUser(sql, user.id));
}
