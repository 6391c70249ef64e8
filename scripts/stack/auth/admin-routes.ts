import { randomUUID } from "node:crypto";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { z } from "zod";
import type { AuthConfig } from "../auth-config.ts";
import { checkEmail, createUser, deleteUser, requireFound, updateUser, userParams } from "./admin-users.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { noteEmailChange } from "./email-change.ts";
import { AuthRefusal, emailExistsMessage } from "./errors.ts";
import { allowedRedirect, sendLink, verifyLink } from "./mailer.ts";
import { createOneTimeCode, type Purpose } from "./one-time.ts";
import { requireStrong } from "./passwords.ts";
import { requireServiceRole } from "./sessions.ts";
import { findByEmail } from "./sign-up.ts";
import { findUser, listUsers, type Sql, type UserJson } from "./users.ts";

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
    return c.json(await sql.begin((transaction) => updateUser(transaction, config.auth, id, params)));
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

const inviteParams = z.object({
  email: z.string().default(""),
  data: z.record(z.string(), z.unknown()).nullish(),
  redirect_to: z.string().nullish(),
});
const linkParams = inviteParams.extend({
  type: z.string().default(""),
  new_email: z.string().default(""),
  password: z.string().nullish(),
});

type LinkParams = z.infer<typeof linkParams>;

/** Makes the link and the code of a mail without sending it. */
async function generateLink({ sql, config }: AuthContext, c: Context): Promise<Response> {
  const params = await readBody(c, linkParams);
  const email = checkEmail(params.email);
  const { id, code, tokenHash, type } = await sql.begin((transaction) => {
    return linkFor(transaction, config.auth, { ...params, email });
  });
  const redirectTo = params.redirect_to ?? c.req.query("redirect_to");
  const mailed = type.startsWith("email_change") ? "email_change" : type;
  return c.json({
    ...requireFound(await findUser(sql, id)),
    action_link: verifyLink(config, mailed, tokenHash, redirectTo),
    email_otp: code,
    hashed_token: tokenHash,
    verification_type: type,
    redirect_to: allowedRedirect(config.auth, redirectTo),
  });
}

async function linkFor(sql: Sql, config: AuthConfig, params: LinkParams) {
  const present = await findByEmail(sql, params.email);
  // Who has no account signs up by a link to sign in.
  const type = !present && params.type === "magiclink" ? "signup" : params.type;
  const made = async (user: UserJson, purpose: Purpose) => {
    return { id: user.id, type, ...(await createOneTimeCode(sql, config, user, purpose)) };
  };
  if (type === "signup" || type === "invite") {
    if (present?.email_confirmed_at) throw emailExists();
    if (type === "invite") return made(await invited(sql, params, present), "confirmation");
    const password = params.type === "magiclink" ? randomUUID() : params.password;
    if (!present && !password) throw invalid("Signup requires a valid password");
    if (!present && params.type === "signup") requireStrong(config, password ?? "");
    const user = present
      ? await updateUser(sql, config, present.id, { user_metadata: params.data })
      : await createUser(sql, { email: params.email, password, user_metadata: params.data });
    return made(user, "confirmation");
  }
  const purpose = Object.hasOwn(linkPurposes, type) ? linkPurposes[type] : undefined;
  if (!purpose) throw invalid(`Invalid email action link type requested: ${type}`);
  if (!present) throw new AuthRefusal(404, "user_not_found", "User with this email not found");
  if (purpose === "recovery") return made(present, purpose);
  if (purpose === "email_change_token_current" && !config.doubleConfirmChanges) {
    throw invalid("Enable secure email change to generate link for current email");
  }
  await noteEmailChange(sql, present, checkEmail(params.new_email));
  return made(present, purpose);
}

const linkPurposes: Record<string, Purpose> = {
  magiclink: "recovery",
  recovery: "recovery",
  email_change_current: "email_change_token_current",
  email_change_new: "email_change_token_new",
};

/** Mails an invitation, again to who has not accepted one. */
async function invite({ sql, config, mailbox }: AuthContext, c: Context): Promise<Response> {
  const params = await readBody(c, inviteParams);
  const email = checkEmail(params.email);
  const { user, ...made } = await sql.begin(async (transaction) => {
    const present = await findByEmail(transaction, email);
    if (present?.email_confirmed_at) throw emailExists();
    const user = await invited(transaction, { ...params, email }, present);
    return { user, ...(await createOneTimeCode(transaction, config.auth, user, "confirmation")) };
  });
  const redirectTo = params.redirect_to ?? c.req.query("redirect_to");
  sendLink(config, mailbox, { to: user.email, kind: "invite", redirectTo, data: user.user_metadata, ...made });
  return c.json(await findUser(sql, user.id));
}

async function invited(
  sql: Sql,
  params: z.infer<typeof inviteParams>,
  present: UserJson | undefined,
): Promise<UserJson> {
  const user = present ?? (await createUser(sql, { email: params.email, user_metadata: params.data }));
  await sql`update auth.users set invited_at = now() where id = ${user.id}`;
  return user;
}

function invalid(message: string): AuthRefusal {
  return new AuthRefusal(400, "validation_failed", message);
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
  if (!text) return fallback;
  if (!/^\d{1,9}$/.test(text))
    throw invalid(`Bad Pagination Parameters: strconv.ParseUint: parsing "${text}": invalid syntax`);
  return Number(text) || fallback;
}
