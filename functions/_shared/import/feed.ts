import type postgres from "postgres";
import type { Away } from "./busy-time.ts";
import { copyInto } from "./copy.ts";
import { headerKey } from "./fields.ts";
import type { ColumnPlan } from "./header.ts";
import { dateFromSerial, type Epoch, isPastDate } from "./numbers.ts";
import type { ImportFile } from "./read-file.ts";
import type { FilePlace } from "./rows.ts";
import { type Correction, stager } from "./staging.ts";

/** Where an import is: rows and bytes are counted from the start of the file. */
export type ImportProgress = { phase: "reading" | "merging"; rows: number; bytes: number };

/** The lines of a file that a piece of it covers, first and last. */
export type Piece = { from: number; to: number };

export type Feed = {
  /** Stages the next rows of a file, until it is enough or all that are left; undefined if there are none. */
  next: (sql: postgres.TransactionSql, isEnough?: (rows: number) => boolean) => Promise<Piece | undefined>;
  /** How many rows were staged so far. */
  staged: () => number;
  /** Where those begin that are left, and how many bytes of the file are read; undefined before the first is staged. */
  place: () => (FilePlace & { bytes: number }) | undefined;
  /** Whether none are left. */
  hasEnded: () => boolean;
};

/**
 * When something happened: a column may say that its times are UTC, and one that is called « Date » alone may be any
 * date, of which only those that are over are taken.
 */
function momentOf({ header, columns }: ColumnPlan, field: string, date: Correction): Correction {
  const name = header[columns.get(field)?.[0] ?? -1] ?? "";
  const utc = /\b(utc|gmt)\b/i.test(name);
  const vague = headerKey(name) === "date";
  return (text) => {
    const written = date(text) ?? text;
    if (vague && !isPastDate(written, Date.now())) return "";
    return utc && /\d:\d\d(:\d\d(\.\d+)?)?$/.test(written) ? `${written}Z` : written;
  };
}

/** How the dates of a file are put right, by field. */
function dateCorrections(plan: ColumnPlan, epoch: Epoch): ReadonlyMap<string, Correction> {
  const date: Correction = (text) => dateFromSerial(text, epoch);
  const dates = Object.entries(plan.kind.fields).filter(([, { type }]) => type === "date");
  return new Map(dates.map(([field, { reads }]) => [field, reads === "moment" ? momentOf(plan, field, date) : date]));
}

/** Prepares the rows of a file for the staging table of their kind. */
export function feedOf(
  id: string,
  { plan, rows, reading }: ImportFile,
  onProgress?: (progress: ImportProgress) => void,
  away?: Away,
): Feed {
  const { epoch, format } = reading();
  const { columns, head, tail, encode } = stager(id, plan, dateCorrections(plan, epoch), format === "csv");
  const progress: ImportProgress = { phase: "reading", rows: 0, bytes: 0 };
  let lastLine = 0;
  let place: FilePlace | undefined;
  let ended = false;
  async function* binary(isEnough: (rows: number) => boolean): AsyncGenerator<Uint8Array> {
    const before = progress.rows;
    yield head;
    do {
      // Not for await: that would close the file with the first piece.
      const { value: batch, done } = await rows.next();
      if (done) {
        if (!ended) onProgress?.({ ...progress, phase: "merging" });
        ended = true;
        break;
      }
      progress.rows += batch.rows.lines.length;
      progress.bytes = batch.bytes;
      lastLine = batch.rows.lines.at(-1) ?? lastLine;
      place = batch.place ?? { line: lastLine };
      onProgress?.({ ...progress });
      if (batch.rows.lines.length > 0) yield encode(batch.rows);
    } while (progress.rows === before || !isEnough(progress.rows - before));
    yield tail;
  }
  const next: Feed["next"] = async (sql, isEnough = () => false) => {
    const from = lastLine + 1;
    const target = await sql`copy ${sql(plan.kind.staging)} (${sql(columns)}) from stdin (format binary)`.writable();
    await copyInto(target, binary(isEnough), away);
    return lastLine < from ? undefined : { from, to: lastLine };
  };
  return {
    next,
    staged: () => progress.rows,
    place: () => (progress.rows > 0 && place ? { ...place, bytes: progress.bytes } : undefined),
    hasEnded: () => ended,
  };
}
