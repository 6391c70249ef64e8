import { hostname } from "node:os";
import postgres from "postgres";
import { keptValues } from "../../functions/_shared/import/fields.ts";
import {
  conclude,
  type ImportReport,
  type ImportRequest,
  type ImportResult,
  runImport,
} from "../../functions/_shared/import/run.ts";
import { sha256Of } from "../../functions/_shared/import/sha256.ts";
import { note, Refusal } from "../output.ts";
import type { ImportSubject, Interrupted } from "../systems/system.ts";

/** What an import came to; `known` if the file had come in before, and nothing was done. */
export type OnceResult = ImportResult & { known: boolean };

type Known = { id: string | null; reference: string; status: string; resumable: boolean };
type Opened = { id: string; reference: string; opened: boolean };
class Overtaken extends Error {}

/** A path says where a file is on one machine only. */
const here = `${hostname()}:`;

/**
 * Imports a file unless it is known, asked for in the same way; takes up again what a killed run has left. `path` is
 * the file's full path here, or - for what cannot be read again. Throws a Refusal while it comes in by another road.
 */
export async function importOnce(sql: postgres.Sql, request: ImportRequest, path: string): Promise<OnceResult> {
  const hash = await sha256Of(request.open());
  const { owner, fileName, onDuplicate } = request;
  const { kind, asked, encoding, sheet, set } = request.wish;
  const reading = JSON.stringify({ mapping: Object.fromEntries(asked), encoding, sheet, set: keptValues(set) });
  const begin = async (): Promise<string> => {
    const [row] = await sql<
      Opened[]
    >`select * from ${sql(kind.functions.open)}(${owner}, ${fileName}, decode(${hash}, 'hex'),
      ${onDuplicate}, ${reading}::text::jsonb, ${here + path})`;
    if (!row?.opened) throw new Overtaken();
    return row.id;
  };
  for (;;) {
    const [known] = await sql<Known[]>`select * from ${sql(kind.functions.known)}(${owner}, decode(${hash}, 'hex'),
      ${onDuplicate}, ${reading}::text::jsonb)`;
    if (known?.id && !known.resumable) return alreadyThere(sql, { ...known, id: known.id }, request);
    if (known?.id) note(`Taking up ${known.reference} again, which did not end.`);
    try {
      return { ...(await runImport(sql, { ...request, begin })), known: false };
    } catch (error) {
      // Somebody else brought the same file in meanwhile.
      if (!(error instanceof Overtaken) && !isNotOpen(error)) throw error;
    }
  }
}

/** This run's figures are none: nothing was read. A run that was killed after its merge still gets its refused rows. */
async function alreadyThere(
  sql: postgres.Sql,
  { id, reference, status }: Known & { id: string },
  request: ImportRequest,
): Promise<OnceResult> {
  if (status === "processing") throw new Refusal(`ce fichier est en cours d'import : ${reference}`);
  const report = await conclude(sql, id, request);
  return { report: nothingAdded(report), reading: null, mapping: {}, ignored: [], known: true };
}

/** The report of a file that had come in before, for a run that adds nothing: its counts are zero and its lists empty. */
export function nothingAdded(report: ImportReport): ImportReport {
  const duplicates = Object.fromEntries(Object.keys(report.duplicates).map((name) => [name, 0]));
  const lists = Object.entries(report).filter(([, value]) => Array.isArray(value));
  const emptied = Object.fromEntries(lists.map(([name]) => [name, []]));
  return { ...report, ...emptied, duplicates, read: 0, inserted: 0, updated: 0, invalid: 0 };
}

/** What leads-cli began on this machine and did not end, the oldest first. */
export async function interruptedImports(sql: postgres.Sql, subject: ImportSubject): Promise<Interrupted[]> {
  return subject.interrupted(sql, here);
}

function isNotOpen(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.detail === "import_not_open";
}
