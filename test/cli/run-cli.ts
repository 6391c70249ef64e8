import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { register } from "tsx/cjs/api";
import type { main as Main } from "../../cli/main.ts";

const bin = fileURLToPath(new URL("../../cli/leads-cli.js", import.meta.url));

export type CliRun = { code: number; stdout: string; stderr: string };
type CliContext = { env?: Record<string, string>; stdin?: Uint8Array };

/**
 * Runs `leads-cli` inside this process, with nothing of Supabase in its environment but `env`: node and its libraries take
 * ten times as long to start as most commands to run. They are loaded as leads-cli.js loads them.
 */
export async function runCli(args: readonly string[], { env = {}, stdin }: CliContext = {}): Promise<CliRun> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = Promise.all([text(stdout), text(stderr)]);
  const input = Readable.from(stdin ? [Buffer.from(stdin)] : []);
  const code = await main()(["node", bin, ...args], { stdin: input, stdout, stderr, env: { ...clean(), ...env } });
  stdout.end();
  stderr.end();
  const [out, err] = await printed;
  return { code, stdout: out, stderr: err };
}

/** Runs `leads-cli` as a person would, as a process of its own, in a folder. */
export function spawnCli(args: readonly string[], { env = {}, stdin, cwd }: CliContext & { cwd?: string } = {}) {
  return new Promise<CliRun>((resolve) => {
    const options = { env: { ...clean(), ...env }, cwd: cwd ?? process.cwd(), maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(process.execPath, [bin, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });
}

function clean(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SUPABASE_")));
}

let loaded: typeof Main | undefined;

function main(): typeof Main {
  if (!loaded) {
    register();
    loaded = (createRequire(import.meta.url)("../../cli/main.ts") as { main: typeof Main }).main;
  }
  return loaded;
}
