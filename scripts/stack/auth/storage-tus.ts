import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { mayPut, rulesOf } from "./storage-access.ts";
import { claimsOf, readAway, type StorageContext } from "./storage-forward.ts";
import { isKey, isNewKey } from "./storage-keys.ts";
import { uploadMetadata } from "./storage-metadata.ts";
import { readSignature } from "./storage-tokens.ts";
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
      c.res = c.text("Tus-Resumable must be 1.0.0", 412);
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
  app.on("POST", ["/", "/sign"], async (c) => {
    const answer = await create(context, c, folder);
    if (answer instanceof Response) {
      await readAway(c.req.raw.body);
      return answer;
    }
    const hasPart = c.req.header("Content-Type") === partType;
    const part = hasPart || answer.length === 0 ? await append(c, folder, answer, put) : undefined;
    if (part && !part.ok) return part;
    return c.body(null, 201, {
      Location: `/storage/v1/upload/resumable/${answer.signature ? "sign/" : ""}${answer.id}`,
      "Upload-Expires": new Date(Date.now() + lifeMs).toUTCString(),
      ...(part ? { "Upload-Offset": part.headers.get("Upload-Offset") ?? "0" } : {}),
    });
  });
  app.on(["GET", "PATCH", "DELETE"], ["/:id", "/sign/:id"], async (c) => {
    const found = await find(context, c, folder);
    if (!found || busy.has(found.id)) {
      await readAway(c.req.raw.body);
      return found ? c.text("Another part is on its way", 423) : c.text("Upload not found", 404);
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
  /** The token of the address that was signed for it, if it came to one; who has that is its owner. */
  signature: z.string().optional(),
  length: z.number(),
  bucket: z.string(),
  key: z.string(),
  headers: z.record(z.string(), z.string()),
});
type Upload = z.infer<typeof kept>;

const ownerOf = ({ role, sub }: Claims): string => sub ?? role ?? "anon";
const isSigned = (c: Context) => c.req.path.startsWith("/storage/v1/upload/resumable/sign");
const signatureOf = (c: Context) => (isSigned(c) ? (c.req.header("X-Signature") ?? "") : undefined);

/** Begins an upload, or says why not, in plain words as tus does: all is refused at once that would be refused at the end. */
async function create(context: StorageContext, c: Context, folder: string): Promise<Upload | Response> {
  const length = Number(c.req.header("Upload-Length") ?? Number.NaN);
  if (!Number.isSafeInteger(length) || length < 0) return c.text("Upload-Length is no length", 400);
  const { bucketName: bucket = "", objectName: key = "", ...given } = metadataOf(c.req.header("Upload-Metadata") ?? "");
  if (!isKey(bucket) || !isNewKey(key)) return c.text(`Invalid key: ${key}`, 400);
  const sender = await senderOf(context, c, { bucket, key });
  if (sender instanceof Response) return sender;
  const { upsert, ...who } = sender;
  const rules = await rulesOf(context.sql, bucket);
  if (!rules) return c.text("Bucket not found", 404);
  if (length > Math.min(rules.file_size_limit ?? context.maxFileSize, context.maxFileSize))
    return c.text("Maximum size exceeded", 413);
  const type = plainType(given.contentType ?? null);
  if (entryFor(type, rules) === undefined) return c.text(`mime type ${type} is not supported`, 415);
  const metadata = given.metadata ? Buffer.from(given.metadata).toString("base64") : "";
  const said = `${given.contentType ?? ""}${given.cacheControl ?? ""}`;
  if (!/^[ -~]*$/.test(said) || uploadMetadata(metadata) === undefined)
    return c.text("Invalid Parameter Upload-Metadata", 400);
  const there = await context.sql`select from storage.objects where bucket_id = ${bucket} and name = ${key}`;
  if (there.length > 0 && !upsert) return c.text("The resource already exists", 409);
  const headers = {
    "Content-Type": given.contentType ?? "application/octet-stream",
    "Cache-Control": given.cacheControl ? `max-age=${given.cacheControl}` : "no-cache",
    "X-Upsert": String(upsert),
    ...(metadata ? { "X-Metadata": metadata } : {}),
  };
  const upload = { id: randomUUID(), ...who, length, bucket, key, headers };
  await mkdir(folder, { recursive: true });
  await removeOld(folder);
  await writeFile(join(folder, upload.id), "");
  await writeFile(join(folder, `${upload.id}.json`), JSON.stringify(upload));
  return upload;
}

type Sender = { owner: string; signature?: string; upsert: boolean };

/** Who sends a file to this place, by the token of a signed address or by his own; why he may not otherwise. */
async function senderOf(
  context: StorageContext,
  c: Context,
  target: { bucket: string; key: string },
): Promise<Sender | Response> {
  const signature = signatureOf(c);
  if (signature !== undefined) {
    const signed = await readSignature(context, signature, { intent: "upload", ...target });
    return "error" in signed ? c.text(signed.message, 400) : { owner: signature, signature, upsert: signed.upsert };
  }
  const claims = await claimsOf(context, c);
  const may = claims.role === "service_role" || (await mayPut(context.sql, claims, target.bucket, target.key));
  if (!may) return c.text("new row violates row-level security policy", 403);
  return { owner: ownerOf(claims), upsert: c.req.header("X-Upsert") === "true" };
}

/** `name base64,name base64`; what is not written so is passed over. */
function metadataOf(header: string): Record<string, string> {
  const pairs = header.split(",").map((pair) => pair.trim().split(" "));
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, Buffer.from(value, "base64").toString()]));
}

