import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { mayPut, rulesOf } from "./storage-access.ts";
import { claimsOf, invalidKey, readAway, refuse, type StorageContext } from "./storage-forward.ts";
import { isKey, isNewKey } from "./storage-keys.ts";
import { uploadMetadata } from "./storage-metadata.ts";
import { entryFor, plainType } from "./storage-uploads.ts";
import type { Claims } from "./tokens.ts";

/**
 * Uploads in parts, by tus 1.0.0 (core, creation, creation-with-upload, expiration, termination). The parts are gathered
 * in a file whose size is the offset; when all are there, they are put into the bucket as any other upload is, by `put`.
 */
export function resumableUploads(context: StorageContext, put: (request: Request) => Promise<Response>): Hono {
  const folder = join(context.folder, "resumable");
  // One part at a time: of two at the same offset the second would be written behind the first.
  const busy = new Set<string>();
  const app = new Hono().basePath("/storage/v1/upload/resumable");
  app.use(async (c, next) => {
    if (c.req.method !== "OPTIONS" && c.req.header("Tus-Resumable") !== "1.0.0") {
      await readAway(c.req.raw.body);
      c.res = refuse(c, 412, "TusError", "Tus-Resumable must be 1.0.0");
    } else await next();
    c.res.headers.set("Tus-Resumable", "1.0.0");
    c.res.headers.set("Cache-Control", "no-store");
  });
  app.options("*", (c) => {
    const extensions = "creation,creation-with-upload,expiration,termination";
    return c.body(null, 204, {
      "Tus-Version": "1.0.0",
      "Tus-Extension": extensions,
      "Tus-Max-Size": String(context.maxFileSize),
    });
  });
  app.post("/", async (c) => {
    const answer = await create(context, c, folder);
    if (answer instanceof Response) {
      await readAway(c.req.raw.body);
      return answer;
    }
    const hasPart = c.req.header("Content-Type") === partType;
    const part = hasPart || answer.length === 0 ? await append(c, folder, answer, put) : undefined;
    if (part && !part.ok) return part;
    return c.body(null, 201, {
      Location: `/storage/v1/upload/resumable/${answer.id}`,
      "Upload-Expires": new Date(Date.now() + lifeMs).toUTCString(),
      ...(part ? { "Upload-Offset": part.headers.get("Upload-Offset") ?? "0" } : {}),
    });
  });
  app.on(["GET", "PATCH", "DELETE"], "/:id", async (c) => {
    const found = await find(context, c, folder);
    if (!found || busy.has(found.id)) {
      await readAway(c.req.raw.body);
      return found ? refuse(c, 423, "ResourceLocked", "Another part is on its way") : noUpload(c);
    }
    busy.add(found.id);
    try {
      if (c.req.method === "DELETE") {
        await remove(folder, found.id);
        return c.body(null, 204);
      }
      if (c.req.method === "PATCH") return await append(c, folder, found, put);
      const offset = await sizeOf(join(folder, found.id));
      return c.body(null, 200, { "Upload-Offset": String(offset), "Upload-Length": String(found.length) });
    } finally {
      busy.delete(found.id);
    }
  });
  return app;
}

const partType = "application/offset+octet-stream";
const lifeMs = 24 * 3600 * 1000;

const kept = z.object({
  id: z.uuid(),
  /** Who began it; nobody else goes on with it. */
  owner: z.string(),
  length: z.number(),
  bucket: z.string(),
  key: z.string(),
  headers: z.record(z.string(), z.string()),
});
type Upload = z.infer<typeof kept>;

const ownerOf = ({ role, sub }: Claims): string => sub ?? role ?? "anon";
const noUpload = (c: Context) => refuse(c, 404, "not_found", "Upload not found");

