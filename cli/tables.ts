import type { ColumnType, Kysely } from "kysely";
import type postgres from "postgres";
import type { Database } from "../types/database.generated.ts";

type Shape = { Row: object; Insert: object; Update: object };
type Column<T, Key extends PropertyKey> = Key extends keyof T ? T[Key] : never;
type Table<T extends Shape> = {
  [Key in keyof T["Row"]]: ColumnType<T["Row"][Key], Column<T["Insert"], Key>, Column<T["Update"], Key>>;
};
type TablesOf<Schema extends "leads" | "platform"> = {
  [Name in keyof Database[Schema]["Tables"] as `${Schema}.${Name & string}`]: Database[Schema]["Tables"][Name] extends Shape
    ? Table<Database[Schema]["Tables"][Name]>
    : never;
};

/** The tables by their full name, typed as the database has them. */
export type Tables = TablesOf<"leads"> & TablesOf<"platform">;

/** Queries on tables, checked against the generated types. The connection stays the caller's to close. */
export async function tables(sql: postgres.Sql): Promise<Kysely<Tables>> {
  // Loaded when they are wanted: they are a third of a second of an import's start.
  const [{ Kysely }, { PostgresJSDialect }] = await Promise.all([import("kysely"), import("kysely-postgres-js")]);
  return new Kysely<Tables>({ dialect: new PostgresJSDialect({ postgres: sql }) });
}
