import { idOf } from "./market.ts";
import type { Sql } from "./sql.ts";

// Rows of files as a reader stages them, in the market's database.

/** A row of a file as it is written; what is left out is an empty cell. */
export type Written = Partial<
  Record<
    | "first_name"
    | "last_name"
    | "full_name"
    | "email"
    | "phone"
    | "phone2"
    | "company"
    | "sector"
    | "region"
    | "postcode"
    | "city"
    | "score"
    | "price"
    | "is_exclusive"
    | "city"
    | "source"
    | "channel"
    | "notes"
    | "summary"
    | "collected_at"
    | "consent_text_version"
    | "consent_url"
    | "consent_ip"
    | "consent_at"
    | "consent_recipients"
    | "defect",
    string
  >
>;
/** What `leads.import_report` answers, as far as tests of rows look at it. */
export type Report = {
  status: string;
  read: number;
  inserted: number;
  updated: number;
  duplicates: { total: number; inFile: number; ofSupplier: number; alreadySold: number; onPlatform: number };
  invalid: number;
};

const good: Written = { last_name: "Martin", sector: "Isolation", region: "Bretagne" };
let people = 0;
/** A good row of a person whom no other row names. */
export function someone(traits: Written = {}): Written {
  people += 1;
  return { ...good, email: `person-${people}@import.test`, ...traits };
}

/** Opens an import of supplier A or B and stages the rows, from line 2 on. */
export async function stage(at: Sql, rows: Written[], supplier: "A" | "B" = "A"): Promise<string> {
  const [begun] = await at<
    { id: string }[]
  >`select leads.begin_import(${idOf(`supplier${supplier}`)}, 'leads.csv') as id`;
  const id = begun?.id as string;
  for (const [index, row] of rows.entries()) {
    await at`insert into leads.import_rows ${at({ import_id: id, line: index + 2, ...row })}`;
  }
  return id;
}

/** Merges a staged import. */
export async function merge(at: Sql, id: string, onDuplicate = "skip"): Promise<Report> {
  await at`select leads.merge_import(${id}, ${onDuplicate})`;
  const [row] = await at<{ report: Report }[]>`select leads.import_report(${id}) as report`;
  return row?.report as Report;
}

/** Stages rows and merges them. */
export async function bring(
  at: Sql,
  rows: Written[],
  supplier: "A" | "B" = "A",
  onDuplicate = "skip",
): Promise<Report> {
  return merge(at, await stage(at, rows, supplier), onDuplicate);
}
