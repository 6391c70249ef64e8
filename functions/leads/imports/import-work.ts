import process from "node:process";
import { database } from "../../_shared/database.ts";
import { type BusyTime, busyTime } from "../../_shared/import/busy-time.ts";
import { fieldValues, type KeptValues } from "../../_shared/import/fields.ts";
import type { ReadingWish } from "../../_shared/import/read-file.ts";
import { ImportRefusal } from "../../_shared/import/refusal.ts";
import { continueImport, type OnDuplicate } from "../../_shared/import/run.ts";
import { storedFile } from "../../_shared/storage.ts";
import { leadKind } from "./lead-kind.ts";

export const uploadBucket = "imports";

const attemptsAtMost = 3;
/** Of the two seconds of CPU that a hosted function may take. */
const usualSliceMs = 1000;
/** An upload is held for a minute; who works at it says so well before. */
const holdAgainMs = 20_000;

/** How a file was asked to be read, as `leads.imports` keeps it; what is left out is found in the file. */
export type AskedReading = {
  mapping?: Record<string, string>;
  encoding?: string | undefined;
  sheet?: string | undefined;
  set?: KeptValues | undefined;
};

type Claimed = {
  id: string;
  path: string;
  on_duplicate: OnDuplicate;
  reading: AskedReading;
  mappings: Record<string, string>;
  attempts: number;
};

/**
 * Does a turn of work: stages a slice of the upload that is next, and merges it with its last one. Answers whether there was
 * one; another may wait.
 */
export async function takeTurn(): Promise<boolean> {
  const busy = busyTime();
  try {
    const upload = await busy.away(claim());
    if (upload) await bringIn(upload, busy);
    return upload !== undefined;
  } catch (error) {
    console.error(`imports: ${(error as Error).name}; looks again in a minute`);
    return false;
  }
}

async function claim(): Promise<Claimed | undefined> {
  const [row] = await database()<Claimed[]>`select * from leads.claim_upload()`;
  return row?.id ? row : undefined;
}

async function bringIn(
  { id, path, on_duplicate, reading, mappings, attempts }: Claimed,
  busy: BusyTime,
): Promise<void> {
  const sql = database();
  const hold = setInterval(() => void sql`select leads.hold_upload(${id})`.catch(() => {}), holdAgainMs);
  try {
    await continueImport(sql, id, {
      open: () => waitedFor(storedFile(uploadBucket, path), busy),
      wish: wished(new Map(Object.entries(mappings)), reading),
      onDuplicate: on_duplicate,
      isEnough: () => busy.taken() >= sliceMs(),
      away: busy.away,
    });
    await sql`select leads.release_upload(${id})`;
  } catch (error) {
    const refused = error instanceof ImportRefusal;
    // The name alone: PostgreSQL's texts quote values, which may be somebody's data.
    if (!refused) console.error(`imports: ${id}, attempt ${attempts}: ${(error as Error).name}`);
    const reason = refused ? error.message : "L'import s'est arrêté sur une erreur technique.";
    // Not ended, it is tried again when nobody holds it any more.
    if (refused || attempts >= attemptsAtMost) await sql`select leads.fail_import(${id}, ${reason})`;
  } finally {
    clearInterval(hold);
  }
}

/** How long a slice is read, in milliseconds; a setting of the project's, as hosted ones differ in what a function may take. */
function sliceMs(): number {
  return Number(process.env.IMPORT_SLICE_MS || usualSliceMs);
}

async function* waitedFor(pieces: AsyncGenerator<Uint8Array>, busy: BusyTime): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { value, done } = await busy.away(pieces.next());
      if (done) return;
      yield value;
    }
  } finally {
    await pieces.return(undefined);
  }
}

/** How a file is to be read, for the file and for the names that its supplier's files have. */
export async function wishOf(supplier: string, reading: AskedReading): Promise<ReadingWish> {
  const rows = await database()<{ header: string; field: string }[]>`
    select header, field from leads.import_mappings where supplier_id = ${supplier}`;
  return wished(new Map(rows.map(({ header, field }) => [header, field])), reading);
}

function wished(saved: Map<string, string>, { mapping = {}, encoding, sheet, set }: AskedReading): ReadingWish {
  return { kind: leadKind, asked: new Map(Object.entries(mapping)), saved, encoding, sheet, set: fieldValues(set) };
}
