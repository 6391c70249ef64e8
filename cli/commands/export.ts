import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, Option } from "commander";
import type postgres from "postgres";
import { type ExportFormat, exportFormats } from "../../functions/_shared/export/formats.ts";
import type { Table } from "../../functions/_shared/export/table.ts";
import { tableFile } from "../../functions/_shared/export/table-file.ts";
import { asOperators, withDatabase } from "../database.ts";
import { io } from "../io.ts";
import { openNew } from "../new-file.ts";
import { note, Refusal } from "../output.ts";
import { exportSubjects } from "../systems/registry.ts";
import type { ExportSubject } from "../systems/system.ts";
import { announceTarget, type Target } from "../target.ts";

type ExportOptions = { rows: string; format: ExportFormat; excel?: true; out?: string };

/** `leads-cli export`: the rows that match, as a file. */
export function register(program: Command): void {
  const names = exportSubjects.map(({ name }) => name);
  const command = program
    .command("export")
    .description(`write ${names.join(", ")} into a file`)
    .addOption(new Option("--rows <kind>", "which rows").choices(names).default(names[0]));
  // What several kinds are asked for is one option.
  for (const option of exportSubjects.flatMap(({ options }) => options())) {
    if (!command.options.some(({ long }) => long === option.long)) command.addOption(option);
  }
  command
    .addOption(new Option("--format <format>", "what to write").choices(exportFormats).default("csv"))
    .option(
      "--excel",
      "CSV as a French spreadsheet opens it: semicolons, decimal commas, French names, marked as UTF-8",
    )
    .option("--out <file>", "write it there, and not to stdout; the file must not exist")
    .addHelpText("after", exportSubjects.map(({ help }) => help).join("\n"))
    .action((options: ExportOptions, command: Command) => {
      const subject = exportSubjects.find(({ name }) => name === options.rows) as ExportSubject;
      return exportRows(announceTarget(command), subject, options);
    });
}

async function exportRows(target: Target, subject: ExportSubject, options: ExportOptions): Promise<void> {
  const { format, excel, out } = options;
  if (out === undefined && format === "xlsx" && io().stdout.isTTY)
    throw new Refusal("a workbook is no text: pass --out");
  const file = out === undefined ? undefined : await openNew(out);
  let rows = 0;
  const write = async (sql: postgres.TransactionSql) => {
    const counted = async function* () {
      for await (const page of subject.pages(sql, options)) {
        rows += page.length;
        yield page;
      }
    };
    // The table's rows are the pages' own.
    const stream = tableFile(subject.table as Table<unknown>, counted(), { format, excel: excel === true });
    const bytes = Readable.fromWeb(stream as never);
    await (file ? pipeline(bytes, file.createWriteStream()) : pipeline(bytes, io().stdout, { end: false }));
  };
  try {
    // One snapshot: what is written while this goes on is not in it.
    await withDatabase(target, (sql) => asOperators(sql, write, "isolation level repeatable read read only"));
  } catch (error) {
    // Half a file looks like a whole one.
    if (out !== undefined) await rm(out, { force: true });
    throw error;
  } finally {
    await file?.close();
  }
  note(`${rows.toLocaleString("en")} ${subject.noun}${out === undefined ? "" : ` are in ${out}`}.`);
}
