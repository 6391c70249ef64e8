import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type adminApi, ensureAccounts } from "../../cli/seed/accounts.ts";
import { runCli } from "./run-cli.ts";

const ownFolder = fileURLToPath(new URL("../../supabase/seed/leads", import.meta.url));

let brokenFolder: string;

beforeAll(() => {
  brokenFolder = mkdtempSync(join(tmpdir(), "leads-cli-seed-"));
  cpSync(ownFolder, brokenFolder, { recursive: true });
  const path = join(brokenFolder, "leads.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"status": "qualified"', '"status": "foo"'));
});

afterAll(() => rmSync(brokenFolder, { recursive: true, force: true }));

const reason = "valeur « foo » inconnue (attendu : new, qualified, sold, rejected, pending)";
// Nobody listens there: a command that gets as far as writing says something else than what is expected below.
const deadEnd = ["--url", "http://127.0.0.1:1", "--key", "sb_secret_x", "--db-url", "postgres://127.0.0.1:1/postgres"];

describe("leads-cli seed, before anything is written", () => {
  test("--dry-run needs no target, and counts what is there", async () => {
    const run = await runCli(["seed", "--dry-run", "--json"]);
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(run.stdout)).toMatchObject({
      dryRun: true,
      rows: { leads: 50, "billing.creditPacks": 3, "stats.monthly": 6, audios: 10, "users.agent": 1 },
      newest: "2026-02-11",
    });
  });

  test("a file that does not fit: file, path and reason on stderr, exit 1", async () => {
    const run = await runCli(["seed", brokenFolder, ...deadEnd]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toContain(`leads.json [0].status : ${reason}\n`);
    expect(run.stderr).toContain("1 problem(s), nothing was written");
  });

  test("with --json the same as an object", async () => {
    const run = await runCli(["seed", brokenFolder, "--json", ...deadEnd]);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toEqual({ problems: [{ file: "leads.json", path: "[0].status", reason }] });
  });

  test.each([
    ["database", ["--url", "http://127.0.0.1:1", "--db-url", "postgres://db.example.com/postgres"]],
    ["API", ["--url", "https://abc.example.com", "--db-url", "postgres://127.0.0.1:1/postgres"]],
  ])("a remote %s without --password is refused", async (_part, urls) => {
    const run = await runCli(["seed", "--key", "sb_secret_x", ...urls]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("give the accounts a --password of their own");
  });

  test("an API without its database is refused", async () => {
    const run = await runCli(["seed", "--url", "http://127.0.0.1:1", "--key", "sb_secret_x"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("--db-url or SUPABASE_DB_URL");
  });

  test("a database that does not answer is said, without its password", async () => {
    const run = await runCli(["seed", ...deadEnd.slice(0, 4), "--db-url", "postgres://root:hunter2@127.0.0.1:1/x"]);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("cannot reach the database");
    expect(run.stderr).not.toContain("hunter2");
  });
});

describe("accounts", () => {
  type Made = { id: string; email: string; unproven?: boolean };

  /** The admin API over a list, which refuses one e-mail. */
  function fakeAuth(users: Made[], refused?: string) {
    const admin = {
      createUser: async ({ email }: { email: string }) => {
        if (email === refused) return { data: { user: null }, error: new Error("weak password") };
        const user = { id: `id of ${email}`, email: email.toLowerCase() };
        users.push(user);
        return { data: { user }, error: null };
      },
      deleteUser: async (id: string) => {
        users.splice(
          users.findIndex((user) => user.id === id),
          1,
        );
        return { data: {}, error: null };
      },
    };
    const sql = async () => users.map(({ id, email, unproven = false }) => ({ id, email, unproven }));
    return { admin: admin as unknown as ReturnType<typeof adminApi>, sql: sql as unknown as postgres.Sql };
  }

  const wanted = ["admin@example.com", "Sophie@example.com", "marc@example.com"].map((email) => ({
    email,
    firstName: "Prénom",
    lastName: "Nom",
  }));

  test("those that exist are kept, whatever the case of their e-mail", async () => {
    const users = [{ id: "old", email: "sophie@example.com" }];
    const { admin, sql } = fakeAuth(users);
    const accounts = await ensureAccounts(admin, sql, wanted, "a-Password-1");
    expect(accounts.ids).toEqual({
      "admin@example.com": "id of admin@example.com",
      "Sophie@example.com": "old",
      "marc@example.com": "id of marc@example.com",
    });
    expect(accounts.made).toEqual(["id of admin@example.com", "id of marc@example.com"]);
  });

  test("if one is refused, those made before it are removed, and no other", async () => {
    const users = [{ id: "old", email: "sophie@example.com" }];
    const { admin, sql } = fakeAuth(users, "marc@example.com");
    await expect(ensureAccounts(admin, sql, wanted, "x")).rejects.toThrow(
      "cannot make the account marc@example.com: weak password",
    );
    expect(users).toEqual([{ id: "old", email: "sophie@example.com" }]);
  });

  test("one that somebody has opened and not proven is not taken for the person's own", async () => {
    const users = [{ id: "old", email: "sophie@example.com", unproven: true }];
    const { admin, sql } = fakeAuth(users);
    await expect(ensureAccounts(admin, sql, wanted, "x")).rejects.toThrow(/sophie@example.com .* not proven/);
    expect(users).toHaveLength(1);
  });
});
