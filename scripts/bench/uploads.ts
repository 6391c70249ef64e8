import { openAsBlob } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type postgres from "postgres";
import { onServer } from "../db/build-database.ts";
import type { StackInfo } from "../stack/index.ts";
import { takenByFunction } from "./function-process.ts";
import { inWords } from "./grow.ts";
import { writeLeadFile } from "./lead-file.ts";
import { runLeadsCli } from "./leads-cli.ts";
import { compareMemory } from "./memory.ts";
import { type Comparison, compare, type Result } from "./result.ts";
import { adminToken } from "./tokens.ts";

// A large file that was put straight into Storage: what an invocation of its function takes to accept it or to read
// a slice of it, against what a hosted one may. Its process is counted whole, the runtime in it, and warm, as it is after its first request.

const group = "Large uploads (the function)";
const supplier = "sophie@agence-ads.fr";
const lookMs = 10;
const hosted = { cpuSeconds: 2, megabytes: 256 };

type Upload = { info: StackInfo; sql: postgres.Sql; token: string };

/** Measures a file of so many rows, as CSV and as .xlsx, on a stack of its own. */
export async function measureUploads(info: StackInfo, rows: number): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "leads-bench-"));
  const token = await adminToken(info);
  try {
    return await onServer(info.dbUrl, async (sql) => {
      const upload = { info, sql, token };
      const files = {
        warm: join(folder, "warm.csv"),
        csv: join(folder, "leads.csv"),
        xlsx: join(folder, "leads.xlsx"),
      };
      await writeLeadFile(files.warm, 1000, 7);
      await send(upload, files.warm);
      await writeLeadFile(files.csv, rows, rows);
      const csv = await measured(upload, files.csv, `${inWords(rows)} rows as CSV`);
      // The leads that came in, with all their columns.
      await runLeadsCli(["export", "--format", "xlsx", "--out", files.xlsx, "--db-url", info.dbUrl]);
      return [...csv, ...(await measured(upload, files.xlsx, "the same leads as .xlsx"))];
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(upload: Upload, file: string, what: string): Promise<Result[]> {
  const megabytes = Math.round((await stat(file)).size / 1e6);
  const { path, invocations } = await send(upload, file);
  const after = takenByFunction(upload.info);
  // Told to be known: it is read once, for its SHA-256, and no more.
  await name(upload, path);
  const again = takenByFunction(upload.info);
  const cpu = (part: string): Comparison => ({
    ...{ group, name: `${what} (${megabytes} MB): CPU, ${part}`, againstName: `${hosted.cpuSeconds} s`, unit: "s" },
    aim: { atMost: 1 },
  });
  const memory = { group, name: `${what}: peak memory`, againstName: `${hosted.megabytes} MB`, aim: { atMost: 1 } };
  return [
    compare(cpu("the largest invocation"), [Math.max(...invocations)], [hosted.cpuSeconds]),
    // Together more than one may take: that is why there are several.
    compare({ ...cpu(`all ${invocations.length} invocations`), aim: null }, [sum(invocations)], [hosted.cpuSeconds]),
    compare(cpu("told to be known"), [again.cpuSeconds - after.cpuSeconds], [hosted.cpuSeconds]),
    compareMemory(memory, after.megabytes, hosted.megabytes),
  ];
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** Where a file lies, and the CPU seconds of each invocation: the one that accepts it, and those that stage a slice each. */
type Sent = { path: string; invocations: number[] };

/** Puts a file where it may be put, names it, and waits until it is in. */
async function send(upload: Upload, file: string): Promise<Sent> {
  const answer = await ask(upload, "imports/upload", JSON.stringify({ fournisseur: supplier }), "application/json");
  const { path, url, contentType } = (await answer.json()) as { path: string; url: string; contentType: string };
  const put = await fetch(url, {
    method: "PUT",
    headers: { "Content-Type": contentType },
    body: await openAsBlob(file, { type: contentType }),
  });
  if (!put.ok) throw new Error(`Storage answered ${put.status}`);
  const invocations: number[] = [];
  let before = takenByFunction(upload.info).cpuSeconds;
  let rows = "";
  const id = await name(upload, path);
  for (;;) {
    const [row] = await upload.sql<{ status: string; rows: string }[]>`
      select i.status, case when f.attempts > 0 or f.staged_rows > 0 then f.staged_rows::text else '' end as rows
      from leads.imports i join leads.import_files f on f.import_id = i.id where i.reference = ${id}`;
    if (row?.status === "failed") throw new Error(`${id} failed`);
    const hasEnded = row?.status !== "processing";
    if (hasEnded || row?.rows !== rows) {
      const { cpuSeconds } = takenByFunction(upload.info);
      invocations.push(cpuSeconds - before);
      [before, rows] = [cpuSeconds, row?.rows ?? ""];
    }
    if (hasEnded) return { path, invocations };
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

async function name(upload: Upload, path: string): Promise<string> {
  const form = new FormData();
  form.set("upload", path);
  form.set("fournisseur", supplier);
  return ((await (await ask(upload, "imports", form)).json()) as { id: string }).id;
}

async function ask({ info, token }: Upload, path: string, body: BodyInit, type?: string): Promise<Response> {
  const answer = await fetch(`${info.systems.leads?.apiBase}/${path}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, ...(type ? { "Content-Type": type } : {}) },
    body,
  });
  if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
