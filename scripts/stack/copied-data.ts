import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { refuseSecond } from "./running.ts";

/** What a data folder holds of one run alone. */
const ofOneRun = ["lock", "stack.json", "logs"];

/** Puts into a folder what a stack that has ended left in its own: database, keys, files. Throws where one runs on it. */
export function copyData(from: string, to: string): void {
  if (!existsSync(join(from, "keys.json"))) throw new Error(`${from} is no data folder of a stack`);
  refuseSecond(from);
  const names = readdirSync(from).filter((name) => !ofOneRun.includes(name));
  // With their owners: the database belongs to somebody else where root runs the stack.
  execFileSync("cp", ["-Rp", ...names.map((name) => join(from, name)), to]);
}
