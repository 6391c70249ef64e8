import type { Context, MiddlewareHandler } from "hono";
import { verify } from "hono/jwt";
import { readAway, refuse, type StorageContext } from "./storage-forward.ts";

// Who may ask at all, in Storage's own words: clients tell an expired address from a wrong one by them.

/** What an address was signed for. */
export interface Signed {
  intent: "download" | "upload";
  bucket: string;
  key: string;
}

/** What a signed address carries; `upsert`: whether an upload may replace a file. */
export interface SignedClaims {
  upsert: boolean;
}

interface Problem {
  error: string;
  message: string;
}

/** What a token of Storage's own allows, if it is one for this; why not otherwise. */
export async function readSignature(
  { storageSecret }: StorageContext,
  token: string,
  { intent, bucket, key }: Signed,
): Promise<SignedClaims | Problem> {
  try {
    const claims = await verify(token, storageSecret, "HS256");
    if (claims.intent !== intent) return { error: "InvalidSignature", message: `Token is not scoped for ${intent}` };
    if (claims.bucket !== bucket || claims.sub !== key)
      return { error: "InvalidSignature", message: "Invalid signature" };
    return { upsert: claims.upsert === true };
  } catch (error) {
    return { error: "InvalidJWT", message: wordsOf(error as Error) };
  }
}

function wordsOf({ name }: Error): string {
  if (name === "JwtTokenExpired") return '"exp" claim timestamp check failed';
  return name === "JwtTokenInvalid" ? "Invalid Compact JWS" : "signature verification failed";
}

/** Refuses a request without a token that verifies, but for what Storage gives or takes whoever asks. */
export function wantToken(context: StorageContext): MiddlewareHandler {
  return async (c, next) => {
    const refusal = isOpen(c) ? undefined : await refusalOf(context, c);
    if (!refusal) return next();
    await readAway(c.req.raw.body);
    return refusal;
  };
}

async function refusalOf({ jwtSecret }: StorageContext, c: Context): Promise<Response | undefined> {
  const token = /^Bearer\s+(\S+)$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? "";
  return verify(token, jwtSecret, "HS256").then(
    () => undefined,
    (error: Error) => refuse(c, 403, "Unauthorized", wordsOf(error)),
  );
}

// A file is read by whoever sees it, with a token or without one; a signed address has its own.
function isOpen({ req: { method, path } }: Context): boolean {
  const [area = "", ...rest] = path.slice("/storage/v1/".length).split("/");
  const under = rest.join("/");
  if (["status", "version"].includes(area)) return true;
  if (area === "upload") return method === "OPTIONS" || /^resumable\/sign(\/|$)/.test(under);
  if (area !== "object" && area !== "render") return false;
  if (method === "PUT") return under.startsWith("upload/sign/");
  return ["GET", "HEAD"].includes(method) && !/^((info|image)\/)?authenticated\//.test(under);
}
