import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import { fileBytes } from "../../cli/import/source-file.ts";
import { copyInto } from "../../functions/_shared/import/copy.ts";
import { openImportFile } from "../../functions/_shared/import/read-file.ts";
import { stager } from "../../functions/_shared/import/staging.ts";
import { leadKind } from "../../functions/leads/imports/lead-kind.ts";
import { buildDatabase, onServer } from "../db/build-database.ts";
import { schemaFiles } from "../db/sql-files.ts";
import { copyOut } from "./copy-out.ts";
import { inWords } from "./grow.ts";
import { leadColumns, writeLeadFile } from "./lead-file.ts";
import { runLeadsCli } from "./leads-cli.ts";
import { compareMemory, growthOf, type Peak } from "./memory.ts";
import { type Comparison, compare, type Result } from "./result.ts";
import { inTurn } from "./rounds.ts";

// A file of leads through leads-cli, against the same bytes through COPY alone, as psql's \copy sends them: into a table
// of texts, and, ready-made, into tables with the columns, keys and indexes of the leads and their contacts.

const group = "Imports (CSV, 14 columns)";
const supplier = "bench@import.test";
const mostMegabytes = 150;
const mostGrowth = { atMost: 1.2 };

type Size = { rows: number; rounds: number };
type Measured = { results: Result[]; peak: Peak };

