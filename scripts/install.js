// Runs before npm's start, test and check, on a clone that may have nothing installed yet: no dependency, no TypeScript.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!isCurrent()) process.exit(install());

/** Whether everything that the lock file wants is there, development tools included. */
function isCurrent() {
  const wanted = packagesOf(join(root, "package-lock.json"));
  // npm writes this file last, so that an installation that was cut short has none.
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (!installed) return false;
  // Dates would not do: git and npm both touch the lock file without changing what it says.
  return Object.entries(wanted ?? {}).every(
    ([path, { version, optional }]) => path === "" || optional || installed[path]?.version === version,
  );
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/**
 * Installs by the lock file and returns npm's exit code. Not by `npm ci`, which refuses a lock file that was made where
 * some optional packages, those for other systems, could not be had.
 */
function install() {
  console.log("Installing dependencies (npm install); this happens once and takes a minute …");
  const npm = process.env.npm_execpath;
  const args = ["install", "--no-save", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const options = { cwd: root, stdio: "inherit" };
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (result.error) console.error(`npm could not be run: ${result.error.message}`);
  return result.status ?? 1;
}
