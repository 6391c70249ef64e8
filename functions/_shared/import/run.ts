import type postgres from "postgres";
import { rolledBack } from "../rolled-back.ts";
import type { Away } from "./busy-time.ts";
import { feedOf, type ImportProgress } from "./feed.ts";
import { mappingOf } from "./header.ts";
import type { ImportKind, SliceFunctions } from "./kind.ts";
import { merge, mergeWhileReading, type OnDuplicate } from "./merge.ts";
import type { Bytes } from "./pieces.ts";
import { type ImportFile, openFile, openImportFile, type Reading, type ReadingWish } from "./read-file.ts";
import { ImportRefusal, isMatterOfChoice } from "./refusal.ts";
import { type Reject, rejectFile } from "./rejects.ts";
import type { FilePlace } from "./rows.ts";

export type { ImportProgress } from "./feed.ts";
export type { OnDuplicate } from "./merge.ts";

/** What an import's `report` answers; a kind may add what its rows divide into. */
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
  /** `total`, and what it is made of. */
  duplicates: Readonly<Record<string, number>>;
  invalid: number;
  reasons: { field: string; code: string; rows: number; example: string }[];
};

export type ImportRequest = {
  /** Whose rows they are, by his key; null where they are nobody's. */
  owner: string | null;
  fileName: string;
  /** The file, from its start each time that it is asked for: a second reading writes the refused rows. */
  open: () => Bytes;
  /** How to read it, where that is not left to the file itself. */
  wish: ReadingWish;
  onDuplicate: OnDuplicate;
  /** Opens the import and answers its id; by default one that nobody can take up again. */
  begin?: (sql: postgres.Sql) => Promise<string>;
  /** Whether `sql` has two connections for this import alone, and the file is here: it is merged while it is read. */
  whileReading?: boolean;
  /** Do everything, report it, and take it back. */
  dryRun: boolean;
  onProgress?: (progress: ImportProgress) => void;
  /** Takes the file of refused rows, in pieces. */
  onRejects?: (pieces: AsyncIterable<string>) => Promise<void>;
};

export type ImportResult = {
  report: ImportReport;
  /** How the file was understood; null where it was not read, since it had come in before. */
  reading: (Reading & { dateOrder: DateOrder | null }) | null;
  mapping: Record<string, string>;
  ignored: readonly string[];
};

/** In which order a column of dates has day and month, as all of its dates together tell. */
type DateOrder = "day_first" | "month_first";

type Database = postgres.Sql | postgres.TransactionSql;

/**
 * Imports a file. Nobody sees a row of it before the merge, which is one transaction. Throws an ImportRefusal if the
 * file cannot be imported, which is then kept as a failed import, unless it is a matter of choice.
 */
export async function runImport(sql: postgres.Sql, request: ImportRequest): Promise<ImportResult> {
  const file = await openImportFile(request.open(), request.wish).catch(async (error: unknown) => {
    const atFault = error instanceof ImportRefusal && !isMatterOfChoice(error);
    if (atFault && !request.dryRun) await fail(sql, request.wish.kind, await opened(sql, request), error);
    throw error;
  });
  const { plan } = file;
  const { report, dateOrder } = await (request.dryRun ? rehearse : perform)(sql, request, file);
  return { report, reading: { ...file.reading(), dateOrder }, mapping: mappingOf(plan), ignored: plan.ignored };
}

type Outcome = { report: ImportReport; dateOrder: DateOrder | null };

async function perform(sql: postgres.Sql, request: ImportRequest, file: ImportFile): Promise<Outcome> {
  const id = await opened(sql, request);
  const dateOrder = await bring(sql, id, request, file).catch(async (error: unknown) => {
    await fail(sql, request.wish.kind, id, error);
    throw error;
  });
  return { report: await conclude(sql, id, request), dateOrder };
}

function opened(sql: postgres.Sql, request: ImportRequest): Promise<string> {
  return request.begin?.(sql) ?? begin(sql, request);
}

/** The reason it stopped matters more than a database that can no longer note it down. */
async function fail(sql: postgres.Sql, { functions }: ImportKind, id: string, error: unknown): Promise<void> {
  await sql`select ${sql(functions.fail)}(${id}, ${reasonOf(error)})`.catch(() => {});
}

/** What an import that has been opened elsewhere still lacks: whose it is and what it is called is known. */
export type OpenedImport = Pick<ImportRequest, "open" | "wish" | "onDuplicate"> & {
  /** Whether the slice is as long as it may be; it has some rows at least. */
  isEnough: () => boolean;
  /** Is told of what is only waited for. */
  away?: Away;
};

/**
 * Stages the next slice of a file of an import that has been opened before, and merges it with the last one; answers
 * whether that is done. A file of a kind without slices is staged whole. Throws an ImportRefusal if the file cannot be imported; whatever it throws, the import is still
 * open, and can be ended or gone on with.
 */
export async function continueImport(sql: postgres.Sql, id: string, request: OpenedImport): Promise<boolean> {
  const { open, wish, onDuplicate } = request;
  const { slices } = wish.kind.functions;
  if (!slices) {
    await bring(sql, id, { onDuplicate }, await openImportFile(open(), wish));
    return true;
  }
  const staged = await sql.begin((tx) => stageSlice(tx, slices, id, request));
  if (staged === undefined) return false;
  await sql.begin((tx) => merge(tx, wish.kind, id, onDuplicate, staged));
  return true;
}

