import * as z from "zod";
import { secretHeaders, supabaseUrl } from "./keys.ts";
import { send } from "./postgrest.ts";
import { forbidden, serviceUnavailable } from "./problem.ts";
import { publicOrigin } from "./public-url.ts";

// Storage over its own REST paths, with the project's secret key. Paths are made here, of uuids: nothing is escaped.

/** Puts a file into a bucket, as a file of this kind. Throws a Problem (503) where Storage does not take it. */
export async function storeFile(bucket: string, path: string, file: Blob, type: string): Promise<void> {
  const headers = { ...secretHeaders(), "Content-Type": type };
  const response = await send(urlOf(bucket, path), { method: "POST", headers, body: file });
  await response.body?.cancel();
  if (response.ok) return;
  console.error(`storage: putting a file into ${bucket} answered ${response.status}`);
  throw serviceUnavailable();
}

/** Where a file may be put, once: `url` is for whoever speaks HTTP, `path` and `token` for supabase-js. */
export type SignedUpload = { bucket: string; path: string; token: string; url: string };

const signature = z.object({ url: z.string() });

/**
 * Lets whoever has the address put a file there, with the rights of `rights`, the headers of whom Storage is to take it
 * from. Throws a Problem: 403 where Storage refuses, 503 where it fails.
 */
export async function signUpload(
  { bucket, path }: { bucket: string; path: string },
  rights: Record<string, string>,
  request: Request,
): Promise<SignedUpload> {
  const file = [bucket, ...path.split("/")].map(encodeURIComponent).join("/");
  const response = await send(`${supabaseUrl()}/storage/v1/object/upload/sign/${file}`, {
    method: "POST",
    headers: { ...rights, "Content-Type": "application/json" },
    body: "{}",
  });
  if (response.status >= 500) throw serviceUnavailable();
  if (!response.ok) throw forbidden();
  const { url } = signature.parse(await response.json());
  const token = new URLSearchParams(url.slice(url.indexOf("?"))).get("token") ?? "";
  return { bucket, path, token, url: `${publicOrigin(request.headers)}/storage/v1${url}` };
}

/** The bytes of a file, as they come. Throws where it is not there, and a Problem (503) where Storage fails. */
export async function* storedFile(bucket: string, path: string): AsyncGenerator<Uint8Array> {
  const response = await send(urlOf(bucket, path), { headers: secretHeaders() });
  if (response.status >= 500) throw serviceUnavailable();
  if (!response.ok || !response.body)
    throw new Error(`storage: reading a file of ${bucket} answered ${response.status}`);
  yield* response.body as unknown as AsyncIterable<Uint8Array>;
}

/** Takes a file away; whether it was there is no matter. Throws a Problem (503) where Storage fails. */
export async function removeFile(bucket: string, path: string): Promise<void> {
  const response = await send(`${supabaseUrl()}/storage/v1/object/${bucket}`, {
    method: "DELETE",
    headers: { ...secretHeaders(), "Content-Type": "application/json" },
    body: JSON.stringify({ prefixes: [path] }),
  });
  await response.body?.cancel();
  if (response.ok) return;
  console.error(`storage: removing a file of ${bucket} answered ${response.status}`);
  throw serviceUnavailable();
}

function urlOf(bucket: string, path: string): string {
  return `${supabaseUrl()}/storage/v1/object/${bucket}/${path}`;
}
