import { createWriteStream, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type postgres from "postgres";
import { asOperators } from "../../cli/database.ts";
import { onServer } from "../db/build-database.ts";
import type { StackInfo } from "../stack/index.ts";
import { copyOut } from "./copy-out.ts";
import { takenByFunction } from "./function-process.ts";
import { growTo, inWords } from "./grow.ts";
import { runLeadsCli } from "./leads-cli.ts";
import { compareMemory, growthOf } from "./memory.ts";
import { type Aim, compare, type Result } from "./result.ts";
import { type Figures, inTurn } from "./rounds.ts";
import { adminToken } from "./tokens.ts";

// All leads as a file, by leads-cli and over HTTP, against COPY of the view that both read, as psql's \copy writes it.

const group = "Exports (20 columns)";
const copied = "\\copy (select * from public.leads) to stdout";

type Size = { rows: number; rounds: number };
type ExportRun = { info: StackInfo; folder: string; leads: number };
type Side = "csv" | "xlsx" | "http";
type Peaks = Record<Side, number>;

const names: Record<Side, string> = {
  csv: "leads-cli export",
  xlsx: "leads-cli export --format xlsx",
  http: "GET /api/leads?format=csv",
};
const sides = Object.keys(names) as Side[];

const mostGrowth: Record<Side, Aim | null> = { csv: { atMost: 1.2 }, xlsx: { atMost: 1.2 }, http: null };

/** Measures exports from a stack of their own, which is filled to one size after the other. */
export async function measureExports(info: StackInfo, sizes: readonly Size[]): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "leads-bench-"));
  const results: Result[] = [];
  const peaks: { at: string; of: Peaks }[] = [];
  try {
    for (const { rows, rounds } of sizes) {
      const leads = await onServer(info.dbUrl, async (sql) => {
        await growTo(sql, rows);
        const [row] = await sql<
          { n: number }[]
        >`select count(*)::integer as n from leads.leads where withdrawn_at is null`;
        return row?.n ?? 0;
      });
      const measured = await measureSize({ info, folder, leads }, rounds);
      results.push(...comparisonsOf(rows, measured));
      peaks.push({ at: `${inWords(rows)} leads`, of: measured.peaks });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const growths = sides.flatMap((side) => {
    const ofSide = peaks.map(({ at, of }) => ({ at, megabytes: of[side] }));
    return growthOf(ofSide, { group, of: `: ${names[side]}`, aim: mostGrowth[side] });
  });
  return [...results, ...growths];
}

type Measured = { figures: Record<Side | "copy", Figures>; peaks: Peaks };

async function measureSize(run: ExportRun, rounds: number): Promise<Measured> {
  const { info, folder, leads } = run;
  const token = await adminToken(info);
  const peaks: Peaks = { csv: 0, xlsx: 0, http: 0 };
  const perSecond = async (work: () => Promise<unknown>) => {
    const begun = performance.now();
    await work();
    return (1000 * leads) / (performance.now() - begun);
  };
  const ours = (side: Side, work: () => Promise<number>) => () =>
    perSecond(async () => {
      peaks[side] = Math.max(peaks[side], await work());
    });
  const figures = await inTurn(
    {
      csv: ours("csv", () => exportFile(run, "csv")),
      xlsx: ours("xlsx", () => exportFile(run, "xlsx")),
      http: ours("http", () => download(info, token, join(folder, "http.csv"))),
      copy: () => perSecond(() => onServer(info.dbUrl, (sql) => copyView(sql, join(folder, "copy.csv")))),
    },
    rounds,
  );
  const [bytes, sent] = ["csv", "http.csv"].map((name) => statSync(join(folder, name)).size);
  if (bytes !== sent) throw new Error(`leads-cli wrote ${bytes} bytes, and HTTP gave ${sent}`);
  return { figures, peaks };
}

/** `leads-cli export` into a new file. Its peak is in megabytes. */
async function exportFile({ info, folder, leads }: ExportRun, format: "csv" | "xlsx"): Promise<number> {
  const file = join(folder, format);
  await rm(file, { force: true });
  const command = ["export", "--format", format, "--out", file, "--db-url", info.dbUrl];
  const { megabytes, said } = await runLeadsCli(command);
  if (!said.includes(`${leads.toLocaleString("en")} leads are in`)) throw new Error(`Not ${leads} leads: ${said}`);
  return megabytes;
}

/** The same as an admin over HTTP. Returns the most memory that the function's process has ever taken, in megabytes. */
async function download(info: StackInfo, token: string, file: string): Promise<number> {
  const answer = await fetch(`${info.systems.leads?.apiBase}/leads?format=csv`, {
    headers: { apikey: info.publishableKey, Authorization: `Bearer ${token}` },
  });
  if (!answer.ok || !answer.body) throw new Error(`GET /api/leads answered ${answer.status}`);
  await pipeline(answer.body, createWriteStream(file));
  return takenByFunction(info).megabytes;
}

async function copyView(sql: postgres.Sql, file: string): Promise<void> {
  const copy = async (as: postgres.TransactionSql) =>
    copyOut(await as`copy (select * from public.leads) to stdout (format csv, header)`.readable(), file);
  await asOperators(sql, copy, "isolation level repeatable read read only");
}

function comparisonsOf(rows: number, { figures, peaks }: Measured): Result[] {
  const leads = `${inWords(rows)} leads`;
  const peak = (name: string) => ({ group, name: `${leads}: ${name}`, againstName: names.csv, aim: null });
  return [
    ...sides.map((side) =>
      compare(
        { group, name: `${leads}: ${names[side]}`, againstName: copied, unit: "rows/s", aim: null },
        figures[side],
        figures.copy,
      ),
    ),
    compareMemory(peak(`peak memory, ${names.xlsx}`), peaks.xlsx, peaks.csv),
    compareMemory(peak(`peak memory of the function, ${names.http}`), peaks.http, peaks.csv),
  ];
}
