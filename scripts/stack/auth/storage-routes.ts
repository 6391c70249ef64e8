import type { Context } from "hono";
import { Hono } from "hono";
import { z } from "zod";
import { withRange } from "./byte-range.ts";
import { unlessKnown } from "./conditional.ts";
import { isWordless, readObject } from "./odd-requests.ts";
import { seesBucket } from "./storage-access.ts";
import { getBucket, listBuckets, putBucket } from "./storage-buckets.ts";
import { copy, move } from "./storage-copies.ts";
import { claimsOf, forward, invalidKey, readAway, refuse, type StorageContext } from "./storage-forward.ts";
import { isKey, isNewKey, isPlain, targetOf } from "./storage-keys.ts";
import { listFolder } from "./storage-list.ts";
import { listV2 } from "./storage-list-v2.ts";
import { isoDate, toInfo } from "./storage-metadata.ts";
import { withPath } from "./storage-requests.ts";
import { readSignature, wantToken } from "./storage-tokens.ts";
import { resumableUploads } from "./storage-tus.ts";
import { upload, uploadSigned } from "./storage-uploads.ts";

/** @supabase/lite's storage routes, with those replaced whose answers supabase-js does not understand. */
export function storageRoutes(context: StorageContext): Hono {
  const app = new Hono().basePath("/storage/v1").onError((error, c) => {
    console.error("storage:", error);
    return refuse(c, 500, "InternalError", "Internal Server Error");
  });
  app.use(async (c, next) => {
    await next();
    // A file is what its uploader says; no browser is to find something else in it.
    c.res.headers.set("X-Content-Type-Options", "nosniff");
  });
  app.use(refuseOddPaths);
  app.use(wantToken(context));
  app.get("/status", (c) => c.body(null));
  app.get("/version", (c) => c.text("embedded"));
  app.on(["POST", "PUT", "DELETE"], [...inJson], refuseOddBodies);
  app.get("/bucket", (c) => listBuckets(context, c));
  app.get("/bucket/:id", (c) => getBucket(context, c));
  app.on(["POST", "PUT"], ["/bucket", "/bucket/:id"], (c) => putBucket(context, c));
  app.delete("/bucket/:id", (c) => deleteBucket(context, c));
  app.post("/object/list/:bucket", (c) => list(context, c));
  app.post("/object/list-v2/:bucket", (c) => listV2(context, c));
  app.post("/object/sign/:bucket", (c) => signMany(context, c));
  app.post("/object/copy", (c) => copy(context, c));
  app.post("/object/move", (c) => move(context, c));
  app.delete("/object/:bucket", (c) => remove(context, c));
  // An image is given as it is; nothing here makes another one of it.
  app.get("/render/image/*", (c) => app.fetch(withPath(c.req.raw, /\/render\/image\/(authenticated\/)?/, "/object/")));
  app.get("/object/authenticated/*", (c) => app.fetch(withPath(c.req.raw, "/object/authenticated/", "/object/")));
  app.get("/object/info/authenticated/*", (c) =>
    app.fetch(withPath(c.req.raw, "/object/info/authenticated/", "/object/info/")),
  );
  // As whoever asks for a public address is nobody: a token must not open what is not public.
  app.get("/object/info/public/*", (c) => {
    const request = withPath(c.req.raw, "/object/info/public/", "/object/info/");
    request.headers.delete("Authorization");
    return app.fetch(request);
  });
  // What follows names its file in the path.
  app.use("/object/*", refuseBadKeys);
  app.post("/object/sign/*", (c) => sign(context, c));
  app.post("/object/upload/sign/*", (c) => signUpload(context, c));
  app.put("/object/upload/sign/:bucket/*", (c) => uploadSigned(context, c));
  app.get("/object/sign/:bucket/*", (c) => followSignedUrl(context, c));
  app.on(["POST", "PUT"], "/object/:bucket/*", (c) => upload(context, c));
  app.get("/object/*", (c) => download(context, c));
  app.delete("/object/:bucket/*", (c) => removeOne(context, c));
  const uploads = resumableUploads(context, async (request) => app.fetch(request));
  app.all("/upload/resumable", (c) => uploads.fetch(c.req.raw));
  app.all("/upload/resumable/*", (c) => uploads.fetch(c.req.raw));
  app.all("*", (c) => forward(context, c.req.raw));
  return app;
}

