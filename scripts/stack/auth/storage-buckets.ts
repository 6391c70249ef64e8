import type { Context } from "hono";
import type postgres from "postgres";
import { z } from "zod";
import { asCaller } from "./storage-access.ts";
import { claimsOf, forward, refuse, type StorageContext } from "./storage-forward.ts";
import { isBucketName } from "./storage-keys.ts";
import { numericLimit } from "./storage-requests.ts";

// What @supabase/lite tells of buckets has no ISO dates, and its list is always whole.

const listParams = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
  offset: z.coerce.number().int().min(0).default(0),
  sortColumn: z.enum(["id", "name", "created_at", "updated_at"]).default("name"),
  sortOrder: z.enum(["asc", "desc"]).default("asc"),
  search: z.string().default(""),
});

/** The buckets that the caller may see. */
export async function listBuckets(context: StorageContext, c: Context): Promise<Response> {
  const request = listParams.safeParse(c.req.query());
  if (!request.success) return refuse(c, 400, "InvalidRequest", "querystring must be a list request");
  const { limit, offset, sortColumn, sortOrder, search } = request.data;
  const { sql } = context;
  const direction = sortOrder === "desc" ? sql`desc` : sql`asc`;
  const tail = sql`
    where strpos(lower(name), lower(${search})) > 0
    order by ${sql(sortColumn)} ${direction} limit ${limit} offset ${offset}`;
  return c.json(await bucketRows(context, c, tail));
}

/** A bucket that the caller may see. */
export async function getBucket(context: StorageContext, c: Context): Promise<Response> {
  const [bucket] = await bucketRows(context, c, context.sql`where id = ${c.req.param("id") ?? ""}`);
  if (!bucket) return refuse(c, 404, "Bucket not found", "Bucket not found");
  // Only the list tells of what type each is.
  const { type: _, ...shown } = bucket;
  return c.json(shown);
}

async function bucketRows(context: StorageContext, c: Context, tail: postgres.PendingQuery<postgres.Row[]>) {
  return asCaller(
    context.sql,
    await claimsOf(context, c),
    "storage.bucket.list",
    (as) => as`
      select id, name, coalesce(owner::text, '') as owner, public, 'STANDARD' as type,
        file_size_limit::float8 as file_size_limit, allowed_mime_types, created_at, updated_at
      from storage.buckets ${tail}`,
  );
}

/** Makes a bucket or changes one. */
export async function putBucket(context: StorageContext, c: Context): Promise<Response> {
  const body = (await c.req.raw
    .clone()
    .json()
    .catch(() => ({}))) as Record<string, unknown>;
  const name = body.name ?? body.id;
  if (c.req.method === "POST" && !(typeof name === "string" && isBucketName(name)))
    return refuse(c, 400, "Invalid Input", "Bucket name invalid");
  const answer = await forward(context, await numericLimit(c.req.raw));
  const lifted = c.req.method === "PUT" && answer.ok ? limits.filter((limit) => body[limit] === null) : [];
  if (lifted.length === 0) return answer;
  const claims = await claimsOf(context, c);
  const { sql } = context;
  const nulls = Object.fromEntries(lifted.map((limit) => [limit, null]));
  await asCaller(
    sql,
    claims,
    "storage.bucket.update",
    (as) => as`update storage.buckets set ${sql(nulls)} where id = ${c.req.param("id") ?? ""}`,
  );
  return answer;
}

// @supabase/lite takes no null for a bound that is to go.
const limits = ["file_size_limit", "allowed_mime_types"];
