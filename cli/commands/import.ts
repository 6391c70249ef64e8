import { realpathSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import type postgres from "postgres";
import {
  fieldValues,
  headerKey,
  type ImportField,
  importFields,
  isImportField,
  readFieldValue,
} from "../../functions/_shared/import/fields.ts";
import { type OnDuplicate, runImport } from "../../functions/_shared/import/run.ts";
import { sha256Of } from "../../functions/_shared/import/sha256.ts";
import { withDatabase } from "../database.ts";
import { importByUpload } from "../import/by-upload.ts";
import { type Interrupted, importOnce, interruptedImports, type OnceResult } from "../import/once.ts";
import { progressDisplay } from "../import/progress.ts";
import { readingText } from "../import/reading.ts";
import { printImport } from "../import/report.ts";
import { fileBytes, openSourceFile, standardInput } from "../import/source-file.ts";
import { io } from "../io.ts";
import { note, printJson, Refusal } from "../output.ts";
import { tables } from "../tables.ts";
import { announceTarget, type Target } from "../target.ts";
import { registerUndo } from "./imports.ts";

type ImportOptions = {
  supplier?: string;
  map: Map<string, ImportField>;
  saveMap?: true;
  set: Map<ImportField, string>;
  encoding?: string;
  sheet?: string;
  onDuplicate: OnDuplicate;
  resume?: true;
  dryRun?: true;
  rejects?: string;
  json?: true;
};
type Supplier = { id: string; company: string; status: string };

const fieldNames = Object.keys(importFields).join(", ");
const examples = `
FILE is a CSV file (UTF-8, UTF-16, Windows-1252 or -1250, Macintosh, MS-DOS; separated by semicolons, commas, tabs or bars; also as .csv.gz or alone
in a .zip) or a workbook (.xlsx, .xls, .ods; packed files up to 50 MB). What it is, is told by its content; - reads the
standard input. Its columns are known by their French or English names, wherever they come in the first 50 rows, and so are
the exports of Facebook, Google and LinkedIn lead forms, HubSpot, Pipedrive, Salesforce, Outlook, Google Contacts,
Typeform and contact forms; --map names the others, and --set says what no column does. Of two columns for one field the more
precise one counts (family name before name), but for telephones: the second is kept as phone2.
Fields: ${fieldNames}.
Required: lastName (or fullName), sector, region (or postcode), and email or phone.

A row that is a lead already (same e-mail or same telephone) is counted as a duplicate and left alone; with
--on-duplicate report it is also named among the refused rows. read = inserted + updated + duplicates + invalid.
The same file twice adds nothing. A run that was killed goes on when the same command is given again, or by --resume
alone if it was not from the standard input, and ends with the same rows. A file with too many refused rows waits:
leads-cli imports accept|discard ID.

With --url and --key alone, the file is put into Storage and the project's function reads it; --dry-run and --save-map need
--db-url.

Examples:
  $ leads-cli import samples/leads.csv --supplier sophie@agence-ads.fr
  $ leads-cli import leads.csv --supplier sophie@agence-ads.fr --dry-run --rejects refused.csv
  $ leads-cli import leads.csv --supplier sophie@agence-ads.fr --map "Nom du client=lastName" --save-map
  $ leads-cli import facebook.csv --supplier sophie@agence-ads.fr --set sector=Isolation --set region=Bretagne
  $ leads-cli import list.csv --supplier sophie@agence-ads.fr --encoding macintosh
  $ leads-cli import undo IMP-012`;

/** `leads-cli import FILE --supplier EMAIL`: brings a file of leads into the marketplace. */
export function register(program: Command): void {
  const command = program
    .command("import")
    .argument("[file]", "CSV file or workbook; - for the standard input")
    .description("import a supplier's file of leads")
    .option("--supplier <email>", "e-mail of the supplier who brings the leads")
    .option("--map <column=field>", "which field a column holds (repeatable)", readMapping, new Map())
    .option(
      "--set <field=value>",
      "what the file does not say, the same for all its rows; a row's own value stays (repeatable)",
      readSetting,
      new Map(),
    )
    .option("--save-map", "keep the --map names for this supplier's next files")
    .option(
      "--encoding <name>",
      "the encoding of a CSV file, if it is not the one that is found (windows-1252, macintosh, cp850, …)",
    )
    .option("--sheet <name|n>", "the sheet of a workbook, if it is not the one with the most known columns")
    .addOption(
      new Option(
        "--on-duplicate <what>",
        "a row that is a lead already: skip it, update the supplier's unsold lead, or report it",
      )
        .choices(["skip", "update", "report"])
        .default("skip"),
    )
    .option("--resume", "go on with what was killed; without a file, with all that was on this machine")
    .option("--dry-run", "do everything, report it, and take it back")
    .option("--rejects <file>", "write the refused rows there, to correct and import again")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (file: string | undefined, options: ImportOptions, command: Command) => {
      if (file === undefined && options.resume) return resumeAll(announceTarget(command), options);
      if (file === undefined) return command.error("error: missing required argument 'file'");
      if (options.supplier === undefined)
        return command.error("error: required option '--supplier <email>' not specified");
      return importFile(file, options.supplier, options, announceTarget(command));
    });
  registerUndo(command);
}

