import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, Option } from "commander";
import type postgres from "postgres";
import { withDatabase } from "../database.ts";
import { note, print, printJson, printTable, Refusal } from "../output.ts";
import { type Accounts, adminApi, ensureAccounts, removeAccounts, type WantedAccount } from "../seed/accounts.ts";
import { adminEmail } from "../seed/admin-email.ts";
import { keepBankAccounts } from "../seed/bank-accounts.ts";
import { exportFolder } from "../seed/export-folder.ts";
import { describeProblem } from "../seed/problems.ts";
import { readSeedFolder } from "../seed/read-folder.ts";
import type { SeedFiles } from "../seed/schema.ts";
import { announceTarget, isLocal, need, type Target } from "../target.ts";

type SeedOptions = { password?: string; json?: true; dryRun?: true; export?: true; names: "document" | "client" };
/** What `leads.seed` answers; `inserted` counts rows by table, and is left out where nothing changed. */
type SeedResult = { changed: boolean; inserted?: Record<string, number> };
type CheckedFolder = { files: SeedFiles; newest: string };

const demoFolder = fileURLToPath(new URL("../../supabase/seed/leads", import.meta.url));
const demoPassword = "demo-Password-1";

const examples = `
DIR holds the eleven files of the API document (leads.json, users.json, …), by its names or the front end's. They are checked as a whole: if one does not
fit, nothing is written. Ids are kept, and a second run changes nothing.

Accounts: ${adminEmail} and the three of users.json. Those that exist keep their password.

Examples:
  $ leads-cli seed
  $ leads-cli seed ../front/public/api --dry-run
  $ leads-cli seed --export ../front/public/api --names client
  $ leads-cli seed --password "$DEMO_PASSWORD" --url https://abc.supabase.co --key "$KEY" --db-url "$DB"`;

/** `leads-cli seed [DIR]`: puts a folder of mock files into the database, whole or not at all. */
export function register(program: Command): void {
  program
    .command("seed")
    .argument("[dir]", "folder with the eleven JSON files (default: supabase/seed/leads of the project)")
    .description("fill the database with the demo data of a folder")
    .option("--password <password>", `password of the accounts made (default on a local target: ${demoPassword})`)
    .option("--dry-run", "check the files and write nothing")
    .option("--export", "the other way: write the files of DIR out of what the database answers")
    .addOption(
      new Option("--names <whose>", "names of the parts in the files that --export writes")
        .choices(["document", "client"])
        .default("document"),
    )
    .option("--json", "one JSON object on stdout")
    .addHelpText("after", examples)
    .action(async (dir: string | undefined, options: SeedOptions, command: Command) => {
      if (options.export) return writeFolder(dir, options, command);
      const folder = await checkedFolder(resolve(dir ?? demoFolder), options);
      if (options.dryRun) reportDryRun(folder, options);
      else report(await seed(announceTarget(command), folder, options), options);
    });
}

async function writeFolder(dir: string | undefined, options: SeedOptions, command: Command): Promise<void> {
  if (!dir) command.error("error: --export needs the folder to write", { exitCode: 2 });
  if (options.dryRun) command.error("error: --dry-run checks a folder, and --export writes one", { exitCode: 2 });
  const target = announceTarget(command);
  const rows = countRows(await withDatabase(target, (sql) => exportFolder(sql, resolve(dir), options.names)));
  if (options.json) printJson({ exported: resolve(dir), rows });
  else {
    printTable(["list", "rows"], Object.entries(rows));
    print(`Eleven files are written to ${resolve(dir)}.`);
  }
}

async function checkedFolder(path: string, { json }: SeedOptions): Promise<CheckedFolder> {
  const folder = await readSeedFolder(path);
  if (folder.ok) return folder;
  if (json) printJson({ problems: folder.problems });
  for (const problem of folder.problems) note(describeProblem(problem));
  throw new Refusal(`${path}: ${folder.problems.length} problem(s), nothing was written`);
}

async function seed(target: Target, { files }: CheckedFolder, options: SeedOptions): Promise<Seeded> {
  const password = options.password ?? (isLocal(target) ? demoPassword : undefined);
  if (!password) throw new Refusal("the target is not on this machine: give the accounts a --password of their own");
  const admin = adminApi(need(target, "apiUrl"), need(target, "secretKey"));
  return withDatabase(target, async (sql) => {
    const accounts = await ensureAccounts(admin, sql, wantedAccounts(files), password);
    try {
      return { accounts, ...(await sql.begin((tx) => seedRows(tx, files, accounts, target.ibanEncryptionKey))) };
    } catch (error) {
      await removeAccounts(admin, accounts.made);
      throw error;
    }
  });
}

async function seedRows(
  sql: postgres.TransactionSql,
  files: SeedFiles,
  { ids }: Accounts,
  encryptionKey: string | null,
): Promise<SeedResult> {
  const [row] = await sql<{ result: SeedResult }[]>`
    select leads.seed(${sql.json(files)}::jsonb, ${sql.json(ids)}::jsonb) as result`;
  if (!row) throw new Refusal("leads.seed has answered nothing");
  if (!encryptionKey) {
    note("The suppliers get no bank accounts: IBAN_ENCRYPTION_KEY is not set.");
    return row.result;
  }
  await keepBankAccounts(sql, encryptionKey);
  return row.result;
}

type Seeded = SeedResult & { accounts: Accounts };

function wantedAccounts({ users }: SeedFiles): WantedAccount[] {
  return [{ email: adminEmail, firstName: "Admin", lastName: "Leads Provider" }, ...Object.values(users)];
}

function report({ changed, inserted = {}, accounts }: Seeded, { json }: SeedOptions): void {
  const emails = Object.keys(accounts.ids);
  const created = emails.filter((email) => accounts.made.includes(accounts.ids[email] ?? ""));
  const existing = emails.filter((email) => !created.includes(email));
  if (json) {
    printJson({ changed, inserted, accounts: { created, existing } });
    return;
  }
  if (changed) printTable(["table", "rows"], Object.entries(inserted));
  else print("This folder is what the database was seeded with last: nothing has changed.");
  print(`${created.length} accounts made, ${existing.length} already there: ${emails.join(", ")}`);
}

function reportDryRun({ files, newest }: CheckedFolder, { json }: SeedOptions): void {
  const rows = countRows(files);
  if (json) printJson({ dryRun: true, rows, newest });
  else {
    printTable(["list", "rows"], Object.entries(rows));
    print(`All eleven files fit; their newest date is ${newest}. Nothing was written (--dry-run).`);
  }
}

/** Rows by list: `leads`, `billing.payments`, … */
function countRows(files: SeedFiles): Record<string, number> {
  const lists = Object.entries(files).flatMap(([key, part]): [string, unknown][] =>
    Array.isArray(part) ? [[key, part]] : Object.entries(part).map(([name, list]) => [`${key}.${name}`, list]),
  );
  return Object.fromEntries(lists.map(([name, list]) => [name, Array.isArray(list) ? list.length : 1]));
}
