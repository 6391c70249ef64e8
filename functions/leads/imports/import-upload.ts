import postgres from "postgres";
import * as z from "zod";
import { readFields } from "../../_shared/arguments.ts";
import { inBackground } from "../../_shared/background.ts";
import { database } from "../../_shared/database.ts";
import { fileTooLarge, readAway, readForm } from "../../_shared/form.ts";
import {
  fieldNames,
  headerKey,
  isField,
  type KeptValues,
  keptValues,
  readFieldValue,
} from "../../_shared/import/fields.ts";
import { mappingOf } from "../../_shared/import/header.ts";
import { openImportFile } from "../../_shared/import/read-file.ts";
import { ImportRefusal } from "../../_shared/import/refusal.ts";
import type { OnDuplicate } from "../../_shared/import/run.ts";
import { sha256Of } from "../../_shared/import/sha256.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { invalidBody, Problem } from "../../_shared/problem.ts";
import { publicUrl } from "../../_shared/public-url.ts";
import { type Call, rpc } from "../../_shared/route.ts";
import { type understoodFile, uploadForm } from "./import-inputs.ts";
import { callWorker } from "./import-turns.ts";
import { type AskedReading, wishOf } from "./import-work.ts";
import { leadKind } from "./lead-kind.ts";
import { fileOfForm, fileOfUpload, isPlaceOf, oneFileExpected, type SentFile, unknownUpload } from "./sent-file.ts";

const longestFile = 50 * 1024 * 1024;
const roomForFields = 64 * 1024;

type UploadForm = z.infer<typeof uploadForm>;
type Upload = { file: SentFile; sha256: string; onDuplicate: OnDuplicate; reading: AskedReading };

/**
 * Takes a file of leads: answers 202 with the import, which goes on by itself. Nothing that was answered so is lost:
 * the file lies in Storage by then. A file that has come in before is answered 200 with its import.
 */
export async function uploadImport({ request }: Call): Promise<Response> {
  // Before the file is read: what is sent by who may not is not kept.
  await supplierOf(request, { required: false }).catch(async (refusal) => {
    await readAway(request.body, longestFile);
    throw refusal;
  });
  const form = readFields(uploadForm, Object.fromEntries(await readForm(request, longestFile + roomForFields)));
  const {
    file: sent,
    upload: put,
    fileName,
    fournisseur,
    mapping,
    encoding,
    sheet,
    set,
    onDuplicate,
  } = form as UploadForm;
  if ((sent === undefined) === (put === undefined)) throw oneFileExpected();
  if (sent && sent.size > longestFile) throw fileTooLarge(longestFile);
  const reading = { mapping: readMapping(mapping), encoding, sheet, set: readValues(set) };
  const whose = { ...(fournisseur ? { fournisseur } : {}), ...(sent ? { bytes: sent.size } : {}) };
  const supplier = z.uuid().parse(await supplierOf(request, whose));
  if (put !== undefined && !isPlaceOf(put, supplier)) throw unknownUpload();
  const file = sent ? fileOfForm(sent) : fileOfUpload(put as string, fileName ?? "");
  const upload = { file, onDuplicate, reading, sha256: await sha256Of(file.bytes()) };
  const known = await knownImport(upload, supplier);
  if (known) {
    if (put !== undefined) await file.drop(put);
    return shown(request, known);
  }
  const understood = await checkHeader(upload, supplier);
  const id = await accept(upload, supplier);
  inBackground(callWorker());
  return shown(request, id, understood);
}

/** The import as its supplier follows it: 202 while it goes on, 200 once it has ended. */
async function shown(request: Request, id: string, understood?: Understood): Promise<Response> {
  const found = await askDatabase(rpc("import_detail"), { id }, request.headers);
  const detail = (await found.json()) as { status: string };
  const headers = { Location: `${publicUrl(request).pathname.replace(/\/$/, "")}/${id}`, "Cache-Control": "no-store" };
  return Response.json(
    { ...detail, ...(understood ? { understood } : {}) },
    { status: detail.status === "processing" ? 202 : 200, headers },
  );
}

async function knownImport({ sha256, onDuplicate, reading }: Upload, supplier: string): Promise<string | undefined> {
  const [row] = await database()<{ reference: string | null }[]>`
    select reference from leads.known_import(${supplier}, decode(${sha256}, 'hex'), ${onDuplicate}, ${JSON.stringify(reading)}::text::jsonb)`;
  return row?.reference ?? undefined;
}