/** Begins an upload, or says why not: all is refused at once that would be refused at the end. */
async function create(context: StorageContext, c: Context, folder: string): Promise<Upload | Response> {
  const claims = await claimsOf(context, c);
  if (!claims) return refuse(c, 400, "InvalidJWT", "jwt is not valid");
  const length = Number(c.req.header("Upload-Length") ?? Number.NaN);
  if (!Number.isSafeInteger(length) || length < 0)
    return refuse(c, 400, "InvalidRequest", "Upload-Length is no length");
  const { bucketName: bucket = "", objectName: key = "", ...given } = metadataOf(c.req.header("Upload-Metadata") ?? "");
  if (!isKey(bucket) || !isNewKey(key)) return invalidKey(c, key);
  if (claims.role !== "service_role" && !(await mayPut(context.sql, claims, bucket, key)))
    return refuse(c, 403, "Unauthorized", "new row violates row-level security policy");
  const rules = await rulesOf(context.sql, bucket);
  if (!rules) return refuse(c, 404, "Bucket not found", "Bucket not found");
  if (length > Math.min(rules.file_size_limit ?? context.maxFileSize, context.maxFileSize))
    return refuse(c, 413, "Payload too large", "The object exceeded the maximum allowed size");
  const type = plainType(given.contentType ?? null);
  if (entryFor(type, rules) === undefined)
    return refuse(c, 415, "invalid_mime_type", `mime type ${type} is not supported`);
  const metadata = given.metadata ? Buffer.from(given.metadata).toString("base64") : "";
  const said = `${given.contentType ?? ""}${given.cacheControl ?? ""}`;
  if (!/^[ -~]*$/.test(said) || uploadMetadata(metadata) === undefined)
    return refuse(c, 400, "InvalidParameter", "Invalid Parameter Upload-Metadata");
  const upsert = c.req.header("X-Upsert") === "true";
  const there = await context.sql`select from storage.objects where bucket_id = ${bucket} and name = ${key}`;
  if (there.length > 0 && !upsert) return refuse(c, 409, "Duplicate", "The resource already exists");
  const headers = {
    "Content-Type": given.contentType ?? "application/octet-stream",
    "Cache-Control": given.cacheControl ? `max-age=${given.cacheControl}` : "no-cache",
    "X-Upsert": String(upsert),
    ...(metadata ? { "X-Metadata": metadata } : {}),
  };
  const upload = { id: randomUUID(), owner: ownerOf(claims), length, bucket, key, headers };
  await mkdir(folder, { recursive: true });
  await removeOld(folder);
  await writeFile(join(folder, upload.id), "");
  await writeFile(join(folder, `${upload.id}.json`), JSON.stringify(upload));
  return upload;
}

/** `name base64,name base64`; what is not written so is passed over. */
function metadataOf(header: string): Record<string, string> {
  const pairs = header.split(",").map((pair) => pair.trim().split(" "));
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, Buffer.from(value, "base64").toString()]));
}

async function find(context: StorageContext, c: Context, folder: string): Promise<Upload | undefined> {
  const [id, claims] = [z.uuid().safeParse(c.req.param("id")).data, await claimsOf(context, c)];
  if (!id || !claims) return undefined;
  const sheet = await readFile(join(folder, `${id}.json`), "utf8").catch(() => undefined);
  const upload = sheet === undefined ? undefined : kept.parse(JSON.parse(sheet));
  return upload?.owner === ownerOf(claims) ? upload : undefined;
}

/** Adds a part; with the last one the file goes into its bucket, under the caller's rights as they are then. */
async function append(
  c: Context,
  folder: string,
  upload: Upload,
  put: (request: Request) => Promise<Response>,
): Promise<Response> {
  const path = join(folder, upload.id);
  const { body, headers } = c.req.raw;
  const offset = await sizeOf(path);
  const isPart = headers.get("Content-Type") === partType;
  const isNext = c.req.method === "POST" || headers.get("Upload-Offset") === String(offset);
  if (c.req.method === "PATCH" && !(isPart && isNext)) {
    await readAway(body);
    return isPart
      ? refuse(c, 409, "InvalidUploadOffset", `Upload-Offset is ${offset}`)
      : refuse(c, 415, "invalid_mime_type", `Content-Type must be ${partType}`);
  }
  // What has come before the connection broke stays: the sender asks for the offset and goes on from there.
  if (body) {
    const bytes = Readable.fromWeb(body as never);
    await pipeline(bytes, upTo(upload.length - offset), createWriteStream(path, { flags: "a" })).catch(() => undefined);
  }
  const size = await sizeOf(path);
  if (size === upload.length) {
    const url = new URL(c.req.url);
    const file = [upload.bucket, ...upload.key.split("/")].map(encodeURIComponent).join("/");
    url.pathname = `/storage/v1/object/${file}`;
    const sent = new Headers({ ...upload.headers, "Content-Length": String(size) });
    for (const name of ["Authorization", "apikey"]) if (headers.get(name)) sent.set(name, headers.get(name) ?? "");
    const stream = Readable.toWeb(createReadStream(path)) as ReadableStream;
    const answer = await put(
      new Request(url, { method: "POST", headers: sent, body: stream, duplex: "half" } as RequestInit),
    );
    await remove(folder, upload.id);
    if (!answer.ok) return new Response(answer.body, { status: answer.status, headers: answer.headers });
  }
  return c.body(null, 204, { "Upload-Offset": String(size) });
}

function upTo(limit: number) {
  return async function* (chunks: AsyncIterable<Uint8Array>) {
    let left = limit;
    for await (const chunk of chunks) {
      yield chunk.subarray(0, left);
      left -= Math.min(left, chunk.length);
    }
  };
}

const sizeOf = async (path: string) => (await stat(path)).size;

async function remove(folder: string, id: string): Promise<void> {
  await Promise.all([rm(join(folder, `${id}.json`), { force: true }), rm(join(folder, id), { force: true })]);
}

/** Uploads that nobody has gone on with for a day. */
async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const id = name.replace(/\.json$/, "");
    const touched = await stat(join(folder, id)).catch(() => undefined);
    if (!touched || Date.now() - touched.mtimeMs > lifeMs) await remove(folder, id);
  }
}
