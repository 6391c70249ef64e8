import type { Context } from "hono";
import { z } from "zod";
import { restateFile } from "./storage-files.ts";
import { forward, invalidKey, refuse, type StorageContext } from "./storage-forward.ts";
import { isKey, isNewKey } from "./storage-keys.ts";
import { uploadMetadata } from "./storage-metadata.ts";

// A header's value: it holds nothing that would end the header.
const headerValue = z.string().regex(/^[ -~]*$/);

const params = z.object({
  bucketId: z.string().refine(isKey),
  sourceKey: z.string().refine(isKey),
  destinationKey: z.string().refine(isKey),
  destinationBucket: z.string().refine(isKey).optional(),
  /** Whether a copy keeps what is told of its original. */
  copyMetadata: z.boolean().default(true),
  metadata: z.object({ cacheControl: headerValue.optional(), mimetype: headerValue.optional() }).default({}),
});
type Params = z.infer<typeof params>;

async function readParams(c: Context): Promise<Params | Response> {
  const body: unknown = await c.req.raw
    .clone()
    .json()
    .catch(() => undefined);
  const { data } = params.safeParse(body);
  if (!data) return refuse(c, 400, "InvalidRequest", "body must name bucketId, sourceKey and destinationKey");
  return isNewKey(data.destinationKey) ? data : invalidKey(c, data.destinationKey);
}

/** Gives a file another name or bucket. */
export async function move(context: StorageContext, c: Context): Promise<Response> {
  const request = await readParams(c);
  return request instanceof Response ? request : forward(context, c.req.raw);
}

/** Copies a file, with what is told of it or with what is told of the copy instead. */
export async function copy(context: StorageContext, c: Context): Promise<Response> {
  const request = await readParams(c);
  if (request instanceof Response) return request;
  const own = uploadMetadata(c.req.header("X-Metadata") ?? null);
  if (own === undefined) return refuse(c, 400, "InvalidParameter", "Invalid Parameter metadata");
  const { bucketId, destinationBucket: bucket = bucketId, destinationKey: key } = request;
  const answer = await forward(context, c.req.raw);
  if (!answer.ok) return answer;
  if (!request.copyMetadata) await restate(context, { bucket, key }, request.metadata, own);
  const [row] = await context.sql<{ id: string }[]>`
    select id, name, bucket_id, owner, owner_id, version, metadata, user_metadata, created_at, updated_at, last_accessed_at
    from storage.objects where bucket_id = ${bucket} and name = ${key}`;
  return c.json({ Id: row?.id, Key: `${bucket}/${key}`, ...row });
}

// @supabase/lite copies all that is told of a file with it.
async function restate(
  { sql, folder }: StorageContext,
  target: { bucket: string; key: string },
  metadata: Params["metadata"],
  own: object | null,
): Promise<void> {
  await restateFile(folder, target, metadata);
  await sql`
    update storage.objects set metadata = metadata || ${sql.json(metadata as never)}, user_metadata = ${own && sql.json(own as never)}
    where bucket_id = ${target.bucket} and name = ${target.key}`;
}
