import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parse } from "smol-toml";
import { expect, it } from "vitest";
import { projectRoot, resolvePackage } from "../../scripts/stack/project.ts";

// `supabase config push` writes what config.toml declares over a project's settings: what is of this machine must not go there.

type Table = { [key: string]: unknown };
const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const merged = (base: Table, over: Table): Table => {
  const inside = (key: string, value: unknown) =>
    isTable(value) ? merged(isTable(base[key]) ? base[key] : {}, value) : value;
  return { ...base, ...Object.fromEntries(Object.entries(over).map(([key, value]) => [key, inside(key, value)])) };
};

const { remotes, ...local } = parse(readFileSync(join(projectRoot, "supabase/config.toml"), "utf8")) as Table;
const { project_id, ...production } = (remotes as { production: Table }).production;
const pushed = merged(local, production);

it("a hosted project gets its own addresses and mailer, and what the database stands on", () => {
  expect(project_id).toMatch(/^[a-z]{20}$/);
  const { site_url, additional_redirect_urls, email, jwt_expiry } = pushed.auth as Record<string, Table>;
  expect(JSON.stringify([site_url, additional_redirect_urls])).not.toMatch(/localhost|127\.0\.0\.1/);
  expect(email).toMatchObject({ enable_confirmations: true, double_confirm_changes: true, smtp: { enabled: true } });
  expect(jwt_expiry).toBe(900);
  expect(pushed).toMatchObject({ api: { schemas: ["public", "platform_api"] }, realtime: { enabled: true } });
  const templates = Object.values((email as { template: Record<string, { content_path: string }> }).template);
  for (const { content_path } of templates)
    expect(existsSync(join(projectRoot, content_path)), content_path).toBe(true);
});

it("no secret is written into it", () => {
  const values = JSON.stringify(pushed);
  for (const [, value] of values.matchAll(/"(?:pass|secret|IBAN_ENCRYPTION_KEY|SECRETS_ENCRYPTION_KEY)":"([^"]*)"/g)) {
    expect(value).toMatch(/^env\([A-Z_]+\)$/);
  }
});

// The command goes no further than a port that nobody listens at; what it reads before is the whole file.
it("the CLI knows every key of it", async () => {
  const cli = join(resolvePackage("supabase/package.json"), "..", "dist", "supabase.js");
  const args = ["migration", "up", "--yes", "--remote=postgresql://nobody:nobody@127.0.0.1:9/postgres"];
  const env = { ...process.env, SUPABASE_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", SUPABASE_NO_UPDATE_NOTIFIER: "1" };
  const said = await promisify(execFile)(process.execPath, [cli, ...args], { cwd: projectRoot, env }).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ stdout, stderr }),
  );
  const output = said.stdout + said.stderr;
  expect(output).toContain("failed to connect");
  expect(output).not.toMatch(/does not recognize|Invalid config/);
}, 30_000);
