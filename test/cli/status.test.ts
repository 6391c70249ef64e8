import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoPerson } from "../../scripts/stack/demo-people.ts";
import { askApi } from "../contract/http.ts";
import { stack } from "../support/stack.ts";
import { runCli, spawnCli } from "./run-cli.ts";

const shown = {
  apiUrl: "http://127.0.0.1:6001",
  dbUrl: "postgres://postgres:stack-password@127.0.0.1:6002/postgres",
  studioUrl: "http://127.0.0.1:6003",
  publishableKey: "sb_publishable_stack",
  secretKey: "sb_secret_stack",
  systems: { leads: { apiBase: "http://127.0.0.1:6001/functions/v1/leads/api" } },
};

let dataDir: string;
let emptyDir: string;

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "leads-cli-status-"));
  emptyDir = mkdtempSync(join(tmpdir(), "leads-cli-status-"));
  const written = { ...shown, mailUrl: "http://127.0.0.1:6004", pid: process.pid, startedAt: "2026-02-11T00:00:00Z" };
  writeFileSync(join(dataDir, "stack.json"), JSON.stringify(written));
  // A project of another kind around the place where the command is typed.
  writeFileSync(join(emptyDir, "tsconfig.json"), "this is no JSON");
});

afterAll(() => {
  for (const dir of [dataDir, emptyDir]) rmSync(dir, { recursive: true, force: true });
});

describe("leads-cli status", () => {
  test("--json is the agreed object and nothing else on stdout", async () => {
    const run = await runCli(["status", "--json", "--data-dir", dataDir]);
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toEqual(shown);
  });

  test("the source is said on stderr, without key or password", async () => {
    const { stderr } = await runCli(["status", "--data-dir", dataDir]);
    expect(stderr).toContain(`the running stack, ${join(dataDir, "stack.json")}`);
    expect(stderr).toContain("127.0.0.1:6002/postgres");
    expect(stderr).not.toMatch(/stack-password|sb_secret|sb_publishable/);
  });

  test("without --json a person reads names and values", async () => {
    const { stdout } = await runCli(["status", "--data-dir", dataDir]);
    expect(stdout).toMatch(/^API of leads +http:\/\/127\.0\.0\.1:6001\/functions\/v1\/leads\/api$/m);
    expect(stdout).toMatch(/^Studio +http:\/\/127\.0\.0\.1:6003$/m);
  });

  test("options stand before the command as well, and any folder will do", async () => {
    const run = await spawnCli(["--data-dir", dataDir, "status", "--json"], { cwd: emptyDir });
    expect(JSON.parse(run.stdout)).toEqual(shown);
  });

  test("the environment wins over the stack", async () => {
    const run = await runCli(["status", "--json", "--data-dir", dataDir], {
      env: { SUPABASE_URL: "https://env.example.com/" },
    });
    expect(JSON.parse(run.stdout)).toMatchObject({ apiUrl: "https://env.example.com", secretKey: null });
    expect(run.stderr).toContain("from SUPABASE_URL");
  });

  test("a running stack's demo is told with who may sign in, and it is true", async () => {
    const run = await runCli(["status", "--json", "--data-dir", stack.dataDir]);
    const { systems } = JSON.parse(run.stdout) as { systems: Record<string, { demo: DemoPerson[] }> };
    const demo = systems.leads?.demo ?? [];
    expect(demo.map(({ role }) => role)).toEqual(["admin", "fournisseur", "agent", "acheteur"]);
    for (const { identifier, password, role } of demo) {
      const body = { email: identifier, password };
      const answer = await askApi("leads", "/api/auth/login", { method: "POST", body });
      expect([answer.status, (answer.body as { user: { role: string } }).user.role]).toEqual([200, role]);
    }
  });

  test("no stack: exit 1, and the command that starts one", async () => {
    const run = await runCli(["status", "--json", "--data-dir", emptyDir]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain("run npm start");
  });
});

describe("wrong usage exits with 2", () => {
  test.each([
    ["no command", []],
    ["an unknown command", ["nothing"]],
    ["an unknown option", ["status", "--nothing"]],
    ["an option without its value", ["status", "--url"]],
    ["an argument too many", ["status", "more"]],
    ["a group without its verb", ["audit"]],
  ])("%s", async (_case, args) => {
    const run = await runCli(args);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).not.toBe("");
  });

  test("--help is no error", async () => {
    const run = await runCli(["seed", "--help"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/Examples:/);
  });
});
