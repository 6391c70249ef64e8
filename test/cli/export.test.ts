import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type postgres from "postgres";
import { afterAll, expect, test, vi } from "vitest";
import { testDatabase } from "../support/sql.ts";
import { runCli } from "./run-cli.ts";

// What leads-cli exports, leads-cli import brings back as it was.

vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), "leads-cli-export-"));
const from = await testDatabase();
const to = await testDatabase();
const supplier = "export@import.test";
for (const { sql } of [from, to]) {
  await sql`insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', ${supplier}, 'active')`;
}
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whatever a cell may hold: what spreadsheets calculate, separate by, quote or take for a line's end. */
const marks = fc.constantFrom(..."=+-@'\"“;,|\t\r\n\\&<>_%#é€😀 x0", "_x000D_", "\uff1d", "\r\n", "12,5", "\u2028");
const text = fc
  .array(marks, { minLength: 1, maxLength: 8 })
  // As leads keep a text (see below): clean, and without space around it.
  .map((parts) => parts.join("").replace(/^[ \t\r\n\u00a0\u202f]+|[ \t\r\n\u00a0\u202f]+$/g, ""));
const filled = text.filter((value) => value !== "");
/** No telephone or e-mail is a name. */
const isName = (value: string) => !/@|([0-9][^0-9]*){8}/.test(value);
const cell = text.map((value) => (value === "" ? null : value));
const rows = fc.sample(
  fc.record({
    ...{
      last_name: filled.filter(isName),
      first_name: text.filter(isName),
      company: cell,
      city: cell,
      source: cell,
      channel: cell,
      notes: cell,
    },
    ...{ score: fc.integer({ min: 0, max: 100 }), price_cents: fc.integer({ min: 0, max: 999_999 }) },
    ...{
      is_exclusive: fc.boolean(),
      sector: fc.constantFrom("Isolation", "Énergie Solaire"),
      region: fc.constant("PACA"),
    },
    phone: fc
      .constantFrom("+33 6", "+262 693")
      .chain((start) => fc.integer({ min: 10, max: 99 }).map((n) => `${start} ${n}`)),
  }),
  { numRuns: 400, seed: 7 },
);

await from.sql`
  with given as (
    select * from jsonb_populate_recordset(null::leads.checked_lead, ${JSON.stringify(
      rows.map((row, index) => {
        const digits = String(index).padStart(4, "0");
        const end = ` ${digits.slice(0, 2)} ${digits.slice(2)}`;
        const phone = row.phone.startsWith("+33") ? `+33 6 39 98${end}` : `+262 693 98${end}`;
        return { ...row, phone, email: `row-${index}@export.test` };
      }),
    )}::text::jsonb)
  ), brought as (
    insert into leads.leads (reference, supplier_id, first_name, last_name_mask, company, sector, region, city, source, channel, score, price_cents, is_exclusive)
    select email, (select id from leads.suppliers), first_name, '', company, sector, region, city, source, channel, score, price_cents, is_exclusive
    from given returning id, reference, supplier_id
  )
  insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, notes)
  select id, supplier_id, last_name, email, phone, notes from brought join given on email = reference`;
// Whatever road they came by.
await from.sql`update leads.leads set first_name = coalesce(leads.clean_value(first_name, true), ''), company = leads.clean_value(company, true),
  city = leads.clean_value(city, true), source = leads.clean_value(source, true), channel = leads.clean_value(channel, true)`;
await from.sql`update leads.lead_contacts set last_name = coalesce(leads.clean_value(last_name, true), 'Roy'), notes = leads.clean_value(notes, true, true)`;

const leadsIn = async (sql: postgres.Sql) => [
  ...(await sql`select c.email, c.last_name, c.phone, c.notes, l.first_name, l.company, l.sector, l.region, l.city, l.source, l.channel, l.score,
    l.price_cents, l.is_exclusive from leads.leads l join leads.lead_contacts c on c.lead_id = l.id order by c.email`),
];
const exportInto = (name: string, ...options: string[]) =>
  runCli(["export", "--out", join(folder, name), ...options, "--db-url", from.url]);

test.each<[string, string[]]>([
  ["plain.csv", []],
  ["excel.csv", ["--excel"]],
  ["book.xlsx", ["--format", "xlsx"]],
])("%s comes back as it was, whatever the cells hold", async (name, options) => {
  const written = await exportInto(name, ...options);
  expect(written.code, written.stderr).toBe(0);
  expect(written.stderr).toContain("400 leads are in");
  expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  await to.sql`delete from leads.leads`;
  const read = await runCli(["import", join(folder, name), "--supplier", supplier, "--json", "--db-url", to.url]);
  expect(JSON.parse(read.stdout), read.stderr).toMatchObject({ read: 400, inserted: 400, invalid: 0 });
  const [wanted, found] = [await leadsIn(from.sql), await leadsIn(to.sql)];
  // The lines of a spreadsheet's cell end in their own way.
  const inCell = (value: unknown) =>
    typeof value === "string" && name.endsWith(".xlsx") ? value.replace(/\r\n?/g, "\n") : value;
  for (const [index, lead] of wanted.entries()) {
    const same = Object.fromEntries(Object.entries(lead).map(([field, value]) => [field, inCell(value)]));
    expect(found[index], JSON.stringify(lead)).toEqual(same);
  }
});

test("without --out the file is on stdout, filtered, and nothing else is", async () => {
  const run = await runCli(["export", "--sector", "Isolation", "--min-score", "50", "--db-url", from.url]);
  expect(run.code, run.stderr).toBe(0);
  const wanted = rows.filter(({ sector, score }) => sector === "Isolation" && score >= 50).length;
  expect(run.stdout.match(/^row-\d+@export\.test,/gm)).toHaveLength(wanted);
  expect(run.stderr).toContain(`${wanted} leads.`);
});

test("a file that exists is left as it is (exit 1), and so is what cannot be exported", async () => {
  const path = join(folder, "plain.csv");
  const before = readFileSync(path);
  expect(await exportInto("plain.csv")).toMatchObject({ code: 1, stdout: "" });
  expect(readFileSync(path).equals(before)).toBe(true);
  const out = join(folder, "none.csv");
  const run = await runCli(["export", "--search", "x".repeat(201), "--out", out, "--db-url", from.url]);
  expect(run.code).toBe(1);
  expect(existsSync(out)).toBe(false);
});

test.each([
  ["--status", "lost"],
  ["--min-score", "101"],
  ["--format", "pdf"],
])("export %s %s is wrong usage (exit 2)", async (...args) => {
  expect(await runCli(["export", ...args])).toMatchObject({ code: 2, stdout: "" });
});
