import { type Command, Option } from "commander";
import type postgres from "postgres";
import type { ImportReport } from "../../functions/_shared/import/run.ts";
import { asOperators, withDatabase } from "../database.ts";
import { printReport } from "../import/report.ts";
import { print, printJson, printTable, Refusal } from "../output.ts";
import { announceTarget, type Target } from "../target.ts";
import { wholeNumber } from "../whole-number.ts";

type Output = { json?: true };
type ListOptions = Output & { supplier?: string; status?: string; limit: number };
type Listed = {
  id: string;
  fileName: string;
  fournisseur: string;
  createdAt: string;
  status: string;
  read: number;
  inserted: number;
  updated: number;
  duplicates: { total: number };
  invalid: number;
  undoneAt: string | null;
};
/** What `leads.undo_import` answers. */
type Undone = {
  import: string;
  removed: number;
  restored: number;
  kept: { lead: string; reason: keyof typeof reasons }[];
};

const statuses = ["processing", "completed", "failed", "pending_review"];
const shownKept = 20;
const reasons = {
  sold: "a buyer has it",
  erased: "the person was erased",
  withdrawn: "it is withdrawn already",
  in_qualification: "an agent works or has worked on it",
  changed: "it was changed since",
};

const examples = `
ID is an import's number, IMP-012. accept and discard decide about a file of which too many rows were refused; until then
its rows are in no list and no queue. undo takes back what nobody has sold or changed since, and names what stays; after
as many days as the rule import_undo_days says (30) it is too late.

Examples:
  $ leads-cli imports list --status pending_review
  $ leads-cli imports show IMP-012
  $ leads-cli imports undo IMP-012`;

/** `leads-cli imports list|show|accept|discard|undo`: the files that came in, and what an admin decides about them. */
export function register(program: Command): void {
  const imports = program.command("imports").description("look after the imports").addHelpText("after", examples);
  imports
    .command("list")
    .description("list the imports, newest first")
    .option("--supplier <email>", "only this supplier's")
    .addOption(new Option("--status <status>", "only those with this status").choices(statuses))
    .option("--limit <n>", "rows at most", wholeNumber(1), 50)
    .option("--json", "one JSON array on stdout")
    .action((options: ListOptions, command: Command) => list(announceTarget(command), options));
  imports
    .command("show")
    .argument("<id>", "the import")
    .description("counts, reasons of the refusals, sectors and regions of an import")
    .option("--json", "one JSON object on stdout")
    .action((id: string, options: Output, command: Command) => show(announceTarget(command), id, options));
  decide(imports, "accept", "bring in a file that waits for a decision", "accept_import");
  decide(imports, "discard", "end a file that waits for a decision, without a lead", "discard_import");
  registerUndo(imports);
}

/** `undo ID`, below `imports` and below `import`. */
export function registerUndo(parent: Command): void {
  parent
    .command("undo")
    .argument("<id>", "the import")
    .description("take back what an import wrote and nobody has sold or changed since")
    .option("--json", "one JSON object on stdout")
    .action((id: string, _: Output, command: Command) => undo(announceTarget(command), id, command.optsWithGlobals()));
}

function decide(parent: Command, name: string, description: string, decision: string): void {
  parent
    .command(name)
    .argument("<id>", "the import")
    .description(description)
    .option("--json", "one JSON object on stdout")
    .action(async (id: string, options: Output, command: Command) => {
      const target = announceTarget(command);
      await withDatabase(target, (sql) => asOperators(sql, (as) => as`select ${as(`leads.${decision}`)}(${id})`));
      await show(target, id, options);
    });
}

async function list(target: Target, { supplier, status, limit, json }: ListOptions): Promise<void> {
  const found = await withDatabase(target, (sql) =>
    asOperators(
      sql,
      (as) => as<Listed[]>`
        select i.* from public.imports i join leads.imports own on own.reference = i.id join leads.suppliers s on s.id = own.supplier_id
        where (${supplier ?? null}::text is null or lower(s.email) = lower(${supplier ?? null}))
          and (${status ?? null}::text is null or i.status = ${status ?? null})
        order by own.id desc limit ${limit}`,
    ),
  );
  if (json) return printJson([...found]);
  printTable(
    ["id", "file", "supplier", "sent", "status", "read", "inserted", "updated", "duplicates", "invalid"],
    found.map((row) => [
      ...[row.id, row.fileName, row.fournisseur, row.createdAt, row.undoneAt ? `${row.status}, undone` : row.status],
      ...[row.read, row.inserted, row.updated, row.duplicates.total, row.invalid],
    ]),
  );
}

async function show(target: Target, id: string, { json }: Output): Promise<void> {
  const report = await withDatabase(target, (sql) => reportOf(sql, id));
  if (json) printJson(report);
  else printReport(report, `${report.import} (${report.status})`);
}

async function reportOf(sql: postgres.Sql, reference: string): Promise<ImportReport> {
  const [row] = await sql<{ report: ImportReport }[]>`
    select leads.import_report(i.id) as report from leads.imports i where i.reference = ${reference}`;
  if (!row) throw new Refusal(`no import ${reference}`);
  return row.report;
}

async function undo(target: Target, id: string, { json }: Output): Promise<void> {
  const undone = await withDatabase(target, (sql) =>
    asOperators(sql, async (as) => {
      const [row] = await as<{ undone: Undone }[]>`select leads.undo_import(${id}) as undone`;
      return (row as { undone: Undone }).undone;
    }),
  );
  if (json) return printJson(undone);
  print(
    `${undone.import}: ${undone.removed} leads removed, ${undone.restored} as they were before, ${undone.kept.length} stay`,
  );
  if (undone.kept.length === 0) return;
  printTable(
    ["lead", "why it stays"],
    undone.kept.slice(0, shownKept).map(({ lead, reason }) => [lead, reasons[reason]]),
  );
  if (undone.kept.length > shownKept) print(`… and ${undone.kept.length - shownKept} more; --json names them all`);
}
