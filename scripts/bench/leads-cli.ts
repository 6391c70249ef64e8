import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../cli/leads-cli.js", import.meta.url));
const sayPeak = 'process.on("exit", () => process.stderr.write("peak " + process.resourceUsage().maxRSS))';

/** Runs `leads-cli`, as a person types it. Returns the most memory that it took, in megabytes, and what it said. */
export function runLeadsCli(args: readonly string[]): Promise<{ megabytes: number; said: string }> {
  const watched = ["--import", `data:text/javascript,${encodeURIComponent(sayPeak)}`, bin];
  const child = spawn(process.execPath, [...watched, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once("close", (code) => {
      const peak = /peak (\d+)/.exec(said)?.[1];
      if (code === 0 && peak) resolve({ megabytes: Number(peak) / 1024, said });
      else reject(new Error(`leads-cli ${args[0]} ended with ${code}: ${said}`));
    });
  });
}
