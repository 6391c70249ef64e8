import { sign, verify } from "hono/jwt";
import { AuthRefusal } from "./errors.ts";

/** Claims that this project's tokens carry; more may be present. */
export interface Claims {
  sub?: string;
  role?: string;
  session_id?: string;
  aal?: string;
  [claim: string]: unknown;
}

/** Signs claims with HS256, the way PostgREST verifies them. */
export function signToken(claims: Claims, secret: string): Promise<string> {
  return sign(claims, secret, "HS256");
}

/**
 * Claims of the bearer token in an Authorization header.
 *
 * @throws AuthRefusal 401 `no_authorization` without a token, 403 `bad_jwt` with one that does not verify
 */
export async function bearerClaims(header: string | undefined, secret: string): Promise<Claims> {
  const token = /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
  if (!token) throw new AuthRefusal(401, "no_authorization", "This endpoint requires a valid Bearer token");
  try {
    return await verify(token, secret, "HS256");
  } catch (error) {
    const reason = error instanceof Error && error.name === "JwtTokenExpired" ? "token is expired" : "token is invalid";
    throw new AuthRefusal(403, "bad_jwt", `invalid JWT: unable to parse or verify signature, ${reason}`);
  }
}