function readSetting(text: string, known: Map<ImportField, string>): Map<ImportField, string> {
  const setting = readFieldValue(text);
  if (!setting) {
    throw new InvalidArgumentError(`Expected FIELD=VALUE (200 letters at most); fields: ${fieldNames}.`);
  }
  return new Map(known).set(...setting);
}

function readMapping(text: string, known: Map<string, ImportField>): Map<string, ImportField> {
  const at = text.lastIndexOf("=");
  const column = headerKey(text.slice(0, Math.max(at, 0)));
  const field = text.slice(at + 1).trim();
  if (at < 1 || column === "") throw new InvalidArgumentError('Expected "column=field".');
  if (!isImportField(field)) throw new InvalidArgumentError(`Unknown field "${field}"; one of: ${fieldNames}.`);
  return new Map(known).set(column, field);
}

async function importFile(path: string, email: string, options: ImportOptions, target: Target): Promise<void> {
  const source = await openSourceFile(path);
  const rejects = options.rejects === undefined ? undefined : await openRejects(options.rejects, path);
  const display = progressDisplay(source.size, io().stderr.isTTY === true);
  try {
    const request = {
      fileName: source.name,
      open: source.open,
      onDuplicate: options.onDuplicate,
      onProgress: display.show,
      ...(rejects ? { onRejects: (pieces: AsyncIterable<string>) => writePieces(rejects, pieces) } : {}),
    };
    const wish = { asked: options.map, encoding: options.encoding, sheet: options.sheet, set: options.set };
    const result = isByUpload(target, options)
      ? await importByUpload(target, { ...request, wish: { ...wish, saved: new Map() }, supplier: email })
      : await withDatabase(target, async (sql) => {
          const supplier = await findSupplier(sql, email);
          const saved = await savedMapping(sql, supplier);
          const whole = { ...request, wish: { ...wish, saved }, supplierId: supplier.id, whileReading: true };
          const dryRun = options.dryRun === true;
          if (dryRun) return { ...(await runImport(sql, { ...whole, dryRun })), known: false };
          const at = path === standardInput ? path : resolve(path);
          const result = await importOnce(sql, { ...whole, dryRun }, at);
          if (options.saveMap) await saveMapping(sql, supplier, options.map);
          return result;
        });
    display.stop();
    report(result, options);
  } finally {
    display.stop();
    await rejects?.close();
    await source.close();
  }
}

/** Whether the target has no database that can be reached from here: what only a session in it can do is refused then. */
function isByUpload(target: Target, { dryRun, saveMap }: ImportOptions): boolean {
  return target.dbUrl === null && !dryRun && !saveMap;
}

