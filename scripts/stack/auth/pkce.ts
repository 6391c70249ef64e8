import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import { issueSession, openSession, type SessionJson } from "./sessions.ts";
import type { Sql } from "./users.ts";

// PKCE: who asks for a mail keeps a secret and sends its hash. The mailed link then leads to the page with a code, which is
// worth a session only together with the secret: whoever reads the address of the page has nothing.

/** What a body names of it. */
export const challengeParams = { code_challenge: z.string().nullish(), code_challenge_method: z.string().nullish() };

type Challenge = { hash: string; method: string };

/** What was asked for, under GoTrue's names. */
export type FlowMethod = "email/signup" | "invite" | "magiclink" | "recovery" | "email_change";

const codeSeconds = 300;

/** The hash that a body brings, if any. Throws AuthRefusal 400 `validation_failed`. */
export function challengeOf(body: {
  code_challenge?: string | null | undefined;
  code_challenge_method?: string | null | undefined;
}): Challenge | undefined {
  const [hash, method] = [body.code_challenge || "", (body.code_challenge_method || "").toLowerCase()];
  if (hash === "" && method === "") return undefined;
  if (hash === "" || method === "") throw invalid("PKCE flow requires code_challenge_method and code_challenge");
  if (hash.length < 43 || hash.length > 128) throw invalid("code challenge has to be between 43 and 128 characters");
  if (!/^[\w.~-]+$/.test(hash)) {
    throw invalid("code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes");
  }
  if (!["s256", "plain"].includes(method)) throw invalid(`unsupported code_challenge method "${method}"`);
  return { hash, method };
}

/** Remembers the hash for when the link is followed. */
export async function startFlow(sql: Sql, userId: string, asked: FlowMethod, { hash, method }: Challenge) {
  await sql`delete from auth.flow_state where created_at < now() - interval '1 day'`;
  await sql`
    insert into auth.flow_state (id, user_id, auth_code, authentication_method, provider_type, code_challenge, code_challenge_method)
    values (${randomUUID()}, ${userId}, ${randomUUID()}, ${asked}, 'email', ${hash}, ${method})`;
}

/** The code that stands for the session. Throws AuthRefusal 400 `flow_state_not_found`. */
export async function codeOf(sql: Sql, userId: string, asked: FlowMethod): Promise<string> {
  const [flow] = await sql<{ code: string }[]>`
    update auth.flow_state set auth_code_issued_at = now() where id = (
      select id from auth.flow_state where user_id = ${userId} and authentication_method = ${asked}
      order by created_at desc limit 1)
    returning auth_code as code`;
  if (!flow) throw new AuthRefusal(400, "flow_state_not_found", "No associated flow state found.");
  return flow.code;
}

/** POST /token?grant_type=pkce: the session of a code, once. Throws AuthRefusal 400, 404, 422. */
export async function exchangeCode(
  { sql, config }: AuthContext,
  { auth_code, code_verifier }: { auth_code?: string | undefined; code_verifier?: string | undefined },
): Promise<SessionJson> {
  if (!auth_code || !code_verifier) {
    throw invalid("invalid request: both auth code and code verifier should be non-empty");
  }
  const session = await sql.begin(async (transaction) => {
    const [flow] = await transaction<Flow[]>`
      select id, user_id, authentication_method as asked, code_challenge as hash, code_challenge_method as method,
        auth_code_issued_at > now() - make_interval(secs => ${codeSeconds}) as fresh
      from auth.flow_state where auth_code = ${auth_code} and auth_code_issued_at is not null for update`;
    if (!flow) throw new AuthRefusal(404, "flow_state_not_found", "invalid flow state, no valid flow state found");
    if (!flow.fresh) throw new AuthRefusal(422, "flow_state_expired", "invalid flow state, flow state has expired");
    const shown =
      flow.method === "plain" ? code_verifier : createHash("sha256").update(code_verifier).digest("base64url");
    if (shown !== flow.hash) {
      throw new AuthRefusal(400, "bad_code_verifier", "code challenge does not match previously saved code verifier");
    }
    await transaction`delete from auth.flow_state where id = ${flow.id}`;
    return openSession(transaction, flow.user_id, flow.asked);
  });
  return issueSession(sql, config, session);
}

type Flow = { id: string; user_id: string; asked: FlowMethod; hash: string; method: string; fresh: boolean };

function invalid(message: string): AuthRefusal {
  return new AuthRefusal(400, "validation_failed", message);
}