// What is told in JSON; all else is files.
const inJson = [
  "/bucket",
  "/bucket/*",
  "/object/list/*",
  "/object/list-v2/*",
  "/object/sign/*",
  "/object/copy",
  "/object/move",
];

// @supabase/lite passes on to PostgreSQL what that cannot hold, and has nothing to say at an address that is not there.
const refuseOddPaths = async (c: Context, next: () => Promise<void>) => {
  if (/%00|%(?![\da-f]{2})/i.test(new URL(c.req.url).pathname)) return refuse(c, 400, "InvalidKey", "Invalid path");
  await next();
  // Uploads in parts are refused in plain words, as tus has it.
  if (c.req.method !== "HEAD" && !c.req.path.startsWith("/storage/v1/upload/") && isWordless(c.res))
    c.res = c.json({ statusCode: "404", error: "not_found", message: "There is nothing at this address" }, 404);
};

const refuseOddBodies = async (c: Context, next: () => Promise<void>) => {
  const { problem } = await readObject(c);
  return problem ? refuse(c, 400, "InvalidRequest", `The body is not what is expected: ${problem}`) : next();
};

// No name leads out of its folder, by whichever route it comes.
const refuseBadKeys = async (c: Context, next: () => Promise<void>) => {
  if (targetOf(c.req.url)) return next();
  await readAway(c.req.raw.body);
  return refuse(c, 400, "InvalidKey", "Invalid object key");
};

// @supabase/lite would say of a bucket that is full and hidden that it is not empty.
async function deleteBucket(context: StorageContext, c: Context): Promise<Response> {
  const claims = await claimsOf(context, c);
  if (!(await seesBucket(context.sql, claims, c.req.param("id") ?? "")))
    return refuse(c, 404, "Bucket not found", "Bucket not found");
  return forward(context, c.req.raw);
}

const removeParams = z.object({ prefixes: z.array(z.string().refine(isKey)).min(1).max(1000) });

async function remove(context: StorageContext, c: Context): Promise<Response> {
  const request = removeParams.safeParse(
    await c.req.raw
      .clone()
      .json()
      .catch(() => undefined),
  );
  if (!request.success) return refuse(c, 400, "InvalidRequest", "body must name 1 to 1000 files as prefixes");
  const answer = await forward(context, c.req.raw);
  // Nothing was removed, as from a bucket whose files the caller does not see.
  if (!answer.ok) return (await isMissing(answer)) ? c.json([]) : answer;
  const dates = ["created_at", "updated_at", "last_accessed_at"];
  const removed = (await answer.json()) as Record<string, unknown>[];
  return c.json(
    removed.map((file) => ({
      ...file,
      ...Object.fromEntries(dates.map((name) => [name, isoDate(String(file[name]))])),
    })),
  );
}

// @supabase/lite removes by lists alone.
async function removeOne(context: StorageContext, c: Context): Promise<Response> {
  const { bucket, key } = targetOf(c.req.url) ?? { bucket: "", key: "" };
  const headers = new Headers(c.req.raw.headers);
  headers.set("Content-Type", "application/json");
  headers.delete("Content-Length");
  await readAway(c.req.raw.body);
  const url = new URL(`/storage/v1/object/${encodeURIComponent(bucket)}`, c.req.url);
  const body = JSON.stringify({ prefixes: [key] });
  const answer = await forward(context, new Request(url, { method: "DELETE", headers, body }));
  if (!answer.ok) return answer;
  const removed = (await answer.json()) as unknown[];
  return removed.length > 0
    ? c.json({ message: "Successfully deleted" })
    : refuse(c, 404, "not_found", "Object not found");
}

async function isMissing(answer: Response): Promise<boolean> {
  return ((await answer.clone().json()) as { statusCode?: string }).statusCode === "404";
}

const listParams = z.object({
  prefix: z.string().max(1024).refine(isPlain).default(""),
  limit: z.number().int().min(1).max(1000).default(100),
  offset: z.number().int().min(0).max(1_000_000).default(0),
  search: z.string().max(1024).refine(isPlain).default(""),
  sortBy: z.object({ column: z.string(), order: z.string().default("asc") }).optional(),
});

