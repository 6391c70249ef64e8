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

// A large file that was put straight into Storage: what its function takes to accept it and to read it, against what a
// hosted one may. Its process is counted whole, the runtime in it, and warm, as it is after its first request.

const group = "Large uploads (the function)";
const supplier = "sophie@agence-ads.fr";
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
  const before = takenByFunction(upload.info);
  const path = await send(upload, file);
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
    compare(cpu("accepted and read"), [after.cpuSeconds - before.cpuSeconds], [hosted.cpuSeconds]),
    compare(cpu("accepted alone"), [again.cpuSeconds - after.cpuSeconds], [hosted.cpuSeconds]),
    compareMemory(memory, after.megabytes, hosted.megabytes),
  ];
}

/** Puts a file where it may be put, names it, and waits until it is in. Returns where it lies. */
async function send(upload: Upload, file: string): Promise<string> {
  const answer = await ask(upload, "imports/upload", JSON.stringify({ fournisseur: supplier }), "application/json");
  const { path, url, contentType } = (await answer.json()) as { path: string; url: string; contentType: string };
  const put = await fetch(url, {
    method: "PUT",
    headers: { "Content-Type": contentType },
    body: await openAsBlob(file, { type: contentType }),
  });
  if (!put.ok) throw new Error(`Storage answered ${put.status}`);
  const id = await name(upload, path);
  const isIn = async () => {
    const [row] = await upload.sql<{ status: string }[]>`select status from leads.imports where reference = ${id}`;
    if (row?.status === "failed") throw new Error(`${id} failed`);
    return row?.status !== "processing";
  };
  while (!(await isIn())) await new Promise((resolve) => setTimeout(resolve, 200));
  return path;
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
