import type { Option } from "commander";
import type postgres from "postgres";
import type { Table } from "../../functions/_shared/export/table.ts";
import type { KeptValues } from "../../functions/_shared/import/fields.ts";
import type { ImportKind } from "../../functions/_shared/import/kind.ts";
import type { OnDuplicate } from "../../functions/_shared/import/run.ts";

/** What a system brings to leads-cli; the commands know no more of it. */
export type CliSystem = {
  slug: string;
  imports: readonly ImportSubject[];
  exports: readonly ExportSubject[];
};

/** Rows that `import` brings in, and what admins do with their imports afterwards. */
export type ImportSubject = {
  kind: ImportKind;
  /** What one row is called, and several. */
  nouns: { one: string; many: string };
  /** What --help says of the columns, and its examples. */
  help: string;
  /** Who brings the rows; left out where they are nobody's. */
  sender?: Sender;
  /** How its files come in where there is no way to the database; left out where its function takes none. */
  upload?: Upload;
  /** What was begun at a place whose name begins with `source` and did not end, the oldest first. */
  interrupted: (sql: postgres.Sql, source: string) => Promise<Interrupted[]>;
  /** What a report counts as duplicates, by its names there, and into what it divides the rows. */
  duplicates: Readonly<Record<string, string>>;
  parts: Readonly<Record<string, string>>;
  decisions: ImportDecisions;
};

/** Who brings rows: `--supplier <email>`. */
export type Sender = {
  name: string;
  by: string;
  description: string;
  /** His key. Throws a Refusal if he is not known, or may bring nothing. */
  find: (sql: postgres.Sql, named: string) => Promise<string>;
  /** What the columns of his files are called: field by headerKey. */
  savedNames: (sql: postgres.Sql, id: string) => Promise<Map<string, string>>;
  saveNames: (sql: postgres.Sql, id: string, names: ReadonlyMap<string, string>) => Promise<void>;
};

/** The function that takes files: at /operators/api/imports, as their admins do, and followed at /operators/imports/ID. */
export type Upload = {
  /** The slug of its system. */
  system: string;
  /** What the endpoint calls the sender; left out where the rows are nobody's. */
  senderField?: string;
};

/** An import that leads-cli began and did not end; `sender` as the command line names him. */
export type Interrupted = {
  id: string;
  reference: string;
  path: string;
  sha256: string;
  sender: string | null;
  onDuplicate: OnDuplicate;
  reading: { mapping: Record<string, string>; encoding?: string; sheet?: string; set?: KeptValues };
};

type ImportFilter = { sender: string | null; status: string | null; limit: number };

/** What admins see of imports and decide about them; SQL functions take an import's reference. */
export type ImportDecisions = {
  help: string;
  statuses: readonly string[];
  list: (sql: postgres.Sql, filter: ImportFilter) => Promise<object[]>;
  /** A table's columns: the name of each, and its cell. */
  columns: Readonly<Record<string, (row: never) => string | number>>;
  /** The key of an import. */
  find: (sql: postgres.Sql, reference: string) => Promise<string | undefined>;
  accept: string;
  discard: string;
  /** Answers {import, removed, restored, kept: [{<noun of one>, reason}]}. */
  undo: string;
  /** Why a row stays, in words. */
  kept: Readonly<Record<string, string>>;
};

/** Rows that `export` writes: the pages' rows are those of the table. They are read in one transaction, as the operators. */
export type ExportSubject = {
  name: string;
  noun: string;
  help: string;
  options: () => readonly Option[];
  table: Table<never>;
  pages: (
    sql: postgres.TransactionSql,
    options: Readonly<Record<string, unknown>>,
  ) => AsyncIterable<readonly unknown[]>;
};
