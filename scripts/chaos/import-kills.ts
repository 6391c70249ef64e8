import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type postgres from "postgres";
import { projectRoot } from "../stack/project.ts";
import { randomOf } from "./random.ts";

/** What is killed how often; `folder` is where the file is written, `seed` decides the moments. */
export type KillRun = {
  sql: postgres.Sql;
  url: string;
  folder: string;
  rows: number;
  times: number;
  seed: number;
  onRound?: (counts: KillCounts) => void;
};

/** How often the command was killed, and where it was then; `half` and `different` must be none. */
export type KillCounts = {
  killed: number;
  beforeItBegan: number;
  onItsWay: number;
  afterItsEnd: number;
  resumed: number;
  half: number;
  different: number;
};

type Outcome = { leads: number; imports: number; staged: number; rejects: number; rows: string };

const supplier = "chaos@import.test";
const bin = join(projectRoot, "cli/leads-cli.js");

/**
 * Kills `leads-cli import` (SIGKILL) at random moments of its run, gives the same command again, every second time after
 * `import --resume`, and compares the leads with those of a run that nobody disturbed. The database is this run's own.
 */
export async function killImports({ sql, url, folder, rows, times, seed, onRound }: KillRun): Promise<KillCounts> {
  const file = join(folder, "chaos.csv");
  writeFileSync(file, fileOf(rows));
  await sql`insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', ${supplier}, 'active')`;
  const command = ["import", file, "--supplier", supplier, "--db-url", url];
  const started = performance.now();
  await finished(command);
  const fullMs = performance.now() - started;
  const wanted = await outcomeOf(sql);
  const random = randomOf(seed, "moments");
  const counts: KillCounts = {
    killed: 0,
    beforeItBegan: 0,
    onItsWay: 0,
    afterItsEnd: 0,
    resumed: 0,
    half: 0,
    different: 0,
  };
  for (let round = 0; counts.killed < times; round += 1) {
    await forget(sql);
    // From the end of Node's own start to a little after the usual end.
    if (!(await killedAfter(command, (fullMs * (25 + random.below(80))) / 100))) continue;
    counts.killed += 1;
    const left = await outcomeOf(sql);
    if (left.leads !== 0 && left.leads !== wanted.leads) counts.half += 1;
    if (left.imports === 0) counts.beforeItBegan += 1;
    else if (left.leads === 0) counts.onItsWay += 1;
    else counts.afterItsEnd += 1;
    if (round % 2 === 1) {
      counts.resumed += 1;
      await finished(["import", "--resume", "--db-url", url]);
    }
    await finished(command);
    if (JSON.stringify(await outcomeOf(sql)) !== JSON.stringify(wanted)) counts.different += 1;
    onRound?.(counts);
  }
  await forget(sql);
  return counts;
}

/** 3 % of the rows are invalid, 5 % repeat an earlier one. */
function fileOf(rows: number): string {
  const lines = Array.from({ length: rows }, (_, row) => {
    const person = row % 20 === 19 ? row - 10 : row;
    return `Nom ${row},p${person}@chaos.test,${row % 33 === 0 ? "Lune" : "Isolation"},PACA,${"x".repeat(60)}`;
  });
  return `nom,email,secteur,région,notes\n${lines.join("\n")}\n`;
}

function start(command: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...command], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, said: () => said };
}

async function finished(command: readonly string[]): Promise<void> {
  const { ended, said } = start(command);
  if ((await ended) !== 0) throw new Error(`leads-cli ${command[0]} failed: ${said()}`);
}

/** Whether the command was killed; it may have ended before. */
async function killedAfter(command: readonly string[], ms: number): Promise<boolean> {
  const { child, ended } = start(command);
  const timer = setTimeout(() => child.kill("SIGKILL"), ms);
  const code = await ended;
  clearTimeout(timer);
  return code === null;
}

/** All that the imports have left, once nothing of a killed one is under way any more. */
async function outcomeOf(sql: postgres.Sql): Promise<Outcome> {
  const others = () =>
    sql`select from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
      and query like '%leads.%' and state <> 'idle' and pid <> pg_backend_pid()`;
  while ((await others()).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  const [outcome] = await sql<Outcome[]>`
    select (select count(*)::int from leads.leads) as leads, (select count(*)::int from leads.imports) as imports,
      (select count(*)::int from leads.import_rows r join leads.imports i on i.id = r.import_id and i.status <> 'processing') as staged,
      (select count(*)::int from leads.import_rejects) as rejects,
      (select coalesce(md5(string_agg(concat_ws('|', c.email, c.last_name, l.sector, l.region, c.notes, l.status), ',' order by c.email)), '')
        from leads.lead_contacts c join leads.leads l on l.id = c.lead_id) as rows`;
  return outcome as Outcome;
}

async function forget(sql: postgres.Sql): Promise<void> {
  await sql`delete from leads.leads`;
  await sql`delete from leads.imports`;
  await sql`truncate leads.import_rows, leads.import_checked`;
}
