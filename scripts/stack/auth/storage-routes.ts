import type { Context } from "hono";
import { Hono } from "hono";
import { verify } from "hono/jwt";
import type postgres from "postgres";
import { z } from "zod";
import { withRange } from "./byte-range.ts";
import { listFolder } from "./storage-list.ts";
import { numericLimit, unpackForm } from "./storage-requests.ts";
import { bearerClaims, type Claims, signToken } from "./tokens.ts";

interface StorageContext {
  /** Connected as the owner of schema storage. */
  sql: postgres.Sql;
  /** Secret of the project's tokens. */
  jwtSecret: string;
  /** Secret of storage's own tokens, those of signed URLs among them. */
  storageSecret: string;
  /** @supabase/lite's own storage routes. */
  lite(request: Request): Promise<Response>;
}

/** @supabase/lite's storage routes, with those replaced whose answers supabase-js does not understand. */
export function storageRoutes(context: StorageContext): Hono {
  const app = new Hono().basePath("/storage/v1").onError((error, c) => {
    console.error("storage:", error);
    return refuse(c, 500, "InternalError", "Internal Server Error");
  });
  app.on(["POST", "PUT"], ["/bucket", "/bucket/:id"], async (c) => forward(context, await numericLimit(c.req.raw)));
  app.post("/object/list/:bucket", (c) => list(context, c));
  app.get("/object/sign/:bucket/*", (c) => followSignedUrl(context, c));
  app.post("/object/sign/:bucket", (c) => signMany(context, c));
  app.post("/object/sign/*", async (c) => renameSignedUrl(await forward(context, c.req.raw)));
  app.post("/object/upload/sign/*", async (c) => renameSignedUrl(await forward(context, c.req.raw)));
  app.post("/object/copy", (c) => copy(context, c));
  app.on(["POST", "PUT"], "/object/*", async (c) => forward(context, await unpackForm(c.req.raw)));
  app.get("/object/*", (c) => download(context, c));
  app.all("*", (c) => forward(context, c.req.raw));
  return app;
}

/** Sends a request on with the caller's token signed for storage; a token that does not verify stays and is refused. */
async function forward({ jwtSecret, storageSecret, lite }: StorageContext, request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.delete("apikey");
  const header = headers.get("Authorization");
  const claims = header ? await bearerClaims(header, jwtSecret).catch(() => undefined) : undefined;
  if (claims) headers.set("Authorization", `Bearer ${await signToken(claims, storageSecret)}`);
  const sent = new Request(request, { headers });
  const answer = await lite(sent);
  // A file that is refused before it is read is read to its end all the same: a caller who is still sending would see
  // a broken connection instead of the refusal.
  if (sent.body && !sent.bodyUsed) await sent.body.pipeTo(new WritableStream());
  return answer;
}

const listParams = z.object({
  prefix: z.string().default(""),
  limit: z.number().int().min(1).max(1000).default(100),
  offset: z.number().int().min(0).default(0),
  search: z.string().default(""),
  sortBy: z.object({ column: z.string(), order: z.string().default("asc") }).optional(),
});

async function list({ sql, jwtSecret }: StorageContext, c: Context): Promise<Response> {
  const request = listParams.safeParse(await c.req.json().catch(() => undefined));
  if (!request.success) return refuse(c, 400, "InvalidRequest", "body must be a list request");
  const header = c.req.header("Authorization");
  const anonymous: Claims = { role: "anon" };
  const claims = header ? await bearerClaims(header, jwtSecret).catch(() => undefined) : anonymous;
  if (!claims) return refuse(c, 400, "InvalidJWT", "jwt is not valid");
  return c.json(await listFolder(sql, claims, { bucket: c.req.param("bucket") ?? "", ...request.data }));
}

async function followSignedUrl(context: StorageContext, c: Context): Promise<Response> {
  const reason = await verify(c.req.query("token") ?? "", context.storageSecret, "HS256").then(
    () => undefined,
    (error: Error) => (error.name === "JwtTokenExpired" ? '"exp" claim timestamp check failed' : "invalid signature"),
  );
  if (reason) return refuse(c, 400, "InvalidJWT", reason);
  return download(context, c);
}

async function download(context: StorageContext, c: Context): Promise<Response> {
  const answer = withRange(c.req.header("Range"), await forward(context, c.req.raw));
  const name = c.req.query("download");
  if (name === undefined || !answer.ok) return answer;
  const headers = new Headers(answer.headers);
  headers.set("Content-Disposition", name ? `attachment; filename*=UTF-8''${encodeURIComponent(name)}` : "attachment");
  return new Response(answer.body, { status: answer.status, headers });
}

const signManyParams = z.object({ paths: z.array(z.string()), expiresIn: z.number() });

// @supabase/lite takes a request for several URLs for one of a file without a name; each is asked for by itself.
async function signMany(context: StorageContext, c: Context): Promise<Response> {
  const request = signManyParams.safeParse(await c.req.json().catch(() => undefined));
  if (!request.success) return refuse(c, 400, "InvalidRequest", "body must name paths and expiresIn");
  const headers = new Headers(c.req.raw.headers);
  headers.delete("Content-Length");
  const body = JSON.stringify({ expiresIn: request.data.expiresIn });
  const sign = async (path: string) => {
    const url = `${c.req.url.replace(/\/$/, "")}/${path.split("/").map(encodeURIComponent).join("/")}`;
    const answer = await forward(context, new Request(url, { method: "POST", headers, body }));
    const missing = "Either the object does not exist or you do not have access to it";
    if (!answer.ok) return { error: missing, path, signedURL: null };
    return { error: null, path, ...toSupabaseNames((await answer.json()) as Signed) };
  };
  return c.json(await Promise.all(request.data.paths.map(sign)));
}

async function copy(context: StorageContext, c: Context): Promise<Response> {
  const { bucketId, destinationBucket = bucketId } = await c.req.raw.clone().json();
  const answer = await forward(context, c.req.raw);
  if (!answer.ok) return answer;
  const { key } = (await answer.json()) as { key: string };
  return c.json({ Key: `${destinationBucket}/${key}` });
}

interface Signed {
  signedUrl: string;
}

// supabase-js reads `signedURL` (`url` for an upload), relative to the storage service.
function toSupabaseNames(signed: Signed): object {
  const path = signed.signedUrl.replace(/^\/storage\/v1/, "");
  return { ...signed, signedURL: path, url: path };
}

async function renameSignedUrl(answer: Response): Promise<Response> {
  return answer.ok ? Response.json(toSupabaseNames((await answer.json()) as Signed)) : answer;
}

function refuse(c: Context, status: 400 | 500, error: string, message: string): Response {
  return c.json({ statusCode: String(status), error, message }, status);
}
