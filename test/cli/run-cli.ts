import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../cli/leads-cli.js", import.meta.url));

export type CliRun = { code: number; stdout: string; stderr: string };
type CliContext = { env?: Record<string, string>; cwd?: string; stdin?: Uint8Array };

/** Runs `leads-cli` as a person would, with nothing of Supabase in its environment but `env`. */
export function runCli(args: readonly string[], { env = {}, cwd, stdin }: CliContext = {}): Promise<CliRun> {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SUPABASE_")));
  return new Promise((resolve) => {
    const options = { env: { ...clean, ...env }, cwd: cwd ?? process.cwd(), maxBuffer: 64 * 1024 * 1024 };
    const child = execFile(process.execPath, [bin, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(stdin);
  });
}
