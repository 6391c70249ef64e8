import type postgres from "postgres";
import { copyInto } from "./copy.ts";
import { dateFromSerial } from "./numbers.ts";
import type { ImportFile } from "./read-file.ts";
import { stager } from "./staging.ts";

/** Where an import is: rows and bytes are counted from the start of the file. */
export type ImportProgress = { phase: "reading" | "merging"; rows: number; bytes: number };

/** The lines of a file that a piece of it covers, first and last. */
export type Piece = { from: number; to: number };

export type Feed = {
  /** Stages the next rows of a file, so many of them or all that are left; undefined if there are none. */
  next: (sql: postgres.TransactionSql, rows?: number) => Promise<Piece | undefined>;
  /** How many rows were staged so far. */
  staged: () => number;
};

/** Prepares the rows of a file for `leads.import_file_rows`. */
export function feedOf(
  id: string,
  { plan, rows, reading }: ImportFile,
  onProgress?: (progress: ImportProgress) => void,
): Feed {
  const { epoch } = reading();
  const date = (text: string) => dateFromSerial(text, epoch);
  const corrections = new Map([["consentAt", date] as const, ["collectedAt", date] as const]);
  const { columns, head, tail, encode } = stager(id, plan, corrections);
  const progress: ImportProgress = { phase: "reading", rows: 0, bytes: 0 };
  let lastLine = 0;
  let ended = false;
  async function* binary(until: number): AsyncGenerator<Uint8Array> {
    yield head;
    while (progress.rows < until) {
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
      onProgress?.({ ...progress });
      if (batch.rows.lines.length > 0) yield encode(batch.rows);
    }
    yield tail;
  }
  const next: Feed["next"] = async (sql, wanted = Number.POSITIVE_INFINITY) => {
    const from = lastLine + 1;
    const target = await sql`copy leads.import_file_rows (${sql(columns)}) from stdin (format binary)`.writable();
    await copyInto(target, binary(progress.rows + wanted));
    return lastLine < from ? undefined : { from, to: lastLine };
  };
  return { next, staged: () => progress.rows };
}
