import type { Context } from "hono";
import { z } from "zod";
import type { StorageContext } from "./storage-forward.ts";

const longest = 2 ** 20;
const metadata = z.record(z.string(), z.unknown());

/** A file's own properties as its uploader names them, in base64; null where there are none, undefined where they are unreadable. */
export function uploadMetadata(header: string | null): object | null | undefined {
  if (!header) return null;
  if (header.length > longest) return undefined;
  try {
    return metadata.safeParse(JSON.parse(Buffer.from(header, "base64").toString())).data;
  } catch {
    return undefined;
  }
}

/** Keeps the properties that came with an upload; @supabase/lite passes them over. */
export async function keepMetadata(
  { sql }: StorageContext,
  { bucket, key }: { bucket: string; key: string },
  given: object | null,
): Promise<void> {
  const value = given && sql.json(given as never);
  await sql`
    update storage.objects set user_metadata = ${value}
    where bucket_id = ${bucket} and name = ${key} and user_metadata is distinct from ${value}`;
}

interface Row {
  id: string;
  name: string;
  version: string;
  bucket_id: string;
  metadata: { size?: number; mimetype?: string; cacheControl?: string; eTag?: string } | null;
  user_metadata: object | null;
  created_at: string;
  updated_at: string;
}

/** What `info()` reads of a file, from what @supabase/lite tells: the whole row. */
export async function toInfo(c: Context, answer: Response): Promise<Response> {
  const row = (await answer.json()) as Row;
  return c.json({
    id: row.id,
    name: row.name,
    version: row.version,
    bucket_id: row.bucket_id,
    size: row.metadata?.size ?? null,
    content_type: row.metadata?.mimetype ?? null,
    cache_control: row.metadata?.cacheControl ?? null,
    etag: row.metadata?.eTag ?? null,
    metadata: row.user_metadata ?? {},
    last_modified: isoDate(row.updated_at),
    created_at: isoDate(row.created_at),
  });
}

/** PostgreSQL's text of a time, as JavaScript writes it. */
export function isoDate(text: string): string {
  return new Date(text).toISOString();
}
