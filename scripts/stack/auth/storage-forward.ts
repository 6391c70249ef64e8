import type { Context } from "hono";
import type postgres from "postgres";
import { z } from "zod";
import { bearerClaims, type Claims, signToken } from "./tokens.ts";

/** What the routes of storage work with. */
export interface StorageContext {
  /** Connected as the owner of schema storage. */
  sql: postgres.Sql;
  /** Secret of the project's tokens. */
  jwtSecret: string;
  /** Secret of storage's own tokens, those of signed URLs among them. */
  storageSecret: string;
  /** Of any file, in bytes, whatever its bucket says. */
  maxFileSize: number;
  /** Folder of the stored files. */
  folder: string;
  /** @supabase/lite's own storage routes. */
  lite(request: Request): Promise<Response>;
}

/**
 * Sends a request on with the caller's token signed for storage; a token that does not verify stays and is refused. What
 * is not there and what the caller may not see are answered alike.
 */
export async function forward({ jwtSecret, storageSecret, lite }: StorageContext, request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("apikey");
  const header = headers.get("Authorization");
  const claims = header ? await bearerClaims(header, jwtSecret).catch(() => undefined) : undefined;
  if (claims) headers.set("Authorization", `Bearer ${await signToken(claims, storageSecret)}`);
  const sent = new Request(request, { headers });
  const answer = await lite(sent);
  // A file that is refused before it is read is read to its end all the same: a caller who is still sending would see
  // a broken connection instead of the refusal.
  if (sent.body && !sent.bodyUsed) await readAway(sent.body);
  return answer.ok ? answer : toldAlike(request, answer, claims?.role === "service_role");
}

const misfit = z.object({ valid: z.literal(false), errors: z.array(z.object({ error: z.string() })).min(1) });
const refusal = z.object({ statusCode: z.string(), error: z.string(), message: z.string() });

// @supabase/lite tells a bucket that is not there from a file that is not seen.
async function toldAlike({ method, url }: Request, answer: Response, seesAll: boolean): Promise<Response> {
  if (answer.status >= 500) return answer;
  if (method === "HEAD") return new Response(null, { status: 400 });
  const body = await answer
    .clone()
    .json()
    .catch(() => undefined);
  // Its own check of a body answers with the whole schema.
  const wrong = misfit.safeParse(body).data?.errors[0]?.error;
  if (wrong) return Response.json({ statusCode: "400", error: "InvalidRequest", message: wrong }, { status: 400 });
  const told = refusal.safeParse(body).data;
  if (!told) return answer;
  const isHidden = told.statusCode === "404" && !seesAll && new URL(url).pathname.startsWith("/storage/v1/object/");
  return Response.json(isHidden ? notFound : told, { status: 400 });
}

const notFound = { statusCode: "404", error: "not_found", message: "Object not found" };

/** Reads to its end what nobody wants. */
export function readAway(body: ReadableStream | null): Promise<void> | undefined {
  return body?.pipeTo(new WritableStream()).catch(() => undefined);
}

/** Who asks. One whose token does not verify is nobody. */
export async function claimsOf({ jwtSecret }: StorageContext, c: Context): Promise<Claims> {
  const header = c.req.header("Authorization");
  const claims = header ? await bearerClaims(header, jwtSecret).catch(() => undefined) : undefined;
  return claims ?? { role: "anon" };
}

/** A refusal as Storage words it: the status is told in the body, and HTTP's is 400 where Storage has not failed itself. */
export function refuse(
  c: Context,
  status: 400 | 403 | 404 | 409 | 413 | 415 | 500,
  error: string,
  message: string,
): Response {
  return c.json({ statusCode: String(status), error, message }, status === 500 ? 500 : 400);
}

/** The refusal of a name that no file may get. */
export function invalidKey(c: Context, key: string): Response {
  return refuse(c, 400, "InvalidKey", `Invalid key: ${key}`);
}
