import { type Context, Hono } from "hono";
import { z } from "zod";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import { reauthenticate, updateOwnUser } from "./own-user.ts";
import { requireUser } from "./sessions.ts";
import { signIn } from "./sign-in.ts";
import { mailing, resend, sendRecovery, sendSignInLink, signUp } from "./sign-up.ts";
import { followLink, verify } from "./verify.ts";

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
  app.put("/user", (c) => updateOwnUser(context, c));
  app.post("/logout", (c) => signOut(context, c));
  app.get("/reauthenticate", (c) => reauthenticate(context, c));
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
