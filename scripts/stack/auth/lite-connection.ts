import { createPostgresConnection } from "@supabase/lite/postgres";
import type postgres from "postgres";

// @supabase/lite serializes a JSON argument that is text already a second time; text is left alone here.
const jsonText = (oid: number): postgres.PostgresType => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value)),
  parse: (value: string) => JSON.parse(value),
});

/** A connection of @supabase/lite that acts as one role of the database and changes no rights in it. */
export function connectLite(dbUrl: string, options: { role?: string; max?: number } = {}) {
  const connection = createPostgresConnection({
    url: dbUrl,
    postgresOptions: {
      max: options.max ?? 5,
      onnotice: () => undefined,
      types: { json: jsonText(114), jsonb: jsonText(3802) },
      ...(options.role && { connection: { role: options.role } }),
    },
  });
  // Left to itself, its first request as a role grants ALL on every table of every schema that has row-level security
  // to anon and authenticated. It skips that step once this flag says that it is done.
  Object.assign(connection, { rlsState: "active" });
  return connection;
}
