import type { Command } from "commander";
import type postgres from "postgres";
import { rolledBack } from "../../functions/_shared/rolled-back.ts";
import { confirm } from "../confirm.ts";
import { withDatabase } from "../database.ts";
import { openNew } from "../new-file.ts";
import { note, print, printJson, printPairs, Refusal } from "../output.ts";
import { serviceClient } from "../service.ts";
import { announceTarget, need, type Target } from "../target.ts";

type ExportOptions = { json?: true; out?: string };
type EraseOptions = { oppose?: true; dryRun?: true; yes?: true; json?: true };

type ExportedLead = {
  id: string;
  firstName: string;
  lastName: string;
  email: string | null;
  phone: string | null;
  company: string | null;
  status: string;
  createdAt: string;
  supplier: string;
  import: { id: string; fileName: string; date: string } | null;
  consent: { givenAt: string; textVersion: string } | null;
  calls: { date: string; duration: string; result: string; outsideRules: string[] }[];
  recordings: string[];
  recipients: { company: string; date: string }[];
};
/** By table: rows, or how many there are of what is other people's. */
type AccountData = Record<string, Record<string, unknown>[] | { count: number }>;
type ExportedAccount = {
  data: AccountData;
  files: { bucket: string; path: string }[];
  afterErasure: { what: string; fate: string; why: string | null }[];
};
type Export = {
  person: string;
  account: ExportedAccount | null;
  /** Somebody has registered with the address, and has not proven that it is his. */
  unprovenAccount: { createdAt: string } | null;
  opposition: { since: string; reason: string } | null;
  leads: ExportedLead[];
  refusedRows: { import: string; fileName: string; line: number; messages: string[] }[];
  /** In files that wait for an admin's decision. */
  pendingRows: { import: string; fileName: string; line: number }[];
};
/** What `leads.gdpr_erase` answers: counts of rows, and paths in the buckets « recordings » and « avatars ». */
type Erasure = {
  accounts: number;
  leads: number;
  withdrawn: number;
  calls: number;
  consents: number;
  refusedRows: number;
  buyersTold: number;
  opposed: number;
  recordings: string[];
  avatars: string[];
  /** Tables of Supabase Auth that this database may not write. */
  leftInAuth: string[];
};

const batchSize = 100;

const examples = `
The person is found by one e-mail or one telephone number, in any spelling. Whoever is known by several has to be looked
for by each: the export shows them.

An account is found by its e-mail, with its supplier; a telephone in a profile proves nothing. Of an account whose address
nobody has proven, export says only that there is one; erase takes it as well. Sessions end at once, and
what books and proofs refer to stays under a pseudonym: export says what, and why. While anything is owed (credits, earnings,
transfers, orders, returns, imports), and for the last admin, it is refused.

erase takes names, addresses, notes, recordings and what files left behind. Sales and all other money rows stay, without
the person; buyers and suppliers of the leads are told to erase the person as well. A second run finds nothing to do but
what a first one could not finish. --oppose also refuses the person in every file and form from now on.

Examples:
  $ leads-cli gdpr export claire@example.com --out claire.json
  $ leads-cli gdpr erase "06 39 98 97 01" --dry-run
  $ leads-cli gdpr erase claire@example.com --oppose --yes`;

/** `leads-cli gdpr export|erase PERSON`: what a person may ask for by the GDPR, articles 15, 17 and 21. */
export function register(program: Command): void {
  const gdpr = program.command("gdpr").description("export or erase a person").addHelpText("after", examples);
  gdpr
    .command("export")
    .argument("<person>", "e-mail or telephone")
    .description("everything that is held about a person")
    .option("--out <file>", "write it there as JSON; the file must not exist")
    .option("--json", "one JSON object on stdout")
    .action((person: string, options: ExportOptions, command: Command) =>
      exportPerson(announceTarget(command), person, options),
    );
  gdpr
    .command("erase")
    .argument("<person>", "e-mail or telephone")
    .description("erase a person, for good")
    .option("--oppose", "refuse the person from now on")
    .option("--dry-run", "do everything in the database, report it, and take it back")
    .option("--yes", "do not ask")
    .option("--json", "one JSON object on stdout")
    .action((person: string, options: EraseOptions, command: Command) =>
      erasePerson(announceTarget(command), person, options),
    );
}

async function exportPerson(target: Target, person: string, { json, out }: ExportOptions): Promise<void> {
  const found = await withDatabase(target, async (sql) => {
    const [row] = await sql<{ found: Export }[]>`select leads.gdpr_export(${person}) as found`;
    return (row as { found: Export }).found;
  });
  if (out !== undefined) {
    const file = await openNew(out);
    await file.writeFile(`${JSON.stringify(found, null, 2)}\n`).finally(() => file.close());
  }
  if (json) printJson(found);
  else showExport(found);
  if (out !== undefined) note(`Everything is in ${out}.`);
}

function showAccount({ data, files, afterErasure }: ExportedAccount): void {
  print("\nAccount");
  const countOf = (rows: AccountData[string]) => (Array.isArray(rows) ? rows.length : rows.count);
  const found = Object.entries(data).filter(([, rows]) => countOf(rows) > 0);
  printPairs(found.map(([table, rows]): [string, string] => [`  ${table}`, String(countOf(rows))]));
  if (files.length > 0) print(`  files: ${files.map(({ bucket, path }) => `${bucket}/${path}`).join("; ")}`);
  print("  after an erasure stays:");
  const reasons = new Set(afterErasure.map(({ why }) => why));
  for (const why of reasons) {
    const tables = new Set(
      afterErasure.filter((one) => one.why === why).map(({ what }) => what.split(".").slice(0, 2).join(".")),
    );
    print(`    ${why} ${[...tables].join(", ")}`);
  }
}

