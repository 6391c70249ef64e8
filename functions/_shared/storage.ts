import { secretHeaders, supabaseUrl } from "./keys.ts";
import { send } from "./postgrest.ts";
import { serviceUnavailable } from "./problem.ts";

// Storage over its own REST paths, with the project's secret key. Paths are made here, of uuids: nothing is escaped.

/** Puts a file into a bucket. Throws a Problem (503) where Storage does not take it. */
export async function storeFile(bucket: string, path: string, file: Blob): Promise<void> {
  const headers = { ...secretHeaders(), "Content-Type": file.type || "application/octet-stream" };
  const response = await send(urlOf(bucket, path), { method: "POST", headers, body: file });
  await response.body?.cancel();
  if (response.ok) return;
  console.error(`storage: putting a file into ${bucket} answered ${response.status}`);
  throw serviceUnavailable();
}

/** The bytes of a file, as they come. Throws where it is not there. */
export async function* storedFile(bucket: string, path: string): AsyncGenerator<Uint8Array> {
  const response = await send(urlOf(bucket, path), { headers: secretHeaders() });
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
