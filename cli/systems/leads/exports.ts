import { InvalidArgumentError, Option } from "commander";
import type postgres from "postgres";
import { type LeadRow, leadTable } from "../../../functions/leads/catalogue/lead-columns.ts";
import type { ExportSubject } from "../system.ts";

type Filter = "search" | "sector" | "region" | "minScore" | "status";
type Filters = Partial<Record<Filter, string | number | null>>;

const help = `
All leads that match, newest first, as an admin sees them: with contacts. A CSV file is for programs; --excel makes one
that a French spreadsheet opens as it is. leads-cli import takes either, and workbooks, back.

Examples:
  $ leads-cli export --sector Isolation --min-score 60 > isolation.csv
  $ leads-cli export --format xlsx --out leads.xlsx
  $ leads-cli export --status sold --excel --out ventes.csv`;

/** The leads that match, as GET /api/leads lists them. */
export const leadExports: ExportSubject = {
  name: "leads",
  noun: "leads",
  help,
  options: () => [
    new Option("--search <text>", "in first name, last name, company and sector"),
    new Option("--sector <name>", "only this sector"),
    new Option("--region <name>", "only this region"),
    new Option("--min-score <n>", "only from this score on").argParser(score),
    new Option("--status <status>", "only this status").choices(["new", "qualified", "sold", "rejected", "pending"]),
  ],
  table: leadTable,
  pages,
};

function score(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 100))
    throw new InvalidArgumentError("not a number from 0 to 100.");
  return value;
}

/** The pages of the list that GET /api/leads answers, by the same function. */
async function* pages(
  sql: postgres.TransactionSql,
  filters: Readonly<Record<string, unknown>>,
): AsyncGenerator<LeadRow[]> {
  const { search = null, sector = null, region = null, minScore = null, status = null } = filters as Filters;
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
