import { database } from "../../_shared/database.ts";
import { fieldValues, type KeptValues } from "../../_shared/import/fields.ts";
import type { ReadingWish } from "../../_shared/import/read-file.ts";
import { ImportRefusal } from "../../_shared/import/refusal.ts";
import { continueImport, type OnDuplicate } from "../../_shared/import/run.ts";
import { removeFile, storedFile } from "../../_shared/storage.ts";
import { leadKind } from "./lead-kind.ts";

export const uploadBucket = "imports";

const attemptsAtMost = 3;
const lookAgainMs = 60_000;
/** A stack that starts has its functions up before its tables. */
const tablesWithin = { attempts: 60, pauseMs: 500 };
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
  supplier_id: string;
  path: string;
  on_duplicate: OnDuplicate;
  reading: AskedReading;
  attempts: number;
};

let working: Promise<void> | undefined;
let asked = false;

/** Brings in the uploads that wait, one after the other, until none is left; asked meanwhile, looks once more. */
export function workOnUploads(): Promise<void> {
  asked = true;
  working ??= untilNoneIsLeft().finally(() => {
    working = undefined;
  });
  return working;
}

/**
 * Looks for uploads that nobody works at, now and every minute: a crash leaves them so. Takes away what has been kept
 * long enough.
 */
export function keepWorkingOnUploads(): void {
  const look = () => void workOnUploads().then(removeOutdated);
  void untilTablesAreThere().then(look);
  setInterval(look, lookAgainMs);
}

async function untilTablesAreThere(): Promise<void> {
  for (let attempt = 1; attempt <= tablesWithin.attempts; attempt++) {
    const found = await database()`select from leads.imports limit 0`.then(
      () => true,
      () => false,
    );
    if (found) return;
    await new Promise((resolve) => setTimeout(resolve, tablesWithin.pauseMs));
  }
}

async function removeOutdated(): Promise<void> {
  try {
    const outdated = await database()<{ id: string | null; path: string }[]>`select * from leads.outdated_uploads()`;
    for (const { id, path } of outdated) {
      await removeFile(uploadBucket, path);
      await database()`select leads.forget_upload(${id})`;
    }
  } catch (error) {
    console.error(`imports: ${(error as Error).name} while taking old files away`);
  }
}

async function untilNoneIsLeft(): Promise<void> {
  try {
    while (asked) {
      asked = false;
      for (let upload = await claim(); upload; upload = await claim()) await bringIn(upload);
    }
  } catch (error) {
    console.error(`imports: ${(error as Error).name}; looks again in a minute`);
  }
}

async function claim(): Promise<Claimed | undefined> {
  const [row] = await database()<Claimed[]>`select * from leads.claim_upload()`;
  return row?.id ? row : undefined;
}

async function bringIn({ id, supplier_id, path, on_duplicate, reading, attempts }: Claimed): Promise<void> {
  const sql = database();
  const hold = setInterval(() => void sql`select leads.hold_upload(${id})`.catch(() => {}), holdAgainMs);
  try {
    await continueImport(sql, id, {
      open: () => storedFile(uploadBucket, path),
      wish: await wishOf(supplier_id, reading),
      onDuplicate: on_duplicate,
    });
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

/** How a file is to be read, for the file and for the names that its supplier's files have. */
export async function wishOf(
  supplier: string,
  { mapping = {}, encoding, sheet, set }: AskedReading,
): Promise<ReadingWish> {
  const rows = await database()<{ header: string; field: string }[]>`
    select header, field from leads.import_mappings where supplier_id = ${supplier}`;
  const saved = new Map(rows.map(({ header, field }) => [header, field]));
  return { kind: leadKind, asked: new Map(Object.entries(mapping)), saved, encoding, sheet, set: fieldValues(set) };
}
