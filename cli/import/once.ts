import { hostname } from "node:os";
import postgres from "postgres";
import { type KeptValues, keptValues } from "../../functions/_shared/import/fields.ts";
import {
  conclude,
  type ImportReport,
  type ImportRequest,
  type ImportResult,
  type OnDuplicate,
  runImport,
} from "../../functions/_shared/import/run.ts";
import { sha256Of } from "../../functions/_shared/import/sha256.ts";
import { note, Refusal } from "../output.ts";

/** What an import came to; `known` if the file had come in before, and nothing was done. */
export type OnceResult = ImportResult & { known: boolean };

/** An import that leads-cli began and did not end. */
export type Interrupted = {
  id: string;
  reference: string;
  path: string;
  sha256: string;
  email: string;
  onDuplicate: OnDuplicate;
  reading: { mapping: Record<string, string>; encoding?: string; sheet?: string; set?: KeptValues };
};

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
  const { supplierId, fileName, onDuplicate } = request;
  const { asked, encoding, sheet, set } = request.wish;
  const reading = JSON.stringify({ mapping: Object.fromEntries(asked), encoding, sheet, set: keptValues(set) });
  const begin = async (): Promise<string> => {
    const [row] = await sql<
      Opened[]
    >`select * from leads.open_import(${supplierId}, ${fileName}, decode(${hash}, 'hex'),
      ${onDuplicate}, ${reading}::text::jsonb, ${here + path})`;
    if (!row?.opened) throw new Overtaken();
    return row.id;
  };
  for (;;) {
    const [known] = await sql<Known[]>`select * from leads.known_import(${supplierId}, decode(${hash}, 'hex'),
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

/** The report of a file that had come in before, for a run that adds nothing. */
export function nothingAdded(report: ImportReport): ImportReport {
  const none = { total: 0, inFile: 0, ofSupplier: 0, alreadySold: 0, onPlatform: 0 };
  const figures = {
    read: 0,
    inserted: 0,
    updated: 0,
    duplicates: none,
    invalid: 0,
    reasons: [],
    sectors: [],
    regions: [],
  };
  return { ...report, ...figures };
}

/** What leads-cli began on this machine and did not end, the oldest first. */
export async function interruptedImports(sql: postgres.Sql): Promise<Interrupted[]> {
  return sql<Interrupted[]>`
    select i.id, i.reference, substr(i.source, ${here.length + 1}::int) as path, encode(i.sha256, 'hex') as sha256, s.email,
      i.on_duplicate as "onDuplicate", i.reading
    from leads.imports i join leads.suppliers s on s.id = i.supplier_id
    where i.status = 'processing' and starts_with(i.source, ${here}) order by i.id`;
}

function isNotOpen(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.detail === "import_not_open";
}
