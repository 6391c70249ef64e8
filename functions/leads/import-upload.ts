import * as z from "zod";
import { readFields } from "../_shared/arguments.ts";
import { database } from "../_shared/database.ts";
import { fileTooLarge, readAway, readForm } from "../_shared/form.ts";
import { headerKey, type ImportField, importFields, isImportField } from "../_shared/import/fields.ts";
import type { HeaderMap } from "../_shared/import/header.ts";
import { openImportFile } from "../_shared/import/read-file.ts";
import { ImportRefusal, UnsupportedFormat } from "../_shared/import/refusal.ts";
import { askDatabase } from "../_shared/postgrest.ts";
import { invalidBody, Problem } from "../_shared/problem.ts";
import { publicUrl } from "../_shared/public-url.ts";
import { type Call, rpc } from "../_shared/route.ts";
import { removeFile, storeFile } from "../_shared/storage.ts";
import { uploadForm } from "./import-inputs.ts";
import { savedMapping, uploadBucket, workOnUploads } from "./import-work.ts";

const longestFile = 50 * 1024 * 1024;
const roomForFields = 64 * 1024;
const pieceBytes = 64 * 1024;

type Upload = { file: File; onDuplicate: "skip" | "update"; mapping: ReadonlyMap<string, ImportField> };

/**
 * Takes a file of leads: answers 202 with the import, which goes on by itself. Nothing that was answered so is lost:
 * the file lies in Storage by then.
 */
export async function uploadImport({ request }: Call): Promise<Response> {
  // Before the file is read: what is sent by who may not is not kept.
  await supplierOf(request, { required: false }).catch(async (refusal) => {
    await readAway(request.body, longestFile);
    throw refusal;
  });
  const form = readFields(uploadForm, Object.fromEntries(await readForm(request, longestFile + roomForFields)));
  const { file, fournisseur, mapping, onDuplicate } = form as z.infer<typeof uploadForm>;
  const upload = { file, onDuplicate, mapping: readMapping(mapping) };
  if (file.size > longestFile) throw fileTooLarge(longestFile);
  const supplier = z.uuid().parse(await supplierOf(request, fournisseur ? { fournisseur } : {}));
  await checkHeader(upload, supplier);
  const id = await accept(upload, supplier);
  inBackground(workOnUploads());
  const opened = await askDatabase(rpc("import_detail"), { id }, request.headers);
  const headers = { Location: `${publicUrl(request).pathname.replace(/\/$/, "")}/${id}`, "Cache-Control": "no-store" };
  return Response.json(await opened.json(), { status: 202, headers });
}

async function supplierOf(request: Request, args: { fournisseur?: string; required?: boolean }): Promise<unknown> {
  return (await askDatabase(rpc("import_supplier"), args, request.headers)).json();
}

function readMapping(text: string | undefined): ReadonlyMap<string, ImportField> {
  const fields = Object.keys(importFields).join(", ");
  const message = `Un objet JSON est attendu : champ par nom de colonne. Champs : ${fields}.`;
  const refusal = invalidBody([{ field: "mapping", code: "invalid_mapping", message }]);
  const parsed = z.record(z.string(), z.string()).safeParse(parseJson(text || "{}"));
  if (!parsed.success) throw refusal;
  return new Map(
    Object.entries(parsed.data).map(([column, field]): [string, ImportField] => {
      const key = headerKey(column);
      if (key === "" || !isImportField(field)) throw refusal;
      return [key, field];
    }),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with its first line is said at once, and not when the import is looked at later. */
async function checkHeader({ file, mapping }: Upload, supplier: string): Promise<void> {
  try {
    const { rows } = await openImportFile(piecesOf(file), mapping as HeaderMap, await savedMapping(supplier));
    await rows.return(undefined);
  } catch (error) {
    if (error instanceof UnsupportedFormat) {
      const hint = "Formats acceptés : CSV en UTF-8, classeur .xlsx.";
      throw new Problem(415, "unsupported_file_format", error.message, { hint });
    }
    if (!(error instanceof ImportRefusal)) throw error;
    const details = [{ field: "file", code: "unreadable_file", message: inApiTerms(error.message) }];
    throw new Problem(422, "invalid_fields", "Certains champs sont invalides.", { details });
  }
}

/** In pieces of our own: the stream of a file may be one piece, and its first line is all that is wanted. */
async function* piecesOf(file: Blob): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += pieceBytes) {
    yield new Uint8Array(await file.slice(at, at + pieceBytes).arrayBuffer());
  }
}

/** The reader of files tells people of the command line's flag. */
function inApiTerms(message: string): string {
  return message.replace(/--map "(.*)=(\w+)"/, 'mapping {"$1": "$2"}').replace(/^--map/, "mapping");
}

async function accept({ file, mapping, onDuplicate }: Upload, supplier: string): Promise<string> {
  const path = `${supplier}/${crypto.randomUUID()}`;
  const fileName = (file.name.split(/[/\\]/).at(-1) || "import.csv").slice(0, 200);
  await storeFile(uploadBucket, path, file);
  try {
    const sql = database();
    const [row] = await sql<{ reference: string }[]>`
      select reference from leads.accept_upload(${supplier}, ${fileName}, ${path}, ${onDuplicate}, ${JSON.stringify(Object.fromEntries(mapping))}::text::jsonb)`;
    return (row as { reference: string }).reference;
  } catch (error) {
    await removeFile(uploadBucket, path).catch(() => {});
    throw error;
  }
}

type Background = { EdgeRuntime?: { waitUntil: (work: Promise<unknown>) => void } };

/** A hosted function is ended after its answer, unless it is told that work goes on. */
function inBackground(work: Promise<unknown>): void {
  (globalThis as Background).EdgeRuntime?.waitUntil(work);
}
