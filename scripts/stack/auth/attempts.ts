import type { Context } from "hono";
import type { AuthContext } from "./context.ts";
import { AuthRefusal } from "./errors.ts";
import { bearerClaims } from "./tokens.ts";

// A hosted project counts attempts by address. Here the project's own rules count them, where it has some: the function
// platform.take_attempts, which the project's own sign-in asks as well, so that neither door adds to the other.

/** What is tried: each kind has limits of its own. */
export type AttemptKind = "login" | "register" | "forgot" | "verify";

const system = "auth";

/**
 * Does `work`, which tries something of an account, where the limits allow one more try; what succeeds is not counted, but
 * for what sends a mail. A call with the secret key is the project's own, and was counted where it came in.
 *
 * @throws AuthRefusal 429 `over_request_rate_limit`, and what `work` throws
 */
export async function limited<Result>(
  context: AuthContext,
  c: Context,
  { kind, account }: { kind: AttemptKind; account: string | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  if ((await isProjectItself(context, c)) || !(await hasLimits(context))) return work();
  const tried = { [`${kind}_ip`]: addressOf(c), ...(account ? { [`${kind}_account`]: account } : {}) };
  const [rules, subjects] = [Object.keys(tried), Object.values(tried)];
  const { limits: sql } = context;
  const [taken] = await sql<{ wait: number }[]>`
    select platform.take_attempts(${system}, ${rules}::text[], ${subjects}::text[]) as wait`;
  if (taken && taken.wait > 0) {
    throw new AuthRefusal(429, "over_request_rate_limit", "Request rate limit reached", {
      headers: { "Retry-After": String(taken.wait) },
    });
  }
  const succeeded = () => sql`select platform.accept_attempts(${system}, ${rules}::text[], ${subjects}::text[])`;
  const notMade = () => sql`select platform.release_attempts(${system}, ${rules}::text[], ${subjects}::text[])`;
  try {
    const result = await work();
    if (kind === "login" || kind === "verify") await succeeded();
    return result;
  } catch (error) {
    // A failure of the server says nothing of what was tried.
    if (!(error instanceof AuthRefusal)) await notMade();
    throw error;
  }
}

async function isProjectItself({ config }: AuthContext, c: Context): Promise<boolean> {
  const claims = await bearerClaims(c.req.header("Authorization"), config.jwtSecret).catch(() => undefined);
  return claims?.role === "service_role";
}

let known = false;

async function hasLimits({ limits }: AuthContext): Promise<boolean> {
  if (!known) {
    const [row] =
      await limits`select to_regprocedure('platform.take_attempts(text, text[], text[])') is not null as known`;
    known = row?.known ?? false;
  }
  return known;
}

/** The caller's address, as the gateway has written it. */
function addressOf(c: Context): string {
  return c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim() || "unknown";
}
