import bcrypt from "bcryptjs";
import type { Context } from "hono";
import { z } from "zod";
import { limited } from "./attempts.ts";
import { readBody } from "./body.ts";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import { noHash, weaknessOf } from "./passwords.ts";
import { exchangeCode } from "./pkce.ts";
import { refreshTokens } from "./refresh-tokens.ts";
import { issueSession, openSession } from "./sessions.ts";
import { isBanned } from "./users.ts";

const text = z.string().nullish();
const passwordParams = z.object({ email: text, phone: text, password: text });
const codeParams = z.object({ auth_code: z.string().optional(), code_verifier: z.string().optional() });

/** POST /token: a session for a password, or the next tokens of a session. */
export async function signIn(context: AuthContext, c: Context): Promise<Response> {
  const grant = c.req.query("grant_type");
  if (grant === "refresh_token") {
    const { refresh_token } = await readBody(c, z.object({ refresh_token: text }));
    if ((refresh_token ?? "").length < 12)
      throw new AuthRefusal(400, "validation_failed", "Refresh token is not valid");
    return c.json(await issueSession(context.sql, context.config, await refreshTokens(context, refresh_token ?? "")));
  }
  if (grant === "pkce") return c.json(await exchangeCode(context, await readBody(c, codeParams)));
  if (grant !== "password") throw new AuthRefusal(400, "invalid_credentials", "unsupported_grant_type");
  const { email, phone, password } = await readBody(c, passwordParams);
  if (email && phone) {
    const message = "Only an email address or phone number should be provided on login.";
    throw new AuthRefusal(400, "validation_failed", message);
  }
  if (phone) throw new AuthRefusal(422, "phone_provider_disabled", "Phone logins are disabled");
  if (!email) throw new AuthRefusal(400, "validation_failed", "missing email or phone");
  const { auth } = context.config;
  if (!auth.enableEmail) throw new AuthRefusal(422, "email_provider_disabled", "Email logins are disabled");
  const account = email.toLowerCase();
  return limited(context, c, { kind: "login", account }, async () => {
    const session = await checkPassword(context, account, password ?? "");
    const weakness = weaknessOf(auth, password ?? "");
    const answer = await issueSession(context.sql, context.config, session);
    return c.json({ ...answer, ...(weakness && { weak_password: weakness }) });
  });
}

async function checkPassword({ sql }: AuthContext, email: string, password: string) {
  const [user] = await sql<{ id: string; hash: string; confirmed: boolean; banned_until?: string }[]>`
    select id, coalesce(encrypted_password, '') as hash, confirmed_at is not null as confirmed, banned_until::text
    from auth.users where email = ${email} and not is_sso_user`;
  const isRight = await bcrypt.compare(password, user?.hash || noHash);
  if (!user?.hash || !isRight) throw wrong();
  if (isBanned(user)) throw new AuthRefusal(400, "user_banned", "User is banned");
  if (!user.confirmed) throw new AuthRefusal(400, "email_not_confirmed", "Email not confirmed");
  return sql.begin(async (transaction) => {
    // Comparing takes a while, in which the password may have become another.
    const [same] = await transaction`
      update auth.users set last_sign_in_at = now() where id = ${user.id} and encrypted_password = ${user.hash} returning id`;
    if (!same) throw wrong();
    return openSession(transaction, user.id, "password");
  });
}

function wrong(): AuthRefusal {
  return new AuthRefusal(400, "invalid_credentials", "Invalid login credentials");
}
