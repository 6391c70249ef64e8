import type postgres from "postgres";
import { asCaller } from "./storage-access.ts";
import type { Claims } from "./tokens.ts";

interface ListRequest {
  bucket: string;
  prefix: string;
  limit: number;
  offset: number;
  search: string;
  sortBy?: { column: string; order: string } | undefined;
}

const sortColumns = ["name", "created_at", "updated_at", "last_accessed_at"];

/**
 * What lies directly in a folder, as storage-js shows it: files by their name below the folder, deeper folders as
 * entries without an id. @supabase/lite would answer every file at any depth by its whole name.
 */
export async function listFolder(sql: postgres.Sql, claims: Claims, request: ListRequest): Promise<object[]> {
  const folder = request.prefix === "" || request.prefix.endsWith("/") ? request.prefix : `${request.prefix}/`;
  const column = sortColumns.includes(request.sortBy?.column ?? "") ? (request.sortBy?.column ?? "name") : "name";
  const direction = request.sortBy?.order === "desc" ? sql`desc` : sql`asc`;
  return asCaller(
    sql,
    claims,
    "storage.object.list",
    (as) => as`
      with below as (
        select o.*, substr(o.name, ${folder.length + 1}::int) as rest
        from storage.objects o
        where o.bucket_id = ${request.bucket} and starts_with(o.name, ${folder})
      ), entries as (
        select distinct split_part(rest, '/', 1) as name, null::uuid as id, null::timestamptz as updated_at,
          null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata
        from below where strpos(rest, '/') > 0
        union all
        select rest, id, updated_at, created_at, last_accessed_at, metadata from below where strpos(rest, '/') = 0
      )
      select * from entries where starts_with(lower(name), lower(${request.search}))
      order by id is not null, ${sql(column)} ${direction}, name
      limit ${request.limit} offset ${request.offset}`,
  );
}
