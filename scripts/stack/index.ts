import { mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { copyData } from "./copied-data.ts";
import { type DemoPerson, demoPeople } from "./demo-people.ts";
import { startFunctions } from "./functions.ts";
import { startGateway } from "./gateway.ts";
import { accessRules, functionAccess } from "./gateway-access.ts";
import { authBinary, migrateGoTrue, startGoTrue } from "./gotrue.ts";
import { loadKeys, type StackKeys } from "./keys.ts";
import { startLite } from "./lite.ts";
import { applyMigrations, pendingMigrations } from "./migrations.ts";
import { type ChosenPorts, choosePorts, freePort } from "./ports.ts";
import { createCluster, databaseUrl, endOrphan, startPostgres } from "./postgres.ts";
import { startPostgrest } from "./postgrest.ts";
import { writePrivateFile } from "./private-file.ts";
import { isSystem, type ProjectConfig, projectRoot, readProjectConfig } from "./project.ts";
import { claimDataDir, lockPath, notePort, refuseSecond } from "./running.ts";
import { callBySchedule } from "./schedule.ts";
import { isSeeded, isSeedWanted, seedDatabase, settleSeed, wantSeed } from "./seed.ts";
import { functionSettings } from "./settings.ts";
import { createSupervisor, type Log, type Supervisor } from "./supervisor.ts";
import { webFiles } from "./web-files.ts";

export { projectRoot };

/** How a stack is started. */
export type StackOptions = {
  /** Folder of its data; made if it is missing. Only an ephemeral stack may do without and gets a temporary one. */
  dataDir?: string | undefined;
  /** First of four ports in a row: API, database, Studio, mails. Those of config.toml if not said. */
  basePort?: number | undefined;
  /** Free ports unless `basePort` is given, and the data folder is removed at the end. */
  ephemeral?: boolean | undefined;
  /** Data folder of a stack that has ended, which this one begins with a copy of. Its own must be empty. */
  copyOf?: string | undefined;
  /** Whether a new database gets the demo data; yes if not said. */
  seed?: boolean | undefined;
  /** File with settings for the functions; supabase/functions/.env if not said, where there is one. */
  envFile?: string | undefined;
  /** Folder of a built front end, served beside the API. */
  webDir?: string | undefined;
  /** Supabase's own Auth server, to run in the place of the embedded one. */
  authBinary?: string | undefined;
  /** Whether the functions that a hosted project calls by schedule are called; yes if not said. */
  schedule?: boolean | undefined;
  log: Log;
  /** Gives up a start that is under way. */
  signal?: AbortSignal | undefined;
};

/** What others need to use a stack; also the content of stack.json in its data folder. */
export type StackInfo = {
  apiUrl: string;
  dbUrl: string;
  studioUrl: string;
  mailUrl: string;
  publishableKey: string;
  secretKey: string;
  jwtSecret: string;
  ibanEncryptionKey: string;
  secretsEncryptionKey: string;
  /** By slug: where its API is, and who may sign in where the demo data is in. */
  systems: Record<string, { apiBase: string; demo: DemoPerson[] }>;
  /** PostgREST without the gateway in front of it. */
  restUrl: string;
  dataDir: string;
  /** The process to signal in order to stop the stack. */
  pid: number;
  /** Whether the database was given the demo data when it was new. */
  seeded: boolean;
};

/** A running stack. */
export type Stack = {
  info: StackInfo;
  /** Rejects when a part dies that the stack cannot do without. The caller then calls `stop`. */
  failed: Promise<never>;
  stop: () => Promise<void>;
};

/**
 * Starts the embedded Supabase and resolves when everything answers.
 * Throws, with nothing left running, where a port or the folder is taken or a part does not start.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const config = readProjectConfig();
  for (const key of config.unserved)
    options.log(`supabase/config.toml turns ${key} on, which the embedded stack has not`);
  const settings = functionSettings(options.envFile);
  const binary = options.authBinary === undefined ? undefined : authBinary(options.authBinary);
  if (options.dataDir !== undefined) {
    refuseSecond(resolve(options.dataDir));
    await endOrphan(resolve(options.dataDir));
  }
  const ports = await choosePorts(options, config.ports);
  const dataDir = makeDataDir(options);
  claimDataDir(dataDir);
  const supervisor = createSupervisor(options.log);
  const leftovers = options.ephemeral ? [dataDir] : [join(dataDir, "stack.json"), lockPath(dataDir)];
  for (const path of [...leftovers, notePort(ports.api, dataDir)]) supervisor.removeAtEnd(path);
  try {
    if (options.copyOf !== undefined) copyData(resolve(options.copyOf), dataDir);
    const boot: Boot = {
      supervisor,
      dataDir,
      ports,
      config,
      apiUrl: `http://127.0.0.1:${ports.api}`,
      dbUrl: databaseUrl(ports.db),
      keys: loadKeys(dataDir),
      settings,
      smtpPort: await freePort(),
      goTrue: binary === undefined ? undefined : { binary },
      log: options.log,
    };
    const booting = start(boot, options);
    booting.catch(() => undefined);
    const info = await Promise.race([booting, supervisor.failed, aborted(options.signal)]);
    return { info, failed: supervisor.failed, stop: supervisor.stopAll };
  } catch (error) {
    await supervisor.stopAll();
    throw error;
  }
}

/** What the steps of a start share. */
type Boot = {
  supervisor: Supervisor;
  dataDir: string;
  ports: ChosenPorts;
  config: ProjectConfig;
  apiUrl: string;
  dbUrl: string;
  keys: StackKeys;
  settings: Record<string, string>;
  /** Where mails are taken by SMTP, to be caught. */
  smtpPort: number;
  goTrue: { binary: string } | undefined;
  log: Log;
};

function makeDataDir({ dataDir, ephemeral, copyOf }: StackOptions): string {
  if (dataDir === undefined) {
    if (!ephemeral) throw new Error("A stack that keeps its data needs a data folder");
    return mkdtempSync(join(tmpdir(), "stack-"));
  }
  const path = resolve(dataDir);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (readdirSync(path).length === 0) return path;
  if (ephemeral) {
    throw new Error(`${path} is not empty, and an ephemeral stack removes its folder at the end: name another one`);
  }
  if (copyOf !== undefined)
    throw new Error(`${path} is not empty, and a copy would be mixed with it: name another one`);
  return path;
}

async function start(
  boot: Boot,
  { ephemeral = false, seed = true, schedule = true, webDir }: StackOptions,
): Promise<StackInfo> {
  const { supervisor, dataDir, log } = boot;
  // The functions need nothing of the rest in order to start, and the rest nothing of them.
  const functions = await startFunctions(supervisor, { ...boot, folder: join(projectRoot, "functions") });
  await startDatabase(boot, ephemeral);
  log("Database is up");
  const [restPort, { litePort, authPort }] = await Promise.all([startRest(boot), startAuth(boot), functions.started]);
  await startGateway(supervisor, {
    port: boot.ports.api,
    restPort,
    litePort,
    authPort,
    functions,
    access: accessRules(boot.keys),
    isRefused: functionAccess(boot.config.openFunctions, boot.keys.jwtSecret),
    web: webDir === undefined ? undefined : webFiles(webDir),
  });
  log("API is up");

  const systems = functions.slugs.filter(isSystem);
  if (isSeedWanted(dataDir)) {
    if (seed) await seedDatabase({ ...boot, ...boot.keys, systems });
    settleSeed(dataDir, seed);
  }
  if (schedule) callBySchedule(supervisor, { ...boot, slugs: functions.slugs });
  const info = describe(boot, systems, `http://127.0.0.1:${restPort}`);
  writePrivateFile(join(dataDir, "stack.json"), JSON.stringify(info, null, 2));
  return info;
}

/** Starts Storage, Studio and the mail catcher, with Auth among them or beside them. */
async function startAuth(boot: Boot): Promise<{ litePort: number; authPort: number | undefined }> {
  const { supervisor, goTrue } = boot;
  const { auth } = boot.config;
  const litePort = await startLite(supervisor, { ...boot, auth, otherAuth: goTrue !== undefined });
  return { litePort, authPort: goTrue && (await startGoTrue(supervisor, { ...boot, ...goTrue, auth })) };
}

async function startDatabase(boot: Boot, ephemeral: boolean): Promise<void> {
  const { supervisor, dataDir, ports, dbUrl, goTrue } = boot;
  // A large module, which loads while the database is being made.
  const systemSchema = import("./system-schema.ts");
  systemSchema.catch(() => undefined);
  const options = { dataDir, port: ports.db, ephemeral };
  if (await createCluster(supervisor, options)) wantSeed(dataDir);
  await startPostgres(supervisor, options);
  const migrateAuth = goTrue && (() => migrateGoTrue({ ...boot, ...goTrue, auth: boot.config.auth }));
  await (await systemSchema).ensureSystemSchema(dbUrl, migrateAuth);
}

async function startRest({ supervisor, dataDir, ports, dbUrl, apiUrl, keys, config, log }: Boot): Promise<number> {
  const pending = await pendingMigrations(dbUrl);
  if (pending.length > 0) {
    await applyMigrations(supervisor, dbUrl);
    log(`Migrations applied: ${pending.join(", ")}`);
  }
  return startPostgrest(supervisor, { dataDir, dbPort: ports.db, apiUrl, jwtSecret: keys.jwtSecret, config });
}

function describe(boot: Boot, systems: string[], restUrl: string): StackInfo {
  const { apiUrl, dbUrl, ports, dataDir } = boot;
  const { publishableKey, secretKey, jwtSecret, ibanEncryptionKey, secretsEncryptionKey } = boot.keys;
  return {
    apiUrl,
    dbUrl,
    studioUrl: `http://127.0.0.1:${ports.studio}`,
    mailUrl: `http://127.0.0.1:${ports.mail}`,
    publishableKey,
    secretKey,
    jwtSecret,
    ibanEncryptionKey,
    secretsEncryptionKey,
    systems: Object.fromEntries(
      systems.map((slug) => [
        slug,
        { apiBase: `${apiUrl}/functions/v1/${slug}/api`, demo: isSeeded(dataDir) ? demoPeople(slug) : [] },
      ]),
    ),
    restUrl,
    dataDir,
    pid: process.pid,
    seeded: isSeeded(dataDir),
  };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const give = () => reject(new Error("The start was given up"));
    if (signal?.aborted) give();
    else signal?.addEventListener("abort", give, { once: true });
  });
}
