import { realpathSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import type postgres from "postgres";
import { fieldValues } from "../../functions/_shared/import/fields.ts";
import { type ImportRequest, type OnDuplicate, runImport } from "../../functions/_shared/import/run.ts";
import { sha256Of } from "../../functions/_shared/import/sha256.ts";
import { withDatabase } from "../database.ts";
import { importByUpload } from "../import/by-upload.ts";
import { importOnce, interruptedImports, type OnceResult } from "../import/once.ts";
import { progressDisplay } from "../import/progress.ts";
import { readingText } from "../import/reading.ts";
import { printImport } from "../import/report.ts";
import { fileBytes, openSourceFile, standardInput } from "../import/source-file.ts";
import {
  addSenders,
  asOption,
  readMappings,
  readSettings,
  type SubjectOptions,
  senderNamed,
  subjectOf,
} from "../import/subjects.ts";
import { io } from "../io.ts";
import { note, printJson, Refusal } from "../output.ts";
import { importSubjects } from "../systems/registry.ts";
import type { ImportSubject, Interrupted, Upload } from "../systems/system.ts";
import { announceTarget, type Target } from "../target.ts";
import { registerUndo } from "./imports.ts";

type ImportOptions = SubjectOptions & {
  map: string[];
  saveMap?: true;
  set: string[];
  encoding?: string;
  sheet?: string;
  onDuplicate: OnDuplicate;
  resume?: true;
  dryRun?: true;
  rejects?: string;
  json?: true;
};
/** The same for one file: whose it is, and what was asked of its columns. */
type Asked = Omit<ImportOptions, "map" | "set"> & {
  sender: string | null;
  map: ReadonlyMap<string, string>;
  set: ReadonlyMap<string, string>;
};

const general = `
FILE is a CSV file (UTF-8, UTF-16, Windows-1252 or -1250, Macintosh, MS-DOS; separated by semicolons, commas, tabs or bars; also as .csv.gz or alone
in a .zip) or a workbook (.xlsx, .xls, .ods; packed files up to 50 MB). What it is, is told by its content; - reads the
standard input. --map names the columns that are not known by their names, and --set says what no column does.

A row that is there already is counted as a duplicate and left alone; with --on-duplicate report it is also named among the
refused rows. read = inserted + updated + duplicates + invalid. The same file twice adds nothing. A run that was killed
goes on when the same command is given again, or by --resume alone if it was not from the standard input, and ends with
the same rows.

With --url and --key alone, the file is put into Storage and the project's function reads it, for rows that have an upload
endpoint; --dry-run and --save-map need --db-url.`;

const helps = importSubjects.map(({ kind, help }) => `\n--as ${kind.name}\n${help}`);

/** `leads-cli import FILE`: brings the rows of a file in. */
export function register(program: Command): void {
  const collect = (text: string, known: string[]) => [...known, text];
  const command = program
    .command("import")
    .argument("[file]", "CSV file or workbook; - for the standard input")
    .description(`import a file of ${importSubjects.map(({ nouns }) => nouns.many).join(", ")}`)
    .addOption(asOption());
  addSenders(command);
  command
    .option("--map <column=field>", "which field a column holds (repeatable)", collect, [])
    .option(
      "--set <field=value>",
      "what the file does not say, the same for all its rows; a row's own value stays (repeatable)",
      collect,
      [],
    )
    .option("--save-map", "keep the --map names for the next files of the same sender")
    .option(
      "--encoding <name>",
      "the encoding of a CSV file, if it is not the one that is found (windows-1252, macintosh, cp850, …)",
    )
    .option("--sheet <name|n>", "the sheet of a workbook, if it is not the one with the most known columns")
    .addOption(
      new Option(
        "--on-duplicate <what>",
        "a row that is there already: skip it, update what its sender may still change, or report it",
      )
        .choices(["skip", "update", "report"])
        .default("skip"),
    )
    .option("--resume", "go on with what was killed; without a file, with all that was on this machine")
    .option("--dry-run", "do everything, report it, and take it back")
    .option("--rejects <file>", "write the refused rows there, to correct and import again")
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", [general, ...helps].join("\n"))
    .action(async (file: string | undefined, options: ImportOptions, command: Command) => {
      if (file === undefined && options.resume) return resumeAll(announceTarget(command), options);
      if (file === undefined) return command.error("error: missing required argument 'file'");
      const subject = subjectOf(options);
      const sender = senderNamed(subject, options) ?? null;
      if (subject.sender && sender === null) {
        return command.error(`error: required option '--${subject.sender.name} <${subject.sender.by}>' not specified`);
      }
      const map = readMappings(command, subject.kind, options.map);
      const set = readSettings(command, subject.kind, options.set);
      return importFile(announceTarget(command), subject, file, { ...options, sender, map, set });
    });
  registerUndo(command);
}

async function importFile(target: Target, subject: ImportSubject, path: string, asked: Asked): Promise<void> {
  const source = await openSourceFile(path);
  const rejects = asked.rejects === undefined ? undefined : await openRejects(asked.rejects, path);
  const display = progressDisplay(source.size, io().stderr.isTTY === true);
  try {
    const request = {
      fileName: source.name,
      open: source.open,
      onDuplicate: asked.onDuplicate,
      onProgress: display.show,
      ...(rejects ? { onRejects: (pieces: AsyncIterable<string>) => writePieces(rejects, pieces) } : {}),
    };
    const upload = uploadOf(target, subject, asked);
    const result = upload
      ? await importByUpload(target, upload, { ...request, wish: wishOf(subject, asked), sender: asked.sender })
      : await withDatabase(target, (sql) => importDirectly(sql, subject, path, asked, request));
    display.stop();
    report(subject, result, asked);
  } finally {
    display.stop();
    await rejects?.close();
    await source.close();
  }
}

/** How the file is uploaded, where no database can be reached from here; what only a session in it can do is refused then. */
function uploadOf(target: Target, { upload }: ImportSubject, { dryRun, saveMap }: Asked): Upload | undefined {
  return target.dbUrl === null && !dryRun && !saveMap ? upload : undefined;
}

function wishOf({ kind }: ImportSubject, { map, encoding, sheet, set }: Asked, saved = new Map<string, string>()) {
  return { kind, asked: map, saved, encoding, sheet, set };
}

/** By a session in the database. */
async function importDirectly(
  sql: postgres.Sql,
  subject: ImportSubject,
  path: string,
  asked: Asked,
  request: Omit<ImportRequest, "owner" | "wish" | "dryRun">,
): Promise<OnceResult> {
  const { sender } = subject;
  const owner = sender && asked.sender !== null ? await sender.find(sql, asked.sender) : null;
  const saved = sender && owner !== null ? await sender.savedNames(sql, owner) : undefined;
  const dryRun = asked.dryRun === true;
  const whole = { ...request, owner, wish: wishOf(subject, asked, saved), whileReading: true, dryRun };
  if (dryRun) return { ...(await runImport(sql, whole)), known: false };
  const result = await importOnce(sql, whole, path === standardInput ? path : resolve(path));
  if (asked.saveMap && owner !== null && asked.map.size > 0) await sender?.saveNames(sql, owner, asked.map);
  return result;
}

/** Goes on with all that was cut off; what cannot be read again as it was ends as failed. */
async function resumeAll(target: Target, options: ImportOptions): Promise<void> {
  const subjects = options.as === undefined ? importSubjects : [subjectOf(options)];
  let seen = 0;
  for (const subject of subjects) {
    for (const each of await withDatabase(target, (sql) => interruptedImports(sql, subject))) {
      seen += 1;
      if (each.path === standardInput) await giveUp(target, subject, each, unreadable);
      else if (!(await isUnchanged(each))) await giveUp(target, subject, each, changed);
      else await importFile(target, subject, each.path, askedAgain(each, options));
    }
  }
  if (seen === 0) note("Nothing was cut off.");
}

function askedAgain({ sender, onDuplicate, reading }: Interrupted, options: ImportOptions): Asked {
  const { mapping, set, ...more } = reading;
  const map = new Map(Object.entries(mapping));
  return { ...options, ...more, sender, map, set: fieldValues(set), onDuplicate };
}

async function isUnchanged({ path, sha256 }: Interrupted): Promise<boolean> {
  return (await sha256Of(fileBytes(path)).catch(() => undefined)) === sha256;
}

/** Why an import is given up: what its sender is told, and who gave the command. */
type Cause = { reason: string; said: (path: string) => string };
const unreadable: Cause = {
  reason: "Le fichier venait de l'entrée standard, qui ne se relit pas : envoyez-le de nouveau.",
  said: () => "it came from the standard input, which cannot be read again; give the same command again.",
};
const changed: Cause = {
  reason: "Le fichier n'est plus celui dont l'import avait commencé : envoyez-le de nouveau.",
  said: (path) => `${path} is not there any more, or has changed.`,
};

async function giveUp(
  target: Target,
  { kind }: ImportSubject,
  { id, reference, path }: Interrupted,
  { reason, said }: Cause,
): Promise<void> {
  await withDatabase(target, (sql) => sql`select ${sql(kind.functions.fail)}(${id}, ${reason})`);
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

function report(subject: ImportSubject, result: OnceResult, { json, dryRun, rejects, saveMap, map }: Asked): void {
  if (json) {
    const { report, reading, mapping, ignored, known } = result;
    printJson({ ...report, dryRun: dryRun === true, alreadyImported: known, reading, mapping, ignored });
    return;
  }
  if (result.reading) note(readingText(result.report.fileName, result.reading));
  printImport(subject, result, { dryRun: dryRun === true });
  if (rejects && (result.known || result.report.reasons.length > 0)) note(`The refused rows are in ${rejects}.`);
  if (saveMap && !dryRun && subject.sender) note(`${map.size} column names are kept for this ${subject.sender.name}.`);
}
