import { createReadStream, readFileSync, writeFileSync } from "node:fs";
import { openImportFile } from "../../../functions/_shared/import/read-file.ts";
import { ImportRefusal } from "../../../functions/_shared/import/refusal.ts";
import { stager } from "../../../functions/_shared/import/staging.ts";
import { leadKind } from "../../../functions/leads/imports/lead-kind.ts";

// A process of its own: reads the files that it is told of one by one, as an import does, up to the bytes that go to the
// database, and says what became of each.

/** What became of a file: `read` or a refusal's code, or an error that nobody meant; seconds of CPU, megabytes resident. */
export type Reading = { outcome: string; rows: number; seconds: number; megabytes: number };

/** The most that the process has held of the machine's memory since `forgetPeak`, in megabytes; where Linux tells it. */
const peak = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;
const forgetPeak = () => writeFileSync("/proc/self/clear_refs", "5");
const collect = (globalThis as { gc?: () => void }).gc;

async function read(path: string): Promise<Reading> {
  collect?.();
  forgetPeak();
  const before = process.cpuUsage();
  let rows = 0;
  let outcome = "read";
  try {
    const file = await openImportFile(createReadStream(path, { highWaterMark: 256 * 1024 }), {
      kind: leadKind,
      asked: new Map(),
      saved: new Map(),
    });
    const { encode } = stager("00000000-0000-7000-8000-000000000000", file.plan);
    for await (const batch of file.rows) {
      rows += batch.rows.lines.length;
      encode(batch.rows);
    }
  } catch (error) {
    outcome = error instanceof ImportRefusal ? error.code : `error: ${(error as Error).stack}`;
  }
  const { user, system } = process.cpuUsage(before);
  return { outcome, rows, seconds: (user + system) / 1e6, megabytes: peak() };
}

process.on("message", (path: string) => void read(path).then((reading) => process.send?.(reading)));
process.send?.("ready");