/** Measures imports of files of several sizes on a database of their own, on the server that `adminUrl` names. */
export async function measureImports(adminUrl: string, sizes: readonly Size[]): Promise<Result[]> {
  const url = await buildDatabase(adminUrl, "import_bench", schemaFiles());
  const folder = await mkdtemp(join(tmpdir(), "leads-bench-"));
  try {
    return await onServer(url, async (sql) => {
      await prepare(sql);
      const measured: Measured[] = [];
      for (const size of sizes) measured.push(await measureSize(sql, url, folder, size));
      const peaks = measured.map(({ peak }) => peak);
      return [...measured.flatMap(({ results }) => results), ...growthOf(peaks, { group, aim: mostGrowth })];
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await onServer(adminUrl, (sql) => sql`drop database import_bench with (force)`);
  }
}

/**
 * A supplier, a table of texts, and twins of the two tables that an import fills. Autovacuum would look at a twin in the
 * middle of its one transaction, find no row, and let the keys' checks be planned for an empty table: hours for a million.
 */
async function prepare(sql: postgres.Sql): Promise<void> {
  await sql`insert into leads.suppliers (contact_name, company, email, status) values ('Bench', 'Bench', ${supplier}, 'active')`;
  await sql.unsafe(`
    create unlogged table public.bench_texts (${leadColumns.map((_, at) => `c${at} text`).join(", ")});
    create unlogged table public.bench_rows (like leads.import_file_rows including all);
    create table public.bench_leads (like leads.leads including all,
      foreign key (supplier_id) references leads.suppliers, foreign key (import_id) references leads.imports,
      foreign key (agent_id) references platform.profiles, foreign key (sector) references leads.sectors,
      foreign key (region) references leads.regions) with (autovacuum_enabled = off);
    create table public.bench_contacts (like leads.lead_contacts including all,
      foreign key (lead_id) references public.bench_leads, foreign key (supplier_id) references leads.suppliers)
      with (autovacuum_enabled = off)`);
}

async function measureSize(sql: postgres.Sql, url: string, folder: string, { rows, rounds }: Size): Promise<Measured> {
  const file = join(folder, `${rows}.csv`);
  await writeLeadFile(file, rows, rows);
  const perSecond = async (work: () => Promise<unknown>) => {
    const begun = performance.now();
    await work();
    return (1000 * rows) / (performance.now() - begun);
  };
  const staging = await inTurn(
    {
      ours: async () => cleared(sql, "bench_rows", () => perSecond(() => stageFile(sql, file))),
      copy: async () => cleared(sql, "bench_texts", () => perSecond(() => copyFile(sql, file))),
    },
    rounds * 2,
  );

  // The ready-made rows are those of an import, which is the round that does not count.
  const first = await importFile(url, file);
  const ready = await keepReady(url, folder);
  const peaks = [first.megabytes];
  const whole = await inTurn(
    {
      ours: async () => {
        await forget(sql);
        return perSecond(async () => peaks.push((await importFile(url, file)).megabytes));
      },
      copy: async () =>
        cleared(sql, "bench_contacts, public.bench_leads", () => perSecond(() => copyReady(sql, ready))),
    },
    rounds,
  );
  await forget(sql);
  const peak = { at: `${inWords(rows)} rows`, megabytes: Math.max(...peaks) };
  const named = (name: string, againstName: string, atLeast: number): Comparison => ({
    ...{ group, name: `${peak.at}: ${name}`, againstName, unit: "rows/s" },
    aim: { atLeast },
  });
  const bound = { group, name: `${peak.at}: peak memory`, againstName: `${mostMegabytes} MB`, aim: { atMost: 1 } };
  return {
    peak,
    results: [
      compare(named("staging alone", "\\copy into an unlogged table of texts", 0.95), staging.ours, staging.copy),
      compare(
        named("the whole import", "\\copy of the ready rows, same keys and indexes", 0.8),
        whole.ours,
        whole.copy,
      ),
      compareMemory(bound, peak.megabytes, mostMegabytes),
    ],
  };
}

async function cleared<Value>(sql: postgres.Sql, tables: string, work: () => Promise<Value>): Promise<Value> {
  await sql.unsafe(`truncate public.${tables}`);
  return work();
}

async function stageFile(sql: postgres.Sql, file: string): Promise<void> {
  const { plan, rows } = await openImportFile(fileBytes(file), { kind: leadKind, asked: new Map(), saved: new Map() });
  const { columns, head, tail, encode } = stager("00000000-0000-7000-8000-000000000000", plan);
  async function* binary() {
    yield head;
    for await (const batch of rows) if (batch.rows.lines.length > 0) yield encode(batch.rows);
    yield tail;
  }
  await copyInto(await sql`copy public.bench_rows (${sql(columns)}) from stdin (format binary)`.writable(), binary());
}

async function copyFile(sql: postgres.Sql, file: string): Promise<void> {
  const target = await sql`copy public.bench_texts from stdin (format csv, delimiter ';', header)`.writable();
  await pipeline(createReadStream(file, { highWaterMark: 64 * 1024 }), target);
}

const leadTexts =
  "id, reference, supplier_id, import_id, first_name, last_name_mask, email_mask, phone_mask, company, sector, region, city, " +
  "source, channel, score, price_cents, is_exclusive, summary, hidden_fields";
const contactTexts = "lead_id, supplier_id, last_name, email, phone, notes, hidden_text";

async function keepReady(url: string, folder: string): Promise<{ leads: string; contacts: string }> {
  const files = { leads: join(folder, "leads.csv"), contacts: join(folder, "contacts.csv") };
  const keep = (query: string, file: string) =>
    onServer(url, async (sql) => copyOut(await sql.unsafe(`copy (${query}) to stdout (format csv)`).readable(), file));
  await keep(`select ${leadTexts} from leads.leads order by id`, files.leads);
  await keep(`select ${contactTexts} from leads.lead_contacts order by lead_id`, files.contacts);
  return files;
}

async function copyReady(sql: postgres.Sql, { leads, contacts }: { leads: string; contacts: string }): Promise<void> {
  await sql.begin(async (transaction) => {
    for (const [table, columns, file] of [
      ["bench_leads", leadTexts, leads],
      ["bench_contacts", contactTexts, contacts],
    ]) {
      const target = await transaction.unsafe(`copy public.${table} (${columns}) from stdin (format csv)`).writable();
      await pipeline(createReadStream(file as string, { highWaterMark: 64 * 1024 }), target);
    }
  });
}

/** So that the next round begins where the last one did. The import's row stays: the ready-made rows name it. */
async function forget(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (transaction) => {
    // What is kept for ever is so by triggers, which this leaves out.
    await transaction`set local session_replication_role = replica`;
    await transaction`truncate leads.leads cascade`;
  });
  await sql`update leads.imports set sha256 = null`;
  await sql`vacuum analyze leads.leads, leads.lead_contacts, leads.import_rows`;
}

/** `leads-cli import`; its peak is in megabytes. */
function importFile(url: string, file: string): Promise<{ megabytes: number }> {
  return runLeadsCli(["import", file, "--supplier", supplier, "--db-url", url, "--json"]);
}
