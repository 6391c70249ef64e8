import type postgres from "postgres";
import { headerKey } from "../../functions/_shared/import/fields.ts";
import type { Bytes } from "../../functions/_shared/import/pieces.ts";
import * as files from "../../functions/_shared/import/read-file.ts";
import { type FilePlace, type TextRow, textRow } from "../../functions/_shared/import/rows.ts";
import * as runs from "../../functions/_shared/import/run.ts";
import { type Correction, stager } from "../../functions/_shared/import/staging.ts";
import type { LeadField as ImportField } from "../../functions/leads/imports/lead-fields.ts";
import { leadKind } from "../../functions/leads/imports/lead-kind.ts";

// The readers, told that the files are of leads.

type ReadingWish = Omit<files.ReadingWish, "kind">;

export const openFile = (bytes: Bytes, wish: ReadingWish) => files.openFile(bytes, { kind: leadKind, ...wish });
export const openImportFile = (bytes: Bytes, wish: ReadingWish, from?: FilePlace) =>
  files.openImportFile(bytes, { kind: leadKind, ...wish }, from);

type LeadImport = Omit<runs.ImportRequest, "owner" | "wish"> & { supplierId: string; wish: ReadingWish };
export const runImport = (sql: postgres.Sql, { supplierId, wish, ...request }: LeadImport) =>
  runs.runImport(sql, { ...request, owner: supplierId, wish: { kind: leadKind, ...wish } });

export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Columns and the fields that they are mapped to. */
export const mapOf = (names: Record<string, ImportField>) =>
  new Map(Object.entries(names).map(([name, field]): [string, ImportField] => [headerKey(name), field]));

export type Wish = Partial<ReadingWish>;
const wishOf = (wish: Wish): ReadingWish => ({ asked: mapOf({}), saved: mapOf({}), ...wish });

const piecesOf = (file: string | Uint8Array | Bytes): Bytes => {
  if (typeof file === "string") return [bytesOf(file)];
  return file instanceof Uint8Array ? [file] : file;
};

/** A file as it is understood, with all its rows as texts. */
export async function readAll(file: string | Uint8Array | Bytes, wish: Wish = {}) {
  const { plan, rows, reading } = await openImportFile(piecesOf(file), wishOf(wish));
  const texts: TextRow[] = [];
  for await (const batch of rows) texts.push(...Array.from(batch.rows.lines, (_, row) => textRow(batch.rows, row)));
  return { plan, rows: texts, reading: reading() };
}

/** A file's rows as they are staged: by column, NULL left out, with their line. */
export async function stagedRows(
  file: string | Uint8Array | Bytes,
  wish: Wish = {},
  corrections?: ReadonlyMap<ImportField, Correction>,
) {
  const { plan, rows, reading } = await openImportFile(piecesOf(file), wishOf(wish));
  const isText = reading().format === "csv";
  const { columns, encode } = stager("00000000-0000-7000-8000-00000000000a", plan, corrections, isText);
  const staged: Record<string, string | number>[] = [];
  for await (const batch of rows) staged.push(...decoded(encode(batch.rows), columns));
  return staged;
}

/** What COPY BINARY says: for each row the number of its columns, for each of these its length (-1: NULL) and its bytes. */
function* decoded(bytes: Uint8Array, columns: readonly string[]): Generator<Record<string, string | number>> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const row: Record<string, string | number> = {};
    if (view.getInt16(at) !== columns.length) throw new Error("Another number of columns than was told");
    at += 2;
    for (const column of columns) {
      const length = view.getInt32(at);
      at += 4;
      if (length === -1) continue;
      if (column === "line") row[column] = view.getInt32(at);
      else if (column !== "import_id") row[column] = new TextDecoder().decode(bytes.subarray(at, at + length));
      at += length;
    }
    yield row;
  }
}
