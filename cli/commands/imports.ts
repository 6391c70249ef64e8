import { type Command, Option } from "commander";
import type postgres from "postgres";
import type { ImportReport } from "../../functions/_shared/import/run.ts";
import { asOperators, withDatabase } from "../database.ts";
import { printReport } from "../import/report.ts";
import { addSenders, asOption, type SubjectOptions, senderNamed, subjectOf } from "../import/subjects.ts";
import { print, printJson, printTable, Refusal } from "../output.ts";
import { importSubjects } from "../systems/registry.ts";
import type { ImportSubject } from "../systems/system.ts";
import { announceTarget, type Target } from "../target.ts";
import { wholeNumber } from "../whole-number.ts";

type Output = SubjectOptions & { json?: true };
type ListOptions = Output & { status?: string; limit: number };
/** What a kind's `undo` answers. */
type Undone = { import: string; removed: number; restored: number; kept: Record<string, string>[] };

const shownKept = 20;

const helps = importSubjects.map(({ kind, decisions }) => `\n--as ${kind.name}\n${decisions.help}`);

/** `leads-cli imports list|show|accept|discard|undo`: the files that came in, and what an admin decides about them. */
export function register(program: Command): void {
  const imports = program
    .command("imports")
    .description("look after the imports")
    .addHelpText("after", helps.join("\n"));
  const statuses = [...new Set(importSubjects.flatMap(({ decisions }) => decisions.statuses))];
  const list = imports.command("list").description("list the imports, newest first").addOption(asOption());
  addSenders(list, "only this one's");
  list
    .addOption(new Option("--status <status>", "only those with this status").choices(statuses))
    .option("--limit <n>", "rows at most", wholeNumber(1), 50)
    .option("--json", "one JSON array on stdout")
    .action((options: ListOptions, command: Command) => listImports(announceTarget(command), options));
  imports
    .command("show")
    .argument("<id>", "the import")
    .description("counts of an import, reasons of the refusals, and what its rows are")
    .addOption(asOption())
    .option("--json", "one JSON object on stdout")
    .action((id: string, options: Output, command: Command) => show(announceTarget(command), id, options));
  decide(imports, "accept", "bring in a file that waits for a decision");
  decide(imports, "discard", "end a file that waits for a decision, without a row");
  registerUndo(imports);
}

/** `undo ID`, below `imports` and below `import`. */
export function registerUndo(parent: Command): void {
  parent
    .command("undo")
    .argument("<id>", "the import")
    .description("take back what an import wrote and nobody has used or changed since")
    .addOption(asOption())
    .option("--json", "one JSON object on stdout")
    .action((id: string, _: Output, command: Command) => undo(announceTarget(command), id, command.optsWithGlobals()));
}

function decide(parent: Command, name: "accept" | "discard", description: string): void {
  parent
    .command(name)
    .argument("<id>", "the import")
    .description(description)
    .addOption(asOption())
    .option("--json", "one JSON object on stdout")
    .action(async (id: string, options: Output, command: Command) => {
      const target = announceTarget(command);
      const decision = subjectOf(options).decisions[name];
      await withDatabase(target, (sql) => asOperators(sql, (as) => as`select ${as(decision)}(${id})`));
      await show(target, id, options);
    });
}

async function listImports(target: Target, options: ListOptions): Promise<void> {
  const subject = subjectOf(options);
  const { columns, list } = subject.decisions;
  const { status = null, limit, json } = options;
  const sender = senderNamed(subject, options) ?? null;
  const found = await withDatabase(target, (sql) => list(sql, { sender, status, limit }));
  if (json) return printJson([...found]);
  const rows = found.map((row) => Object.values(columns).map((cell) => cell(row as never)));
  printTable(Object.keys(columns), rows);
}

async function show(target: Target, id: string, options: Output): Promise<void> {
  const subject = subjectOf(options);
  const report = await withDatabase(target, (sql) => reportOf(sql, subject, id));
  if (options.json) printJson(report);
  else printReport(subject, report, `${report.import} (${report.status})`);
}

async function reportOf(
  sql: postgres.Sql,
  { kind, decisions }: ImportSubject,
  reference: string,
): Promise<ImportReport> {
  const id = await decisions.find(sql, reference);
  if (id === undefined) throw new Refusal(`no import ${reference}`);
  const [row] = await sql<[{ report: ImportReport }]>`select ${sql(kind.functions.report)}(${id}) as report`;
  return row.report;
}

async function undo(target: Target, id: string, options: Output): Promise<void> {
  const { nouns, decisions } = subjectOf(options);
  const undone = await withDatabase(target, (sql) =>
    asOperators(sql, async (as) => {
      const [row] = await as<{ undone: Undone }[]>`select ${as(decisions.undo)}(${id}) as undone`;
      return (row as { undone: Undone }).undone;
    }),
  );
  if (options.json) return printJson(undone);
  const { removed, restored, kept } = undone;
  print(`${undone.import}: ${removed} ${nouns.many} removed, ${restored} as they were before, ${kept.length} stay`);
  if (kept.length === 0) return;
  printTable(
    [nouns.one, "why it stays"],
    kept.slice(0, shownKept).map((row) => [row[nouns.one] ?? "", decisions.kept[row.reason ?? ""] ?? ""]),
  );
  if (kept.length > shownKept) print(`… and ${kept.length - shownKept} more; --json names them all`);
}