async function find(context: StorageContext, c: Context, folder: string): Promise<Upload | undefined> {
  const id = z.uuid().safeParse(c.req.param("id")).data;
  if (!id) return undefined;
  const sheet = await readFile(join(folder, `${id}.json`), "utf8").catch(() => undefined);
  const upload = sheet === undefined ? undefined : kept.parse(JSON.parse(sheet));
  const owner = signatureOf(c) ?? ownerOf(await claimsOf(context, c));
  return upload?.owner === owner && (upload.signature !== undefined) === isSigned(c) ? upload : undefined;
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
    return isPart ? c.text("Upload-Offset conflict", 409) : c.text(`Content-Type must be ${partType}`, 415);
  }
  // What has come before the connection broke stays: the sender asks for the offset and goes on from there.
  if (body) {
    const bytes = Readable.fromWeb(body as never);
    await pipeline(bytes, upTo(upload.length - offset), createWriteStream(path, { flags: "a" })).catch(() => undefined);
  }
  const size = await sizeOf(path);
  if (size === upload.length) {
    const answer = await put(wholeFile(c.req.raw, upload, path, size));
    await remove(folder, upload.id);
    if (!answer.ok) {
      const { statusCode, message } = (await answer.json()) as { statusCode: string; message: string };
      return new Response(message, { status: Number(statusCode) });
    }
  }
  return c.body(null, 204, { "Upload-Offset": String(size) });
}

/** The upload as one that is sent at once, by who has sent its last part. */
function wholeFile(request: Request, { bucket, key, headers, signature }: Upload, path: string, size: number): Request {
  const url = new URL(request.url);
  const file = [bucket, ...key.split("/")].map(encodeURIComponent).join("/");
  url.pathname = `/storage/v1/object/${signature === undefined ? "" : "upload/sign/"}${file}`;
  if (signature !== undefined) url.searchParams.set("token", signature);
  const sent = new Headers({ ...headers, "Content-Length": String(size) });
  for (const name of ["Authorization", "apikey"])
    if (request.headers.get(name)) sent.set(name, request.headers.get(name) ?? "");
  const body = Readable.toWeb(createReadStream(path)) as ReadableStream;
  const method = signature === undefined ? "POST" : "PUT";
  return new Request(url, { method, headers: sent, body, duplex: "half" } as RequestInit);
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