async function list(context: StorageContext, c: Context): Promise<Response> {
  const request = listParams.safeParse(await c.req.json().catch(() => undefined));
  if (!request.success) return refuse(c, 400, "InvalidRequest", "body must be a list request");
  const claims = await claimsOf(context, c);
  return c.json(await listFolder(context.sql, claims, { bucket: c.req.param("bucket") ?? "", ...request.data }));
}

async function followSignedUrl(context: StorageContext, c: Context): Promise<Response> {
  const target = targetOf(c.req.url) ?? { bucket: "", key: "" };
  const signed = await readSignature(context, c.req.query("token") ?? "", { intent: "download", ...target });
  return "error" in signed ? refuse(c, 400, signed.error, signed.message) : download(context, c);
}

/** A file is saved and never shown: it is another's, on the address of the API. A player heeds no such header. */
async function download(context: StorageContext, c: Context): Promise<Response> {
  // Whether a file is there is asked in the same way by either address.
  const isHead = c.req.method === "HEAD";
  const found = await forward(context, isHead ? withPath(c.req.raw, "/object/info/", "/object/") : c.req.raw);
  if (found.ok && !isHead && c.req.path.startsWith("/storage/v1/object/info/")) return toInfo(c, found);
  const answer = withRange(c.req.header("Range"), await unlessKnown(c.req.raw, found));
  if (!answer.ok) return answer;
  const name = c.req.query("download");
  const headers = new Headers(answer.headers);
  headers.set("Content-Disposition", name ? `attachment; filename*=UTF-8''${encodeURIComponent(name)}` : "attachment");
  return new Response(answer.body, { status: answer.status, headers });
}

const expiresIn = z.number().int().min(1);

async function sign(context: StorageContext, c: Context): Promise<Response> {
  const request = z.object({ expiresIn }).safeParse(
    await c.req.raw
      .clone()
      .json()
      .catch(() => undefined),
  );
  if (!request.success) return refuse(c, 400, "InvalidRequest", "body must name expiresIn, seconds from 1 on");
  return renameSignedUrl(c, await forward(context, c.req.raw));
}

async function signUpload(context: StorageContext, c: Context): Promise<Response> {
  const { key } = targetOf(c.req.url) ?? { key: "" };
  return isNewKey(key) ? renameSignedUrl(c, await forward(context, c.req.raw)) : invalidKey(c, key);
}

const signManyParams = z.object({ paths: z.array(z.string()).max(1000), expiresIn });

// @supabase/lite takes a request for several URLs for one of a file without a name; each is asked for by itself.
async function signMany(context: StorageContext, c: Context): Promise<Response> {
  const request = signManyParams.safeParse(await c.req.json().catch(() => undefined));
  if (!request.success) return refuse(c, 400, "InvalidRequest", "body must name paths and expiresIn");
  const headers = new Headers(c.req.raw.headers);
  headers.delete("Content-Length");
  const body = JSON.stringify({ expiresIn: request.data.expiresIn });
  const sign = async (path: string) => {
    const missing = "Either the object does not exist or you do not have access to it";
    const refused = { error: missing, path, signedURL: null };
    if (!isKey(path)) return refused;
    const url = `${c.req.url.replace(/\/$/, "")}/${path.split("/").map(encodeURIComponent).join("/")}`;
    const answer = await forward(context, new Request(url, { method: "POST", headers, body }));
    if (!answer.ok) return refused;
    const { signedUrl } = (await answer.json()) as Signed;
    return { error: null, path, signedURL: signedUrl.replace(/^\/storage\/v1/, "") };
  };
  return c.json(await Promise.all(request.data.paths.map(sign)));
}

interface Signed {
  signedUrl: string;
}

// supabase-js reads `signedURL` (`url` for an upload), relative to the storage service; what ends a path stays escaped.
async function renameSignedUrl(c: Context, answer: Response): Promise<Response> {
  if (!answer.ok) return answer;
  const signed = (await answer.json()) as Signed;
  const token = signed.signedUrl.slice(signed.signedUrl.lastIndexOf("?token="));
  const path = decodeURI(new URL(c.req.url).pathname).slice("/storage/v1".length) + token;
  return c.json({ ...signed, signedURL: path, url: path });
}