/** Goes on with all that was cut off; what cannot be read again as it was ends as failed. */
async function resumeAll(target: Target, options: ImportOptions): Promise<void> {
  const interrupted = await withDatabase(target, interruptedImports);
  if (interrupted.length === 0) note("Nothing was cut off.");
  for (const each of interrupted) {
    if (each.path === standardInput) await giveUp(target, each, unreadable);
    else if (!(await isUnchanged(each))) await giveUp(target, each, changed);
    else {
      const { mapping, set, ...asked } = each.reading;
      const map = new Map(Object.entries(mapping)) as ImportOptions["map"];
      await importFile(
        each.path,
        each.email,
        { ...options, ...asked, map, set: new Map(fieldValues(set)), onDuplicate: each.onDuplicate },
        target,
      );
    }
  }
}

async function isUnchanged({ path, sha256 }: Interrupted): Promise<boolean> {
  return (await sha256Of(fileBytes(path)).catch(() => undefined)) === sha256;
}

/** Why an import is given up: what its supplier is told, and who gave the command. */
type Cause = { reason: string; said: (path: string) => string };
const unreadable: Cause = {
  reason: "Le fichier venait de l'entrée standard, qui ne se relit pas : envoyez-le de nouveau.",
  said: () => "it came from the standard input, which cannot be read again; give the same command again.",
};
const changed: Cause = {
  reason: "Le fichier n'est plus celui dont l'import avait commencé : envoyez-le de nouveau.",
  said: (path) => `${path} is not there any more, or has changed.`,
};

async function giveUp(target: Target, { id, reference, path }: Interrupted, { reason, said }: Cause): Promise<void> {
  await withDatabase(target, (sql) => sql`select leads.fail_import(${id}, ${reason})`);
  note(`${reference} is given up: ${said(path)}`);
}

/** Opened before anything is imported, so that a folder that is missing is said in time. */
async function openRejects(path: string, source: string): Promise<FileHandle> {
  const file = await open(path, "a").catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(`cannot write ${path}: ${error.code === "ENOENT" ? "no such folder" : error.message}`);
  });
  if (source !== standardInput && realpathSync(path) === realpathSync(source)) {
    await file.close();
    throw new Refusal("--rejects names the file that is to be imported");
  }
  return file;
}

async function writePieces(file: FileHandle, pieces: AsyncIterable<string>): Promise<void> {
  await file.truncate();
  for await (const piece of pieces) await file.writeFile(piece);
}

async function findSupplier(sql: postgres.Sql, email: string): Promise<Supplier> {
  const wanted = email.trim().toLowerCase();
  const [supplier] = await sql<Supplier[]>`
    select id, company, status from leads.suppliers where lower(email) = ${wanted} and email <> ''`;
  if (!supplier) throw new Refusal(`fournisseur inconnu : ${email}`);
  if (supplier.status === "suspended") throw new Refusal(`le fournisseur ${supplier.company} (${email}) est suspendu`);
  return supplier;
}

async function savedMapping(sql: postgres.Sql, { id }: Supplier): Promise<Map<string, ImportField>> {
  const rows = await sql<{ header: string; field: string }[]>`
    select header, field from leads.import_mappings where supplier_id = ${id}`;
  // A check constraint holds the fields to those that are known.
  return new Map(rows.map(({ header, field }) => [header, field as ImportField]));
}

async function saveMapping(sql: postgres.Sql, { id }: Supplier, map: ReadonlyMap<string, ImportField>): Promise<void> {
  if (map.size === 0) return;
  const database = await tables(sql);
  await database
    .insertInto("leads.import_mappings")
    .values([...map].map(([header, field]) => ({ supplier_id: id, header, field })))
    .onConflict((conflict) =>
      conflict.columns(["supplier_id", "header"]).doUpdateSet({ field: ({ ref }) => ref("excluded.field") }),
    )
    .execute();
}

function report(result: OnceResult, { json, dryRun, rejects, saveMap, map }: ImportOptions): void {
  if (json) {
    const { report, reading, mapping, ignored, known } = result;
    printJson({ ...report, dryRun: dryRun === true, alreadyImported: known, reading, mapping, ignored });
    return;
  }
  if (result.reading) note(readingText(result.report.fileName, result.reading));
  printImport(result, { dryRun: dryRun === true });
  if (rejects && (result.known || result.report.reasons.length > 0)) note(`The refused rows are in ${rejects}.`);
  if (saveMap && !dryRun) note(`${map.size} column names are kept for this supplier.`);
}
