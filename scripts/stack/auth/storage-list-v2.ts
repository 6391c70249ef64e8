import type { Context } from "hono";
import { z } from "zod";
import { asCaller } from "./storage-access.ts";
import { claimsOf, refuse, type StorageContext } from "./storage-forward.ts";
import { isPlain } from "./storage-keys.ts";

const params = z.object({
  prefix: z.string().max(1024).refine(isPlain).default(""),
  limit: z.number().int().min(1).default(1000),
  cursor: z.string().max(8192).optional(),
  with_delimiter: z.boolean().default(false),
  sortBy: z
    .object({ column: z.enum(["name", "updated_at", "created_at"]), order: z.enum(["asc", "desc"]).default("asc") })
    .default({ column: "name", order: "asc" }),
});

/** Where a page ended, and how it was sorted: the next one goes on in the same order. */
const place = z.tuple([params.shape.sortBy, z.string(), z.string()]);

interface Entry {
  id: string | null;
  name: string;
  sort_key: string;
}

/** Files and folders below a prefix, page by page, as `listV2` reads them: by their whole names. */
export async function listV2(context: StorageContext, c: Context): Promise<Response> {
  const request = params.safeParse(await c.req.json().catch(() => undefined));
  if (!request.success) return refuse(c, 400, "InvalidRequest", "body must be a list request");
  const claims = await claimsOf(context, c);
  const { prefix, with_delimiter: folded, cursor } = request.data;
  const start = cursor === undefined ? undefined : place.safeParse(decoded(cursor));
  if (start?.success === false) return refuse(c, 400, "InvalidParameter", "Invalid Parameter continuation token");
  const [sortBy, lastKey, lastName] = start?.data ?? [request.data.sortBy];
  const limit = Math.min(request.data.limit, 1000);
  const { sql } = context;
  const ascends = sortBy.order === "asc";
  const sorted =
    sortBy.column === "name" ? sql`name` : sql`to_char(${sql(sortBy.column)}, 'YYYY-MM-DD"T"HH24:MI:SS.US')`;
  const direction = ascends ? sql`asc` : sql`desc`;
  const entries = await asCaller(
    sql,
    claims,
    "storage.object.list_v2",
    (as) => as<Entry[]>`
      with below as (
        select o.*, case when ${folded} then strpos(substr(o.name, char_length(${prefix}) + 1), '/') else 0 end as slash
        from storage.objects o
        where o.bucket_id = ${c.req.param("bucket") ?? ""} and starts_with(o.name, ${prefix})
      ), entries as (
        select null::uuid as id, left(name, char_length(${prefix}) + slash) as name, min(updated_at) as updated_at,
          min(created_at) as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata
        from below where slash > 0 group by 2
        union all
        select id, name, updated_at, created_at, last_accessed_at, metadata from below where slash = 0
      ), keyed as (select *, ${sorted} collate "C" as sort_key from entries)
      select * from keyed
      ${lastKey === undefined ? sql`` : sql`where (sort_key, name collate "C") ${ascends ? sql`>` : sql`<`} (${lastKey}, ${lastName ?? ""})`}
      order by sort_key ${direction}, name collate "C" ${direction} limit ${limit + 1}`,
  );
  const page = entries.slice(0, limit);
  const last = page.at(-1);
  const hasNext = entries.length > limit;
  return c.json({
    hasNext,
    ...(hasNext && last ? { nextCursor: encoded([sortBy, last.sort_key, last.name]) } : {}),
    folders: page.filter(({ id }) => id === null).map(({ name }) => ({ name, key: name.slice(0, -1) })),
    objects: page
      .filter(({ id }) => id !== null)
      .map(({ sort_key: _, ...object }) => ({ ...object, key: object.name })),
  });
}

function encoded(at: z.infer<typeof place>): string {
  return Buffer.from(JSON.stringify(at)).toString("base64url");
}

function decoded(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}
