import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.ts";
import type { Log, Supervisor } from "./supervisor.ts";

/** What the demo data is put in with. */
export type SeedOptions = {
  supervisor: Supervisor;
  systems: string[];
  apiUrl: string;
  dbUrl: string;
  secretKey: string;
  ibanEncryptionKey: string;
  log: Log;
};

// Kept as files, so that a first start that was cut short is made up for by the next one.
const wantedMark = (dataDir: string) => join(dataDir, "seed-wanted");
const doneMark = (dataDir: string) => join(dataDir, "seeded");

/** Notes that the database is new. */
export function wantSeed(dataDir: string): void {
  writeFileSync(wantedMark(dataDir), "");
}

/** Whether the database is new and has not had the demo data. */
export function isSeedWanted(dataDir: string): boolean {
  return existsSync(wantedMark(dataDir));
}

/** Notes that the database is new no more, with the demo data or without. */
export function settleSeed(dataDir: string, seeded: boolean): void {
  if (seeded) writeFileSync(doneMark(dataDir), "");
  rmSync(wantedMark(dataDir), { force: true });
}

/** Whether the database has had the demo data. */
export function isSeeded(dataDir: string): boolean {
  return existsSync(doneMark(dataDir));
}

/** Puts in the demo data of each system that has some, by the command that admins use. Throws with what it said. */
export async function seedDatabase(options: SeedOptions): Promise<void> {
  const cli = join(projectRoot, "cli", "leads-cli.js");
  for (const system of options.systems) {
    const folder = join(projectRoot, "supabase", "seed", system);
    if (!existsSync(cli) || !existsSync(folder)) {
      options.log(`No demo data for ${system}`);
      continue;
    }
    await run([cli, "seed", folder], options);
    options.log(`Demo data of ${system} is in`);
  }
}

async function run(args: string[], options: SeedOptions): Promise<void> {
  const lines: string[] = [];
  const child = options.supervisor.start({
    name: "seed",
    command: process.execPath,
    args,
    env: {
      ...process.env,
      SUPABASE_URL: options.apiUrl,
      SUPABASE_SECRET_KEY: options.secretKey,
      SUPABASE_DB_URL: options.dbUrl,
      IBAN_ENCRYPTION_KEY: options.ibanEncryptionKey,
    },
    mayEnd: true,
    onLine: (line) => lines.push(line),
  });
  const how = await child.exited;
  if (how !== "exit code 0") throw new Error(`The demo data could not be put in (${how})\n${lines.join("\n")}`);
}
