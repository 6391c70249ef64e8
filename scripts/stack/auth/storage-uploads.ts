import { AsyncLocalStorage } from "node:async_hooks";
import type { Context } from "hono";
import { type BucketRules, mayPut, rulesOf } from "./storage-access.ts";
import { claimsOf, forward, invalidKey, readAway, refuse, type StorageContext } from "./storage-forward.ts";
import { isNewKey, targetOf } from "./storage-keys.ts";
import { keepMetadata, uploadMetadata } from "./storage-metadata.ts";
import { unpackForm } from "./storage-requests.ts";
import { readSignature } from "./storage-tokens.ts";

/**
 * What is said of the file that is being stored and @supabase/lite does not pass on: its kind, where that is told the
 * entry of the bucket's list which lets the file in, and how long it may be kept, where the address was signed.
 */
export const stated = new AsyncLocalStorage<{ type?: string; cacheControl: string }>();

/** A content type without its parameters: a browser's recorder sends `audio/webm;codecs=opus`. */
export function plainType(header: string | null): string {
  return header?.split(";", 1)[0]?.trim().toLowerCase() || "application/octet-stream";
}

/** The entry of a bucket's list that lets a kind of file in, by its name or as `audio/*`; undefined where none does. */
export function entryFor(type: string, { allowed_mime_types: allowed }: BucketRules): string | undefined {
  if (!allowed?.length) return type;
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(type)) return undefined;
  const family = `${type.split("/", 1)[0]}/*`;
  return allowed.find((entry) => entry === type || entry === family || entry === "*/*");
}

/**
 * A body of at most `limit` bytes, whatever the request says of its length. What is more is read and dropped, as a caller
 * who is still sending would see a broken connection instead of the refusal; then it ends with an error.
 */
function limited(body: ReadableStream<Uint8Array>, limit: number, exceeded: () => void) {
  let size = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        size += chunk.length;
        if (size <= limit) controller.enqueue(chunk);
      },
      flush(controller) {
        if (size <= limit) return;
        exceeded();
        controller.error(new Error(`more than ${limit} bytes`));
      },
    }),
  );
}

/** Takes a file from a caller who may put it there. */
export async function upload(context: StorageContext, c: Context): Promise<Response> {
  const claims = await claimsOf(context, c);
  const target = targetOf(c.req.url) ?? { bucket: "", key: "" };
  const { bucket, key } = target;
  if (claims.role !== "service_role" && !(await mayPut(context.sql, claims, bucket, key))) {
    await readAway(c.req.raw.body);
    return refuse(c, 403, "Unauthorized", "new row violates row-level security policy");
  }
  return put(context, c, target);
}

/** Takes a file from whoever has an address that was signed for it. */
export async function uploadSigned(context: StorageContext, c: Context): Promise<Response> {
  const target = targetOf(c.req.url) ?? { bucket: "", key: "" };
  const signed = await readSignature(context, c.req.query("token") ?? "", { intent: "upload", ...target });
  if (!("error" in signed)) return put(context, c, target);
  await readAway(c.req.raw.body);
  return refuse(c, 400, signed.error, signed.message);
}

const roomForForm = 2 ** 20;

/** Stores a file that its caller may store, if its bucket takes such files. */
async function put(context: StorageContext, c: Context, target: { bucket: string; key: string }): Promise<Response> {
  const { bucket, key } = target;
  if (!isNewKey(key)) {
    await readAway(c.req.raw.body);
    return invalidKey(c, key);
  }
  const rules = await rulesOf(context.sql, bucket);
  const limit = Math.min(rules?.file_size_limit ?? context.maxFileSize, context.maxFileSize);
  let isLarge = false;
  const raw = c.req.raw;
  const body = raw.body && limited(raw.body, limit + roomForForm, () => (isLarge = true));
  const tooLarge = () => refuse(c, 413, "Payload too large", "The object exceeded the maximum allowed size");
  try {
    const request = await unpackForm(new Request(raw, { body, duplex: "half" } as RequestInit));
    const metadata = uploadMetadata(request.headers.get("X-Metadata"));
    if (metadata === undefined) {
      await readAway(request.body);
      return refuse(c, 400, "InvalidParameter", "Invalid Parameter metadata");
    }
    const type = plainType(request.headers.get("Content-Type"));
    const entry = rules && entryFor(type, rules);
    if (rules && entry === undefined) {
      await readAway(request.body);
      return refuse(c, 415, "invalid_mime_type", `mime type ${type} is not supported`);
    }
    const headers = new Headers(request.headers);
    if (rules?.allowed_mime_types?.length && entry !== undefined) headers.set("Content-Type", entry);
    const bytes = request.body && limited(request.body, limit, () => (isLarge = true));
    const sent = new Request(request, { headers, body: bytes, duplex: "half" } as RequestInit);
    const cacheControl = headers.get("Cache-Control") ?? "no-cache";
    const said = { cacheControl, ...(rules?.allowed_mime_types?.length ? { type } : {}) };
    const answer = await stated.run(said, () => forward(context, sent));
    if (isLarge) return tooLarge();
    if (!answer.ok) return answer;
    await keepMetadata(context, target, metadata);
    return c.json({ ...((await answer.json()) as object), Key: `${bucket}/${key}` });
  } catch (error) {
    if (isLarge) return tooLarge();
    // A form that says it is one and is none.
    if (error instanceof TypeError) return refuse(c, 400, "InvalidRequest", "The form cannot be read");
    throw error;
  }
}
