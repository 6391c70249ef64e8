import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isLocal, need, resolveTarget } from "../../cli/target.ts";

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "leads-cli-target-"));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const stack = {
  apiUrl: "http://127.0.0.1:6001",
  dbUrl: "postgres://postgres:stack-password@127.0.0.1:6002/postgres",
  studioUrl: "http://127.0.0.1:6003",
  mailUrl: "http://127.0.0.1:6004",
  publishableKey: "sb_publishable_stack",
  secretKey: "sb_secret_stack",
  ibanEncryptionKey: "key of the stack",
  secretsEncryptionKey: "other key of the stack",
  systems: { leads: { apiBase: "http://127.0.0.1:6001/functions/v1/leads/api" } },
};

const environment = {
  SUPABASE_URL: "https://env.example.com",
  SUPABASE_SECRET_KEY: "sb_secret_env",
  SUPABASE_DB_URL: "postgres://postgres:pw@db.example.com:5432/postgres",
};

function writeStack(content: object): void {
  writeFileSync(join(dataDir, "stack.json"), JSON.stringify(content));
}

describe("where a command works", () => {
  test("flags win over the environment", () => {
    const flags = { url: "https://flag.example.com", key: "sb_secret_flag", dbUrl: "postgres://flag.example.com/x" };
    expect(resolveTarget(flags, environment)).toMatchObject({
      apiUrl: "https://flag.example.com",
      secretKey: "sb_secret_flag",
      dbUrl: "postgres://flag.example.com/x",
      source: "--url, --key, --db-url",
    });
  });

  test("a part that no flag names comes from its variable", () => {
    expect(resolveTarget({ url: "https://flag.example.com" }, environment)).toMatchObject({
      apiUrl: "https://flag.example.com",
      secretKey: "sb_secret_env",
      source: "--url, SUPABASE_SECRET_KEY, SUPABASE_DB_URL",
    });
  });

  test("what seals bank accounts comes from its variable alone", () => {
    const target = resolveTarget({}, { ...environment, IBAN_ENCRYPTION_KEY: "key" });
    expect(target.ibanEncryptionKey).toBe("key");
    expect(() => need(resolveTarget({}, environment), "ibanEncryptionKey")).toThrow("IBAN_ENCRYPTION_KEY");
  });

  test("the environment wins over the running stack", () => {
    writeStack({ ...stack, pid: process.pid });
    expect(resolveTarget({ dataDir }, environment)).toMatchObject({
      apiUrl: "https://env.example.com",
      systems: { leads: { apiBase: "https://env.example.com/functions/v1/leads/api" } },
    });
  });

  test("the running stack comes last, with all that it wrote about itself", () => {
    writeStack({ ...stack, pid: process.pid });
    expect(resolveTarget({ dataDir }, {})).toEqual({
      ...stack,
      source: `the running stack, ${join(dataDir, "stack.json")}`,
    });
  });

  test("an empty variable names nothing", () => {
    writeStack({ ...stack, pid: process.pid });
    expect(resolveTarget({ dataDir }, { SUPABASE_URL: "" }).apiUrl).toBe(stack.apiUrl);
  });

  test("a stack never lends its parts to a named target", () => {
    writeStack({ ...stack, pid: process.pid });
    const target = resolveTarget({ dataDir, dbUrl: "postgres://other.example.com/x" }, {});
    expect(target).toMatchObject({ apiUrl: null, secretKey: null });
    expect(() => need(target, "apiUrl")).toThrow("--url or SUPABASE_URL");
  });

  test.each([
    ["no stack.json", () => {}],
    ["an unreadable stack.json", () => writeFileSync(join(dataDir, "stack.json"), "{")],
    ["a stack.json without a pid", () => writeStack(stack)],
    // Linux and macOS give no process a number as high as this.
    ["a stack whose process has died", () => writeStack({ ...stack, pid: 2 ** 30 })],
  ])("%s is no running stack", (_case, prepare) => {
    prepare();
    expect(() => resolveTarget({ dataDir }, {})).toThrow(/no running stack in .*; run npm start/);
  });

  test.each([
    [{ url: "not a url" }, "--url is no URL"],
    [{ url: "ftp://example.com" }, "--url is no URL that starts with http:// or https://"],
    [{ dbUrl: "https://example.com" }, "--db-url is no URL that starts with postgres://"],
  ])("%o is refused", (flags, message) => {
    expect(() => resolveTarget(flags, {})).toThrow(message);
  });

  test("a refused URL is not repeated, for it may hold a password", () => {
    expect(() => resolveTarget({ dbUrl: "mysql://root:hunter2@host/db" }, {})).toThrow(/^(?!.*hunter2)/);
  });
});

describe("what is local", () => {
  test.each([
    ["http://127.0.0.1:54321", "postgres://postgres@localhost:54322/postgres", true],
    ["http://[::1]:54321", null, true],
    ["http://kong.localhost", "postgresql://postgres@127.0.0.1/postgres", true],
    ["https://abc.supabase.co", null, false],
    ["http://127.0.0.1:54321", "postgres://postgres@db.abc.supabase.co/postgres", false],
    ["http://127.0.0.1.example.com", null, false],
    ["http://10.0.0.1:54321", null, false],
  ])("%s with %s: %s", (apiUrl, dbUrl, local) => {
    expect(isLocal({ apiUrl, dbUrl })).toBe(local);
  });
});