function showExport({ person, account, unprovenAccount, opposition, leads, refusedRows, pendingRows }: Export): void {
  print(`${person}: ${leads.length} leads, ${refusedRows.length} refused rows`);
  if (opposition) print(`Opposed since ${opposition.since}: ${opposition.reason}`);
  if (account) showAccount(account);
  if (unprovenAccount) print(`An account that nobody has proven has the address, since ${unprovenAccount.createdAt}`);
  for (const lead of leads) {
    print(`\nLead ${lead.id}`);
    const pairs: [string, string | null][] = [
      ["name", `${lead.firstName} ${lead.lastName}`.trim()],
      ["e-mail", lead.email],
      ["telephone", lead.phone],
      ["company", lead.company],
      ["status", lead.status],
      ["since", lead.createdAt],
      ["supplier", lead.supplier],
      ["import", lead.import && `${lead.import.id} ${lead.import.fileName}, ${lead.import.date}`],
      ["consent", lead.consent && `${lead.consent.givenAt}, ${lead.consent.textVersion}`],
      ["calls", lead.calls.map(callText).join("; ")],
      ["recordings", lead.recordings.join("; ")],
      ["recipients", lead.recipients.map(({ company, date }) => `${company}, ${date}`).join("; ")],
    ];
    printPairs(
      pairs.filter((pair): pair is [string, string] => Boolean(pair[1])).map(([name, value]) => [`  ${name}`, value]),
    );
  }
  for (const row of pendingRows) print(`\nIn a file that waits: ${row.import} ${row.fileName}, line ${row.line}`);
  for (const row of refusedRows)
    print(`\nRefused: ${row.import} ${row.fileName}, line ${row.line}: ${row.messages.join(" ")}`);
}

/** `outside_calling_hours` and the like: the rules by which the person should not have been called then. */
function callText({ date, duration, result, outsideRules }: ExportedLead["calls"][number]): string {
  return `${date} (${[duration, result, ...outsideRules].join(", ")})`;
}

async function erasePerson(target: Target, person: string, options: EraseOptions): Promise<void> {
  if (!options.yes && !options.dryRun) {
    const unasked = "this cannot be undone: pass --yes, or look first with --dry-run";
    await confirm(`Erase ${person} for good?`, "nothing was erased", unasked);
  }
  const { erasure, removed } = await withDatabase(target, async (sql) => {
    const erasure = await erase(sql, person, options);
    if (options.dryRun) return { erasure, removed: 0 };
    await removeFiles(target, "avatars", erasure.avatars);
    const forget = (paths: string[]) => sql`select leads.forget_recordings(${paths})`;
    return { erasure, removed: await removeFiles(target, "recordings", erasure.recordings, forget) };
  });
  const { recordings, avatars: _, ...counts } = erasure;
  if (options.json) printJson({ ...counts, recordings: recordings.length, dryRun: options.dryRun === true });
  else showErasure(erasure, options.dryRun ? recordings.length : removed, options);
}

/** One transaction, which a rehearsal takes back. */
async function erase(sql: postgres.Sql, person: string, { oppose, dryRun }: EraseOptions): Promise<Erasure> {
  const work = async (tx: postgres.TransactionSql) => {
    const [row] = await tx<{ erasure: Erasure }[]>`select leads.gdpr_erase(${person}, ${oppose === true}) as erasure`;
    return (row as { erasure: Erasure }).erasure;
  };
  return dryRun ? rolledBack(sql, work) : ((await sql.begin(work)) as Erasure);
}

/** Those of earlier runs too, if their removal failed. Throws a Refusal that says how to go on. */
async function removeFiles(
  target: Target,
  bucket: string,
  paths: readonly string[],
  forget?: (paths: string[]) => Promise<unknown>,
): Promise<number> {
  if (paths.length === 0) return 0;
  const goOn = `the database is erased, but ${paths.length} ${bucket} are still in Storage; run the same command again`;
  try {
    const files = serviceClient(need(target, "apiUrl"), need(target, "secretKey")).storage.from(bucket);
    for (let at = 0; at < paths.length; at += batchSize) {
      const batch = paths.slice(at, at + batchSize);
      const { error } = await files.remove(batch);
      if (error) throw error;
      await forget?.(batch);
    }
  } catch (error) {
    throw new Refusal(`${goOn}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return paths.length;
}

function showErasure(erasure: Erasure, recordings: number, { dryRun }: EraseOptions): void {
  const pairs: [string, number][] = [
    ["leads", erasure.leads],
    ["of these withdrawn", erasure.withdrawn],
    ["calls", erasure.calls],
    ["recordings", recordings],
    ["proofs of consent", erasure.consents],
    ["refused rows", erasure.refusedRows],
    ["messages to buyers", erasure.buyersTold],
    ["new oppositions", erasure.opposed],
    ["accounts", erasure.accounts],
  ];
  print(dryRun ? "Would be erased" : "Erased");
  printPairs(pairs.map(([name, count]): [string, string] => [`  ${name}`, String(count)]));
  for (const table of erasure.leftInAuth) print(`Left, since this database may not write it: ${table}`);
  if (dryRun) print("Nothing was written (--dry-run).");
}