type Slice = { staged_to: FilePlace | null; staged_rows: string; is_staged: boolean };

/** Answers how many rows the file has, where all of them are staged. */
async function stageSlice(
  tx: postgres.TransactionSql,
  slices: SliceFunctions,
  id: string,
  { open, wish, isEnough, away = (awaited) => awaited }: OpenedImport,
): Promise<number | undefined> {
  await tx`set local statement_timeout = 0`;
  const [before] = await away(tx<[Slice]>`select * from ${tx(slices.begin)}(${id})`);
  if (before.is_staged) return Number(before.staged_rows);
  const file = await openImportFile(open(), wish, before.staged_to ?? undefined);
  try {
    const feed = feedOf(id, file, undefined, away);
    await feed.next(tx, isEnough);
    const place = JSON.stringify(feed.place() ?? null);
    await tx`select ${tx(slices.end)}(${id}, ${feed.staged()}, nullif(${place}::text::jsonb, 'null'), ${feed.hasEnded()})`;
    return feed.hasEnded() ? Number(before.staged_rows) + feed.staged() : undefined;
  } finally {
    // What is not read to its end is not left open.
    await file.rows.return(undefined);
  }
}

async function bring(
  sql: postgres.Sql,
  id: string,
  { onDuplicate, onProgress, whileReading }: Pick<ImportRequest, "onDuplicate" | "onProgress" | "whileReading">,
  file: ImportFile,
): Promise<DateOrder | null> {
  const { kind } = file.plan;
  const { pieces } = kind.functions;
  try {
    if (whileReading && pieces && !hasDates(file)) {
      await mergeWhileReading(sql, kind, pieces, id, onDuplicate, feedOf(id, file, onProgress));
      return null;
    }
    const { dateOrder, rows } = await sql.begin((tx) => stage(tx, id, { onProgress }, file));
    await sql.begin((tx) => merge(tx, kind, id, onDuplicate, rows));
    return dateOrder;
  } finally {
    // What is not read to its end is not left open.
    await file.rows.return(undefined);
  }
}

/** Whether there are dates, which are understood only when all of them are there. */
function hasDates({ plan }: ImportFile): boolean {
  return [...plan.columns.keys()].some((field) => plan.kind.fields[field]?.type === "date");
}

/** An import in one transaction that is rolled back. */
function rehearse(sql: postgres.Sql, request: ImportRequest, file: ImportFile): Promise<Outcome> {
  return rolledBack(sql, async (tx) => {
    const id = await begin(tx, request);
    const { dateOrder, rows } = await stage(tx, id, request, file);
    await merge(tx, file.plan.kind, id, request.onDuplicate, rows);
    return { report: await conclude(tx, id, request), dateOrder };
  });
}

async function begin(sql: Database, { owner, fileName, wish }: ImportRequest): Promise<string> {
  const [row] = await sql<{ id: string }[]>`select ${sql(wish.kind.functions.begin)}(${owner}, ${fileName}) as id`;
  return (row as { id: string }).id;
}

async function stage(
  sql: postgres.TransactionSql,
  id: string,
  { onProgress }: { onProgress?: ImportRequest["onProgress"] | undefined },
  file: ImportFile,
): Promise<{ rows: number; dateOrder: DateOrder | null }> {
  const { functions } = file.plan.kind;
  await sql`set local statement_timeout = 0`;
  await sql`select ${sql(functions.stage)}(${id})`;
  const feed = feedOf(id, file, onProgress);
  await feed.next(sql);
  const [row] =
    functions.dateOrder && hasDates(file)
      ? await sql<{ order: DateOrder | null }[]>`select ${sql(functions.dateOrder)}(${id}) as order`
      : [];
  return { rows: feed.staged(), dateOrder: row?.order ?? null };
}

/** What became of an import that has ended; its refused rows go where the request says. */
export async function conclude(
  sql: Database,
  id: string,
  { open, wish, onRejects }: Pick<ImportRequest, "open" | "wish" | "onRejects">,
): Promise<ImportReport> {
  const [row] = await sql<{ report: ImportReport }[]>`select ${sql(wish.kind.functions.report)}(${id}) as report`;
  if (onRejects) {
    await onRejects(rejectFile(await openFile(open(), wish), rejectsOf(sql, wish.kind, id)));
  }
  return (row as { report: ImportReport }).report;
}

/** The refused rows of an import, in the order of their lines. */
export async function* rejectsOf(sql: Database, { rejects }: ImportKind, id: string): AsyncGenerator<Reject> {
  const batches = sql<Reject[]>`
    select r.line, (select string_agg(p.problem ->> 'message', ' ') from jsonb_array_elements(r.problems) as p (problem)) as reason
    from ${sql(rejects)} r where r.import_id = ${id} order by r.line`.cursor(1000);
  for await (const batch of batches) yield* batch;
}

function reasonOf(error: unknown): string {
  return error instanceof ImportRefusal ? error.message : "L'import s'est arrêté sur une erreur technique.";
}
