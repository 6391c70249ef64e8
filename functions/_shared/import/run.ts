import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import type { HeaderMap } from "./header.ts";
import { type ImportFile, openImportFile, readRecords } from "./read-file.ts";
import { ImportRefusal } from "./refusal.ts";
import { type Reject, rejectFile } from "./rejects.ts";
import { stagedColumns, stagedLine } from "./staging.ts";
import type { Bytes } from "./text.ts";

/** What becomes of a row that is a lead already; `report` leaves it alone and names it among the refused rows. */
export type OnDuplicate = "skip" | "update" | "report";

/** What `leads.import_report` answers. */
export type ImportReport = {
  import: string;
  fileName: string;
  status: string;
  processingTime: string | null;
  failure: string | null;
  undoneAt: string | null;
  read: number;
  inserted: number;
  updated: number;
  duplicates: { total: number; inFile: number; ofSupplier: number; alreadySold: number; onPlatform: number };
  invalid: number;
  reasons: { field: string; code: string; rows: number; example: string }[];
  sectors: { name: string; leads: number }[];
  regions: { name: string; leads: number }[];
};

/** Where an import is: rows and bytes are counted from the start of the file. */
export type ImportProgress = { phase: "reading" | "merging"; rows: number; bytes: number };

export type ImportRequest = {
  supplierId: string;
  fileName: string;
  /** The file, from its start each time that it is asked for: a second reading writes the refused rows. */
  open: () => Bytes;
  /** This run's names of columns, and the supplier's (see planColumns). */
  asked: HeaderMap;
  saved: HeaderMap;
  onDuplicate: OnDuplicate;
  /** Opens the import, once the header is understood, and answers its id; by default one that nobody can take up again. */
  begin?: (sql: postgres.Sql) => Promise<string>;
  /** Do everything, report it, and take it back. */
  dryRun: boolean;
  onProgress?: (progress: ImportProgress) => void;
  /** Takes the file of refused rows, in pieces. */
  onRejects?: (pieces: AsyncIterable<string>) => Promise<void>;
};

export type ImportResult = { report: ImportReport; mapping: Record<string, string>; ignored: readonly string[] };

type Database = postgres.Sql | postgres.TransactionSql;
class DryRunDone extends Error {}

/**
 * Imports a file. Nobody sees a lead of it before the merge, which is one transaction. Throws an ImportRefusal if the
 * file cannot be imported; what had begun by then is in `leads.imports` as failed.
 */
export async function runImport(sql: postgres.Sql, request: ImportRequest): Promise<ImportResult> {
  const file = await openImportFile(request.open(), request.asked, request.saved);
  const { plan } = file;
  const mapping = Object.fromEntries(
    [...plan.columns].flatMap(([field, columns]) => columns.map((column) => [plan.header[column] ?? "", field])),
  );
  const report = request.dryRun ? await rehearse(sql, request, file) : await perform(sql, request, file);
  return { report, mapping, ignored: plan.ignored };
}

async function perform(sql: postgres.Sql, request: ImportRequest, file: ImportFile): Promise<ImportReport> {
  const id = await (request.begin?.(sql) ?? begin(sql, request));
  try {
    await bring(sql, id, request, file);
  } catch (error) {
    // The reason it stopped matters more than a database that can no longer note it down.
    await sql`select leads.fail_import(${id}, ${reasonOf(error)})`.catch(() => {});
    throw error;
  }
  return conclude(sql, id, request);
}

/** What an import that has been opened elsewhere still lacks: who the supplier is and what it is called is known. */
export type OpenedImport = Pick<ImportRequest, "open" | "asked" | "saved" | "onDuplicate">;

/**
 * Brings the rows of a file into an import that has been opened before. Throws an ImportRefusal if the file cannot be
 * imported; whatever it throws, the import is still open, and can be ended or tried again.
 */
export async function continueImport(sql: postgres.Sql, id: string, request: OpenedImport): Promise<void> {
  await bring(sql, id, request, await openImportFile(request.open(), request.asked, request.saved));
}

async function bring(
  sql: postgres.Sql,
  id: string,
  request: Pick<ImportRequest, "onDuplicate" | "onProgress">,
  file: ImportFile,
): Promise<void> {
  const rows = await sql.begin((tx) => stage(tx, id, request, file));
  request.onProgress?.(rows);
  await sql.begin((tx) => merge(tx, id, request));
}

/** An import in one transaction that is rolled back. */
async function rehearse(sql: postgres.Sql, request: ImportRequest, file: ImportFile): Promise<ImportReport> {
  let report: ImportReport | undefined;
  const done = new DryRunDone();
  await sql
    .begin(async (tx) => {
      const id = await begin(tx, request);
      request.onProgress?.(await stage(tx, id, request, file));
      await merge(tx, id, request);
      report = await conclude(tx, id, request);
      throw done;
    })
    .catch((error: unknown) => {
      if (error !== done) throw error;
    });
  return report as ImportReport;
}

async function begin(sql: Database, { supplierId, fileName }: ImportRequest): Promise<string> {
  const [row] = await sql<{ id: string }[]>`select leads.begin_import(${supplierId}, ${fileName}) as id`;
  return (row as { id: string }).id;
}

async function stage(
  sql: postgres.TransactionSql,
  id: string,
  { onProgress }: Pick<ImportRequest, "onProgress">,
  { plan, rows }: ImportFile,
): Promise<ImportProgress> {
  await sql`set local statement_timeout = 0`;
  await sql`select leads.begin_staging(${id})`;
  const toLine = stagedLine(id, plan);
  const progress: ImportProgress = { phase: "reading", rows: 0, bytes: 0 };
  async function* lines(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    for await (const batch of rows) {
      progress.rows += batch.records.length;
      progress.bytes = batch.bytes;
      onProgress?.({ ...progress });
      if (batch.records.length > 0) yield encoder.encode(batch.records.map(toLine).join(""));
    }
  }
  const target = await sql`copy leads.import_rows (${sql(stagedColumns as string[])}) from stdin`.writable();
  await pipeline(lines, target);
  return { ...progress, phase: "merging" };
}

async function merge(
  sql: postgres.TransactionSql,
  id: string,
  { onDuplicate }: Pick<ImportRequest, "onDuplicate">,
): Promise<void> {
  await sql`set local statement_timeout = 0`;
  await sql`select leads.merge_import(${id}, ${onDuplicate})`;
}

/** What became of an import that has ended; its refused rows go where the request says. */
export async function conclude(
  sql: Database,
  id: string,
  { open, onRejects }: Pick<ImportRequest, "open" | "onRejects">,
): Promise<ImportReport> {
  const [row] = await sql<{ report: ImportReport }[]>`select leads.import_report(${id}) as report`;
  if (onRejects) {
    const { delimiter, records } = await readRecords(open());
    await onRejects(rejectFile(records, rejectsOf(sql, id), delimiter));
  }
  return (row as { report: ImportReport }).report;
}

/** The refused rows of an import, in the order of their lines. */
export async function* rejectsOf(sql: Database, id: string): AsyncGenerator<Reject> {
  const batches = sql<Reject[]>`
    select r.line, (select string_agg(p.problem ->> 'message', ' ') from jsonb_array_elements(r.problems) as p (problem)) as reason
    from leads.import_rejects r where r.import_id = ${id} order by r.line`.cursor(1000);
  for await (const batch of batches) yield* batch;
}

function reasonOf(error: unknown): string {
  return error instanceof ImportRefusal ? error.message : "L'import s'est arrêté sur une erreur technique.";
}
