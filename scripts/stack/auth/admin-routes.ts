import { type Context, Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import { createUser, deleteUser, requireFound, type UserParams, updateUser, userParams } from "./admin-users.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { AuthRefusal, emailExistsMessage } from "./errors.ts";
import { allowedRedirect, sendLink, verifyLink } from "./mailer.ts";
import { createOneTimeCode } from "./one-time.ts";
import { requireServiceRole } from "./sessions.ts";
import { findByEmail } from "./sign-up.ts";
import { findUser, listUsers, type Sql } from "./users.ts";

/** GoTrue's admin routes, for tokens of the service role alone. */
export function adminRoutes(context: AuthContext): Hono {
  const { sql, config } = context;
  const app = new Hono();
  const onlyService: MiddlewareHandler = async (c, next) => {
    await requireServiceRole(config, c.req.header("Authorization"));
    await next();
  };
  app.use("/admin/*", onlyService);
  app.use("/invite", onlyService);
  app.get("/admin/users", (c) => answerUserList(sql, c));
  app.post("/admin/users", async (c) => {
    const params = await readBody(c, userParams);
    return c.json(await sql.begin((transaction) => createUser(transaction, params)));
  });
  app.get("/admin/users/:id", async (c) => c.json(requireFound(await findUser(sql, userId(c)))));
  app.put("/admin/users/:id", async (c) => {
    const [id, params] = [userId(c), await readBody(c, userParams)];
    return c.json(await sql.begin((transaction) => updateUser(transaction, id, params)));
  });
  app.delete("/admin/users/:id", async (c) => {
    const body = await readBody(c, z.object({ should_soft_delete: z.boolean().optional() }));
    const id = userId(c);
    await sql.begin((transaction) => deleteUser(transaction, id, body.should_soft_delete ?? false));
    return c.json({});
  });
  app.get("/admin/users/:id/factors", async (c) => c.json(requireFound(await findUser(sql, userId(c))).factors ?? []));
  app.delete("/admin/users/:id/factors/:factor", async (c) => {
    const [factor] = await sql`
      delete from auth.mfa_factors where id::text = ${c.req.param("factor")} and user_id = ${userId(c)} returning id`;
    if (!factor) throw new AuthRefusal(404, "mfa_factor_not_found", "Factor not found");
    return c.json({ id: factor.id });
  });
  app.post("/admin/generate_link", (c) => generateLink(context, c));
  app.post("/invite", (c) => invite(context, c));
  return app;
}

async function answerUserList(sql: Sql, c: Context): Promise<Response> {
  const page = positive(c.req.query("page"), 1);
  const perPage = Math.min(positive(c.req.query("per_page"), 50), 1000);
  const { users, total } = await listUsers(sql, { limit: perPage, offset: (page - 1) * perPage });
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (target: number, rel: string) => `</admin/users?page=${target}&per_page=${perPage}>; rel="${rel}"`;
  const links = [...(page < last ? [link(page + 1, "next")] : []), link(last, "last")];
  c.header("X-Total-Count", String(total));
  c.header("Link", links.join(", "));
  return c.json({ users, aud: "authenticated" });
}

const linkParams = z.object({
  type: z.enum(["signup", "magiclink", "recovery", "invite"]),
  email: z.string(),
  password: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  redirect_to: z.string().optional(),
});

async function generateLink({ sql, config }: AuthContext, c: Context): Promise<Response> {
  const params = await readBody(c, linkParams);
  const purpose = params.type === "signup" || params.type === "invite" ? "confirmation" : "recovery";
  const redirectTo = params.redirect_to ?? c.req.query("redirect_to");
  const { user, code, tokenHash } = await sql.begin(async (transaction) => {
    const present = await findByEmail(transaction, params.email);
    if (present && purpose === "confirmation") throw emailExists();
    if (!present && params.type === "recovery") requireFound(undefined);
    const user = present ?? (await createUser(transaction, newUser(params)));
    return { user, ...(await createOneTimeCode(transaction, user, purpose)) };
  });
  return c.json({
    ...user,
    action_link: verifyLink(config, params.type, tokenHash, redirectTo),
    email_otp: code,
    hashed_token: tokenHash,
    verification_type: params.type,
    redirect_to: allowedRedirect(config, redirectTo),
  });
}

async function invite({ sql, config, mailbox }: AuthContext, c: Context): Promise<Response> {
  const params = await readBody(c, linkParams.omit({ type: true }));
  const { user, code, tokenHash } = await sql.begin(async (transaction) => {
    if (await findByEmail(transaction, params.email)) throw emailExists();
    const { id } = await createUser(transaction, newUser(params));
    await transaction`update auth.users set invited_at = now() where id = ${id}`;
    const user = requireFound(await findUser(transaction, id));
    return { user, ...(await createOneTimeCode(transaction, user, "confirmation")) };
  });
  sendLink(config, mailbox, {
    to: user.email,
    kind: "invite",
    tokenHash,
    code,
    redirectTo: params.redirect_to ?? c.req.query("redirect_to"),
  });
  return c.json(user);
}

function newUser(params: { email: string; password?: string | undefined; data?: Record<string, unknown> | undefined }) {
  const user: UserParams = { email: params.email, password: params.password, user_metadata: params.data };
  return user;
}

function emailExists(): AuthRefusal {
  return new AuthRefusal(422, "email_exists", emailExistsMessage);
}

function userId(c: Context): string {
  const id = z.uuid().safeParse(c.req.param("id"));
  if (!id.success) throw new AuthRefusal(404, "validation_failed", "user_id must be an UUID");
  return id.data;
}

function positive(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : fallback;
}
