import { createHmac, timingSafeEqual } from "node:crypto";

/** The claims of a bearer token signed with HS256, as JSON; undefined where it is another's, too old or not a user's. */
export function claimsOf(authorization: string | undefined, secret: string): string | undefined {
  const [head = "", payload = "", signature = ""] = authorization?.replace(/^bearer /i, "").split(".") ?? [];
  const expected = createHmac("sha256", secret).update(`${head}.${payload}`).digest();
  const given = Buffer.from(signature, "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { alg } = JSON.parse(textOf(head)) as { alg?: string };
  const claims = textOf(payload);
  const { exp = 0, role } = JSON.parse(claims) as { exp?: number; role?: string };
  return alg === "HS256" && role === "authenticated" && exp * 1000 > Date.now() ? claims : undefined;
}

function textOf(part: string): string {
  return Buffer.from(part, "base64url").toString();
}
