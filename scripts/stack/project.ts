import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parse } from "smol-toml";
import { type AuthConfig, readAuthConfig, unservedKeys } from "./auth-config.ts";

/** Folder of the project, the one that holds package.json. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What the stack takes from supabase/config.toml, so that it and `supabase start` serve the same project. */
export type ProjectConfig = {
  ports: StackPorts;
  /** Schemas that PostgREST publishes; the first is the default one. */
  schemas: string[];
  extraSearchPath: string[];
  /** Rows of one PostgREST answer, at most. */
  maxRows: number;
  auth: AuthConfig;
  /** Functions that are called by whoever comes; of any other a token is wanted that verifies. */
  openFunctions: string[];
  /** What the file turns on and the embedded stack has not. */
  unserved: string[];
};

/** The four ports that people open. */
export type StackPorts = { api: number; db: number; studio: number; mail: number };

type Toml = {
  api?: { port?: number; schemas?: string[]; extra_search_path?: string[]; max_rows?: number };
  db?: { port?: number };
  studio?: { port?: number };
  local_smtp?: { port?: number };
  auth?: Record<string, unknown>;
  functions?: Record<string, { verify_jwt?: boolean }>;
};

/** Reads supabase/config.toml; what it leaves out is as the Supabase CLI has it. Throws where it is no TOML. */
export function readProjectConfig(): ProjectConfig {
  const {
    api,
    db,
    studio,
    local_smtp,
    auth = {},
    functions = {},
  } = parse(readFileSync(join(projectRoot, "supabase", "config.toml"), "utf8")) as Toml;
  return {
    ports: {
      api: api?.port ?? 54321,
      db: db?.port ?? 54322,
      studio: studio?.port ?? 54323,
      mail: local_smtp?.port ?? 54324,
    },
    schemas: api?.schemas ?? ["public"],
    extraSearchPath: api?.extra_search_path ?? ["public", "extensions"],
    maxRows: api?.max_rows ?? 1000,
    auth: readAuthConfig(auth, projectRoot),
    openFunctions: Object.keys(functions).filter((slug) => functions[slug]?.verify_jwt === false),
    unserved: unservedKeys(auth).map((key) => `auth.${key}`),
  };
}

/** Names of the Edge Functions: the folders in functions/ that have an index.ts. */
export function functionSlugs(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
    .map((entry) => entry.name)
    .filter((name) => existsSync(join(folder, name, "index.ts")))
    .sort();
}

/** Whether a function is a business system's own, which has tables of its name, and not one that systems share. */
export function isSystem(slug: string): boolean {
  return existsSync(join(projectRoot, "sql", slug));
}

const require = createRequire(import.meta.url);

/** Path of a file or package as this project resolves it. Throws where it is not installed. */
export function resolvePackage(specifier: string): string {
  return require.resolve(specifier);
}

/** Node's arguments to run a TypeScript file of the project in the very process that is started, without a wrapper. */
export function typescriptArgs(file: string): string[] {
  return ["--import", pathToFileURL(resolvePackage("tsx")).href, file];
}
