import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { io } from "./io.ts";
import { note, Refusal } from "./output.ts";

/** What a command line may say about its target; the names are commander's for the global options. */
export type TargetOptions = {
  url?: string | undefined;
  key?: string | undefined;
  dbUrl?: string | undefined;
  dataDir?: string | undefined;
};

/** A Supabase project to work on. What its source did not name is null. */
export type Target = {
  source: string;
  apiUrl: string | null;
  dbUrl: string | null;
  studioUrl: string | null;
  mailUrl: string | null;
  publishableKey: string | null;
  secretKey: string | null;
  /** What seals bank accounts; never shown. */
  ibanEncryptionKey: string | null;
  /** What seals the secrets of webhooks; never shown. */
  secretsEncryptionKey: string | null;
  /** By slug; who may sign in to the demo is told of a running stack alone. */
  systems: Record<string, { apiBase: string; demo?: { role: string; identifier: string; password: string }[] }>;
};

const projectFolder = fileURLToPath(new URL("..", import.meta.url));
const defaultDataDir = join(projectFolder, ".stack");

/** The business systems of the project: those that have tables. */
function systemSlugs(): string[] {
  return readdirSync(join(projectFolder, "sql")).filter((name) => name !== "platform");
}

/** The four options that every command takes. */
export function addTargetOptions(program: Command): void {
  program
    .option("--url <url>", "API URL of the Supabase project")
    .option("--key <key>", "its secret key (sb_secret_…); SUPABASE_SECRET_KEY keeps it out of the shell's history")
    .option("--db-url <url>", "its database URL (postgres://…)")
    .option("--data-dir <dir>", "data folder of the running stack (default: .stack of the project)");
}

/**
 * The target by the first source that names any part of it: flags and environment (a flag wins over its variable),
 * else the running stack. Throws a Refusal if there is none.
 */
export function resolveTarget(options: TargetOptions, env: NodeJS.ProcessEnv = io().env): Target {
  const named = {
    url: pick(["--url", options.url], ["SUPABASE_URL", env.SUPABASE_URL]),
    key: pick(["--key", options.key], ["SUPABASE_SECRET_KEY", env.SUPABASE_SECRET_KEY]),
    dbUrl: pick(["--db-url", options.dbUrl], ["SUPABASE_DB_URL", env.SUPABASE_DB_URL]),
  };
  const names = Object.values(named).flatMap((part) => (part ? [part.name] : []));
  // A stack's parts are never mixed with named ones: accounts would be made in one project, data in another.
  if (names.length === 0) return runningStack(resolve(options.dataDir ?? defaultDataDir));

  const apiUrl = named.url ? checkedUrl(named.url, ["http:", "https:"]).replace(/\/+$/, "") : null;
  return {
    source: names.join(", "),
    apiUrl,
    dbUrl: named.dbUrl ? checkedUrl(named.dbUrl, ["postgres:", "postgresql:"]) : null,
    studioUrl: null,
    mailUrl: null,
    publishableKey: null,
    secretKey: named.key?.value ?? null,
    ibanEncryptionKey: env.IBAN_ENCRYPTION_KEY || null,
    secretsEncryptionKey: env.SECRETS_ENCRYPTION_KEY || null,
    systems: apiUrl
      ? Object.fromEntries(systemSlugs().map((slug) => [slug, { apiBase: `${apiUrl}/functions/v1/${slug}/api` }]))
      : {},
  };
}

/** Resolves the target and says on stderr which one it is; never a key or a password. */
export function announceTarget(command: Command): Target {
  const target = resolveTarget(command.optsWithGlobals<TargetOptions>());
  const hosts = [target.apiUrl, target.dbUrl].flatMap((url) => (url ? [withoutSecrets(url)] : []));
  note(`Target: ${hosts.join(", ") || "no URL"} (from ${target.source})`);
  return target;
}

/** Whether every part of the target is on this machine. */
export function isLocal(target: Pick<Target, "apiUrl" | "dbUrl">): boolean {
  return [target.apiUrl, target.dbUrl].every((url) => url === null || isLoopback(new URL(url).hostname));
}

/** The target's part that a command cannot do without. Throws a Refusal that names the flag and the variable. */
export function need(
  target: Target,
  part: "apiUrl" | "dbUrl" | "secretKey" | "ibanEncryptionKey" | "secretsEncryptionKey",
): string {
  const value = target[part];
  if (value) return value;
  const ways = {
    apiUrl: "--url or SUPABASE_URL",
    dbUrl: "--db-url or SUPABASE_DB_URL",
    secretKey: "--key or SUPABASE_SECRET_KEY",
    ibanEncryptionKey: "IBAN_ENCRYPTION_KEY",
    secretsEncryptionKey: "SECRETS_ENCRYPTION_KEY",
  };
  throw new Refusal(`this command also needs ${ways[part]} (the target is named by ${target.source})`);
}

type Named = { name: string; value: string };

function pick(...sources: [string, string | undefined][]): Named | undefined {
  const found = sources.find(([, value]) => value !== undefined && value !== "");
  return found ? { name: found[0], value: found[1] as string } : undefined;
}

function checkedUrl({ name, value }: Named, protocols: string[]): string {
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new Refusal(
      `${name} is no URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`,
    );
  }
  return value;
}

/** What `npm start` has written about itself, if the process that wrote it still lives. */
function runningStack(dataDir: string): Target {
  const path = join(dataDir, "stack.json");
  const none = new Refusal(`no running stack in ${dataDir}; run npm start, or name a target (--url, --key, --db-url)`);
  let stack: Partial<Target> & { pid?: number };
  try {
    stack = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    throw none;
  }
  if (typeof stack.pid !== "number" || !isAlive(stack.pid)) throw none;
  return {
    source: `the running stack, ${path}`,
    apiUrl: stack.apiUrl ?? null,
    dbUrl: stack.dbUrl ?? null,
    studioUrl: stack.studioUrl ?? null,
    mailUrl: stack.mailUrl ?? null,
    publishableKey: stack.publishableKey ?? null,
    secretKey: stack.secretKey ?? null,
    ibanEncryptionKey: stack.ibanEncryptionKey ?? null,
    secretsEncryptionKey: stack.secretsEncryptionKey ?? null,
    systems: stack.systems ?? {},
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process of another user cannot be signalled, but it is there.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function isLoopback(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === "/" ? "" : pathname}`;
}
