import { spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type postgres from "postgres";
import { projectRoot } from "../stack/project.ts";
import { type Phase, phases, watchImport } from "./import-phases.ts";
import { randomOf } from "./random.ts";

/** What is killed how often; `folder` is where the file is written, `seed` decides the moments. */
export type KillRun = {
  sql: postgres.Sql;
  url: string;
  folder: string;
  rows: number;
  times: number;
  seed: number;
  /** What is killed, in turn. A Postgres whose backend is killed ends all its connections: then the server is this run's own too. */
  victims: readonly Victim[];
  onRound?: (counts: KillCounts) => void;
};
type Victim = "leads-cli" | "backend" | "both";

/** How often what was killed, and where the import was then; `half` and `different` must be none. */
export type KillCounts = {
  killed: number;
  in: Record<Phase, number>;
  victims: Record<Victim, number>;
  resumed: number;
  half: number;
  different: number;
};

type Outcome = { leads: number; imports: number; staged: number; rejects: string; rows: string };
type Lengths = Record<Phase, number>;
type Plan = { command: readonly string[]; phase: Phase; afterMs: number; victim: Victim };

const supplier = "chaos@import.test";
const bin = join(projectRoot, "cli/leads-cli.js");

/** A file, the command that imports it, and what that comes to and takes where nobody disturbs it. */
type Road = { command: readonly string[]; lengths: Lengths; wanted: Outcome };

/**
 * Kills `leads-cli import` (SIGKILL) at random moments of each of its phases in turn, gives the same command again, every
 * second time after `import --resume`, and compares leads and refused rows with those of a run that nobody disturbed. In
 * turn too: a file that is merged while it is read, and one that is staged first, since its dates are understood as a whole.
 * The database is this run's own.
 */
export async function killImports(run: KillRun): Promise<KillCounts> {
  const { sql, url, times } = run;
  const rejects = join(run.folder, "rejects.csv");
  await sql`insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', ${supplier}, 'active')`;
  const again = ["--rejects", rejects, "--db-url", url];
  const outcome = () => outcomeOf(sql, rejects);
  const roads: Road[] = [];
  for (const dates of [false, true]) {
    const file = join(run.folder, dates ? "dates.csv" : "chaos.csv");
    writeFileSync(file, fileOf(run.rows, dates));
    const command = ["import", file, "--supplier", supplier, ...again];
    const lengths = await measured(sql, command);
    roads.push({ command, lengths, wanted: await outcome() });
    await forget(sql, rejects);
  }
  const random = randomOf(run.seed, "moments");
  const counts: KillCounts = {
    killed: 0,
    in: { opening: 0, staging: 0, between: 0, merging: 0, rejects: 0 },
    victims: { "leads-cli": 0, backend: 0, both: 0 },
    ...{ resumed: 0, half: 0, different: 0 },
  };
  while (counts.killed < times) {
    const { command, lengths, wanted } = roads[counts.killed % roads.length] as Road;
    // The one that is merged while it is read is never only staged.
    const itsPhases = phases.filter((phase) => lengths[phase] > 0);
    const phase = itsPhases[Math.floor(counts.killed / roads.length) % itsPhases.length] as Phase;
    const victim = run.victims[Math.floor(counts.killed / roads.length) % run.victims.length] as Victim;
    const afterMs = (lengths[phase] * random.below(100)) / 100;
    const hit = await killedIn(sql, { command, phase, afterMs, victim });
    if (hit !== null) {
      counts.killed += 1;
      counts.in[hit] += 1;
      counts.victims[victim] += 1;
      const left = await outcome();
      if (left.leads !== 0 && left.leads !== wanted.leads) counts.half += 1;
      if (random.below(2) === 1) {
        counts.resumed += 1;
        await finished(["import", "--resume", ...again]);
      }
      await finished(command);
      if (JSON.stringify(await outcome()) !== JSON.stringify(wanted)) counts.different += 1;
      run.onRound?.(counts);
    }
    await forget(sql, rejects);
  }
  return counts;
}

/** 3 % of the rows are invalid, 5 % repeat an earlier one. */
function fileOf(rows: number, dates: boolean): string {
  const consent = ["consentTextVersion", "consentUrl", "consentIp", "consentAt", "consentRecipients"];
  const header = ["nom", "email", "secteur", "région", "notes", ...(dates ? consent : [])];
  const lines = Array.from({ length: rows }, (_, row) => {
    const person = row % 20 === 19 ? row - 10 : row;
    const proof = `,v1,https://chaos.test,192.0.2.1,0${1 + (row % 9)}/${10 + (row % 19)}/2025,Chaos`;
    return `Nom ${row},p${person}@chaos.test,${row % 33 === 0 ? "Lune" : "Isolation"},PACA,${"x".repeat(60)}${dates ? proof : ""}`;
  });
  return `${[header.join(","), ...lines].join("\n")}\n`;
}

function start(command: readonly string[]) {
  const child = spawn(process.execPath, [bin, ...command], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended, isOver: () => child.exitCode !== null || child.signalCode !== null, said: () => said };
}

async function finished(command: readonly string[]): Promise<void> {
  const { ended, said } = start(command);
  if ((await ended) !== 0) throw new Error(`leads-cli ${command[0]} failed: ${said()}`);
}

/** Runs the command undisturbed. How long each phase takes, in milliseconds. */
async function measured(sql: postgres.Sql, command: readonly string[]): Promise<Lengths> {
  const look = watchImport(sql);
  const { isOver, ended, said } = start(command);
  const lengths: Lengths = { opening: 0, staging: 0, between: 0, merging: 0, rejects: 0 };
  let last = performance.now();
  while (!isOver()) {
    const { phase } = await look();
    const now = performance.now();
    if (phase !== null) lengths[phase] += now - last;
    last = now;
    await glance();
  }
  if ((await ended) !== 0) throw new Error(`leads-cli ${command[0]} failed: ${said()}`);
  return lengths;
}

/** Kills so long after a phase begins. In which phase it hit the import: a later one where this one was short, null after its end. */
async function killedIn(sql: postgres.Sql, { command, phase, afterMs, victim }: Plan): Promise<Phase | null> {
  const look = watchImport(sql);
  const [own] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  const { child, ended, isOver } = start(command);
  let begun: number | undefined;
  for (; !isOver(); await glance()) {
    const seen = await look();
    if (seen.phase === null || phases.indexOf(seen.phase) < phases.indexOf(phase)) continue;
    begun ??= performance.now();
    if (seen.phase === phase && performance.now() - begun < afterMs) continue;
    const [backend] = seen.backends;
    if (victim !== "leads-cli" && backend === undefined) continue;
    // A backend first: it would soon end by itself without its client.
    if (victim !== "leads-cli" && !killProcess(backend as number)) continue;
    const killed = victim !== "backend" && child.kill("SIGKILL");
    await ended;
    // A backend that was just ending takes nothing down with it.
    const crashed = victim !== "leads-cli" && (await hasRecovered(sql, own?.pid));
    return killed || crashed ? seen.phase : null;
  }
  await ended;
  return null;
}

function killProcess(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** Waits until the server is there again after a crash, which ends the connection with the number `before`; false if there was none. */
async function hasRecovered(sql: postgres.Sql, before: number | undefined): Promise<boolean> {
  const pid = async () => (await sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid;
  let down = false;
  for (const begun = performance.now(); performance.now() - begun < (down ? 60_000 : 5_000); await pause()) {
    const now = await pid().catch(() => undefined);
    if (now === undefined) down = true;
    else if (now !== before) return true;
  }
  if (down) throw new Error("Postgres did not recover");
  return false;
}

/** All that the imports have left, once nothing of a killed one is under way any more. */
async function outcomeOf(sql: postgres.Sql, rejectsFile: string): Promise<Outcome> {
  const others = () =>
    sql`select from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
      and query like '%leads.%' and state <> 'idle' and pid <> pg_backend_pid()`;
  while ((await others()).length > 0) await pause();
  const [outcome] = await sql<Omit<Outcome, "rejects">[]>`
    select (select count(*)::int from leads.leads) as leads,
      (select count(*)::int from leads.imports where status <> 'failed') as imports,
      (select count(*)::int from leads.import_rows r join leads.imports i on i.id = r.import_id and i.status <> 'processing') as staged,
      (select coalesce(md5(string_agg(concat_ws('|', c.email, c.last_name, l.sector, l.region, c.notes, l.status), ',' order by c.email)), '')
        from leads.lead_contacts c join leads.leads l on l.id = c.lead_id) as rows`;
  return { ...(outcome as Outcome), rejects: readFileSync(rejectsFile, "utf8") };
}

async function forget(sql: postgres.Sql, rejectsFile: string): Promise<void> {
  await sql`delete from leads.leads`;
  await sql`delete from leads.imports`;
  await sql`truncate leads.import_rows, leads.import_checked`;
  rmSync(rejectsFile, { force: true });
}

/** Looking without a break would take a core from what is looked at. */
function glance(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 2));
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
