import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import type postgres from "postgres";
import type { LeadRow } from "../../functions/_shared/export/columns.ts";
import { type ExportFormat, exportFormats } from "../../functions/_shared/export/formats.ts";
import { leadFile } from "../../functions/_shared/export/lead-file.ts";
import { asOperators, withDatabase } from "../database.ts";
import { io } from "../io.ts";
import { openNew } from "../new-file.ts";
import { note, Refusal } from "../output.ts";
import { announceTarget, type Target } from "../target.ts";

type Filters = { search?: string; sector?: string; region?: string; minScore?: number; status?: string };
type ExportOptions = Filters & { format: ExportFormat; excel?: true; out?: string };

const examples = `
All leads that match, newest first, as an admin sees them: with contacts. A CSV file is for programs; --excel makes one
that a French spreadsheet opens as it is. leads-cli import takes either, and workbooks, back.

Examples:
  $ leads-cli export --sector Isolation --min-score 60 > isolation.csv
  $ leads-cli export --format xlsx --out leads.xlsx
  $ leads-cli export --status sold --excel --out ventes.csv`;

/** `leads-cli export`: the leads that match, as a file. */
export function register(program: Command): void {
  program
    .command("export")
    .description("write leads into a file")
    .option("--search <text>", "in first name, last name, company and sector")
    .option("--sector <name>", "only this sector")
    .option("--region <name>", "only this region")
    .option("--min-score <n>", "only from this score on", score)
    .addOption(
      new Option("--status <status>", "only this status").choices(["new", "qualified", "sold", "rejected", "pending"]),
    )
    .addOption(new Option("--format <format>", "what to write").choices(exportFormats).default("csv"))
    .option(
      "--excel",
      "CSV as a French spreadsheet opens it: semicolons, decimal commas, French names, marked as UTF-8",
    )
    .option("--out <file>", "write it there, and not to stdout; the file must not exist")
    .addHelpText("after", examples)
    .action((options: ExportOptions, command: Command) => exportLeads(announceTarget(command), options));
}

function score(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError("not a number from 0 to 100.");
  return value;
}

async function exportLeads(target: Target, options: ExportOptions): Promise<void> {
  const { format, excel, out } = options;
  if (out === undefined && format === "xlsx" && io().stdout.isTTY)
    throw new Refusal("a workbook is no text: pass --out");
  const file = out === undefined ? undefined : await openNew(out);
  let leads = 0;
  const write = async (sql: postgres.TransactionSql) => {
    const counted = async function* () {
      for await (const page of pages(sql, options)) {
        leads += page.length;
        yield page;
      }
    };
    const bytes = Readable.fromWeb(leadFile(format, counted(), { excel: excel === true }) as never);
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
  note(`${leads.toLocaleString("en")} leads${out === undefined ? "" : ` are in ${out}`}.`);
}

/** The pages of the list that GET /api/leads answers, by the same function. */
async function* pages(sql: postgres.TransactionSql, filters: Filters): AsyncGenerator<LeadRow[]> {
  const { search = null, sector = null, region = null, minScore = null, status = null } = filters;
  for (let cursor: string | null = null, more = true; more; ) {
    await sql`select set_config('response.headers', '', true)`;
    const page: LeadRow[] = await sql<LeadRow[]>`
      select l.*, l.price::float8 as price
      from public.leads_search(${search}, ${sector}, ${region}, ${minScore}::numeric, ${status}, 1000, ${cursor}) l`;
    const [found] = await sql<{ headers: string }[]>`select current_setting('response.headers', true) as headers`;
    cursor = nextCursor(found?.headers ?? "");
    more = cursor !== null;
    yield page;
  }
}

/** As PostgREST is given it: [{"X-Next-Cursor": …}]. */
function nextCursor(headers: string): string | null {
  const found = (headers === "" ? [] : JSON.parse(headers)) as Record<string, string>[];
  return found.find((header) => "X-Next-Cursor" in header)?.["X-Next-Cursor"] ?? null;
}
