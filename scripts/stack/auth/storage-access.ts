import type postgres from "postgres";
import type { Claims } from "./tokens.ts";

/** What a bucket takes; null where it sets no bound. */
export interface BucketRules {
  allowed_mime_types: string[] | null;
  file_size_limit: number | null;
}

/** The rules of a bucket, whoever may see it; undefined where there is none. */
export async function rulesOf(sql: postgres.Sql, bucket: string): Promise<BucketRules | undefined> {
  const [rules] = await sql<BucketRules[]>`
    select allowed_mime_types, file_size_limit::float8 as file_size_limit from storage.buckets where id = ${bucket}`;
  return rules;
}

/** Does `work` under the caller's own row-level security, as an operation that policies may ask for by its name. */
export function asCaller<Result>(
  sql: postgres.Sql,
  claims: Claims,
  operation: string,
  work: (transaction: postgres.TransactionSql) => Promise<Result>,
): Promise<Result> {
  return sql.begin(async (transaction) => {
    await transaction`
      select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
        set_config('storage.operation', ${operation}, true),
        set_config('role', ${claims.role ?? "anon"}, true)`;
    return work(transaction);
  }) as Promise<Result>;
}

/** Whether the caller may see a bucket itself, and not only files in it. */
export async function seesBucket(sql: postgres.Sql, claims: Claims, bucket: string): Promise<boolean> {
  const found = await asCaller(
    sql,
    claims,
    "storage.bucket.get",
    (as) => as`select from storage.buckets where id = ${bucket}`,
  );
  return found.length > 0;
}

class Probed extends Error {}

/**
 * Whether row-level security lets the caller put a file there. It is asked before anything is said of the bucket: who
 * may not write there learns neither whether it exists nor what it takes.
 */
export async function mayPut(sql: postgres.Sql, claims: Claims, bucket: string, name: string): Promise<boolean> {
  try {
    await asCaller(sql, claims, "storage.object.upload", async (as) => {
      await as`insert into storage.objects (bucket_id, name, owner_id) values (${bucket}, ${name}, ${claims.sub ?? null})`;
      throw new Probed();
    });
  } catch (error) {
    // Anything else, as that there is such a file, is for the upload itself to say.
    return (error as { code?: string }).code !== "42501";
  }
  return true;
}