type Asked = { fournisseur?: string; required?: boolean; bytes?: number };

async function supplierOf(request: Request, args: Asked): Promise<unknown> {
  return (await askDatabase(rpc("import_supplier"), args, request.headers)).json();
}

function readMapping(text: string | undefined): Record<string, string> {
  const message = `Un objet JSON est attendu : champ par nom de colonne. Champs : ${fieldNames(leadKind)}.`;
  const refusal = invalidBody([{ field: "mapping", code: "invalid_mapping", message }]);
  const parsed = z.record(z.string(), z.string()).safeParse(parseJson(text || "{}"));
  if (!parsed.success) throw refusal;
  return Object.fromEntries(
    Object.entries(parsed.data).map(([column, field]): [string, string] => {
      const key = headerKey(column);
      if (key === "" || !isField(leadKind, field)) throw refusal;
      return [key, field];
    }),
  );
}

function readValues(text: string | undefined): KeptValues | undefined {
  const parsed = z.record(z.string(), z.string()).safeParse(parseJson(text || "{}"));
  const values = Object.entries(parsed.data ?? {}).map(([field, value]) =>
    readFieldValue(leadKind, `${field}=${value}`),
  );
  if (!parsed.success || values.includes(undefined)) {
    const message = `Un objet JSON est attendu : valeur (200 caractères au plus) par champ. Champs : ${fieldNames(leadKind)}.`;
    throw invalidBody([{ field: "set", code: "invalid_set", message }]);
  }
  return keptValues(new Map(values.filter((value) => value !== undefined)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Understood = z.infer<typeof understoodFile>;

/** What is wrong with its first line is said at once, and not when the import is looked at later; and how it was understood. */
async function checkHeader({ file, reading }: Upload, supplier: string): Promise<Understood> {
  try {
    const { rows, plan, reading: found } = await openImportFile(file.bytes(), await wishOf(supplier, reading));
    const { format, encoding, sheet } = found();
    await rows.return(undefined);
    return { format, encoding, sheet, columns: mappingOf(plan), ignored: [...plan.ignored] };
  } catch (error) {
    if (!(error instanceof ImportRefusal)) throw error;
    if (error.code === "unsupported_format") {
      const hint =
        "Formats acceptés : CSV, .csv.gz, .xlsx, .xls (aussi en HTML ou XML), .ods, et un seul de ces fichiers dans un .zip.";
      throw new Problem(415, "unsupported_file_format", error.message, { hint });
    }
    const details = [{ field: "file", code: error.code, message: inApiTerms(error.message) }];
    throw new Problem(422, "invalid_fields", "Certains champs sont invalides.", { details });
  }
}

/** The reader of files tells people of the command line's flags. */
function inApiTerms(message: string): string {
  return message
    .replace(/--map "(.*)=(\w+)"/, 'mapping {"$1": "$2"}')
    .replace(/--set "(\w+)=(.*?)"/, 'set {"$1": "$2"}')
    .replace(/--sheet "(.*?)"/, 'sheet "$1"')
    .replace(/--encoding (\S+)/, 'encoding "$1"')
    .replace(/^--map/, "mapping");
}

async function accept({ file, sha256, reading, onDuplicate }: Upload, supplier: string): Promise<string> {
  const fileName = (file.name.split(/[/\\]/).at(-1) || "import.csv").slice(0, 200);
  const path = await file.keep(supplier);
  let accepted: { reference: string; opened: boolean } | undefined;
  try {
    [accepted] = await database()<{ reference: string; opened: boolean }[]>`
      select * from leads.accept_upload(${supplier}, ${fileName}, ${path}, decode(${sha256}, 'hex'), ${onDuplicate}, ${JSON.stringify(reading)}::text::jsonb)`;
    return (accepted as { reference: string }).reference;
  } catch (error) {
    if (isTaken(error)) throw uploadTaken();
    throw error;
  } finally {
    // Refused, or the same file came by another call meanwhile.
    if (!accepted?.opened) await file.drop(path);
  }
}

/** Another import has named the same place: import_files.path is unique. */
function isTaken(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.constraint_name === "import_files_path_key";
}

function uploadTaken(): Problem {
  return new Problem(409, "upload_taken", "Ce fichier déposé a déjà son import : déposez-le de nouveau.");
}
