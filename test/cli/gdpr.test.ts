import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { idOf, openMarket } from "../support/market.ts";
import { testDatabase } from "../support/sql.ts";
import { serviceClient, stack } from "../support/stack.ts";
import { runCli } from "./run-cli.ts";

// leads-cli gdpr: what the SQL does is in test/sql/gdpr.test.ts; here is what an operator types and reads.

const folder = mkdtempSync(join(tmpdir(), "leads-cli-gdpr-"));
const { sql, url } = await testDatabase();
await openMarket(sql);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const gdpr = (...args: string[]) => runCli(["gdpr", ...args, "--db-url", url]);
const lastNameOf = async (lead: string) =>
  (await sql`select last_name from leads.lead_contacts where lead_id = ${idOf(lead)}`)[0]?.last_name;

describe("export", () => {
  test("shows what is held, for people or as JSON", async () => {
    const shown = await gdpr("export", "ZOE@sold-a.test");
    expect(shown.code, shown.stderr).toBe(0);
    expect(shown.stdout).toMatch(
      /^zoe@sold-a.test: 1 leads, 0 refused rows\n\nLead sold-a\n {2}name +Zoé Secret sold-a\n/,
    );
    const json = await gdpr("export", "zoe@sold-a.test", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ person: "zoe@sold-a.test", leads: [{ id: "sold-a" }] });
  });

  test("writes a file that only its owner reads, and never over another one", async () => {
    const out = join(folder, "export.json");
    expect((await gdpr("export", "06 12 34 56 78", "--out", out)).code).toBe(0);
    expect(JSON.parse(readFileSync(out, "utf8")).leads.length).toBeGreaterThan(5);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const again = await gdpr("export", "zoe@sold-a.test", "--out", out);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toMatch(/it exists already/);
  });
});

describe("erase", () => {
  test("without --yes and nobody to ask does nothing", async () => {
    const run = await gdpr("erase", "zoe@sold-a.test");
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(/--yes/);
    expect(await lastNameOf("sold-a")).toBe("Secret sold-a");
  });

  test("--dry-run counts and takes it back", async () => {
    const run = await gdpr("erase", "zoe@sold-a.test", "--oppose", "--dry-run", "--json");
    expect(JSON.parse(run.stdout)).toMatchObject({ leads: 1, buyersTold: 1, opposed: 2, dryRun: true });
    expect(await lastNameOf("sold-a")).toBe("Secret sold-a");
    expect(await sql`select from leads.oppositions where reason = 'Opposition de la personne'`).toHaveLength(0);
  });

  test("erases, and a second time finds nothing", async () => {
    const run = await gdpr("erase", "zoe@sold-a.test", "--yes");
    expect(run.code, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/^Erased\n {2}leads +1\n {2}of these withdrawn +0\n/);
    expect(await lastNameOf("sold-a")).toBe("Effacé");
    const again = await gdpr("erase", "zoe@sold-a.test", "--yes", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ leads: 0, buyersTold: 0, dryRun: false });
  });

  test("removes the recordings from Storage; when that fails, the same command again does", async () => {
    const path = `${idOf("agentA")}/on-sale-a/call.mp3`;
    const files = serviceClient().storage.from("recordings");
    expect((await files.upload(path, "sound", { contentType: "audio/mpeg" })).error).toBeNull();
    await sql`update leads.calls set recording_path = ${path} where reference = 'call-a'`;
    const failed = await gdpr("erase", "zoe@on-sale-a.test", "--yes");
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/1 recordings are still in Storage; run the same command again/);
    expect(await lastNameOf("on-sale-a")).toBe("Effacé");
    const again = await gdpr("erase", "zoe@on-sale-a.test", "--yes", "--url", stack.apiUrl, "--key", stack.secretKey);
    expect(again.code, again.stderr).toBe(0);
    expect(again.stdout).toMatch(/recordings +1\n/);
    expect((await files.download(path)).error).not.toBeNull();
    expect(await sql`select recording_path from leads.calls where reference = 'call-a'`).toEqual([
      { recording_path: null },
    ]);
  });
});

describe("the holder of an account", () => {
  test("is exported with what stays and why, and erased with his picture", async () => {
    const path = `${idOf("agentB")}/a/b`;
    const files = serviceClient().storage.from("avatars");
    expect((await files.upload(path, "picture", { contentType: "image/png" })).error).toBeNull();
    await sql`insert into storage.objects (bucket_id, name) values ('avatars', ${path})`;
    const shown = await gdpr("export", "agentb@example.test");
    expect(shown.stdout).toMatch(/\nAccount\n[\s\S]* {2}platform\.memberships +1\n/);
    expect(shown.stdout).toMatch(/files: avatars\//);
    expect(shown.stdout).toMatch(/L123-22 du code de commerce\)\. .*leads\.invoices/);
    const to = ["--url", stack.apiUrl, "--key", stack.secretKey];
    const run = await gdpr("erase", "agentb@example.test", "--yes", "--json", ...to);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ accounts: 1 });
    expect((await files.download(path)).error).not.toBeNull();
    expect(await sql`select email from platform.profiles where id = ${idOf("agentB")}`).toEqual([
      { email: `efface-${idOf("agentB")}@efface.invalid` },
    ]);
  });

  test("to whom something is owed, or who is the last admin, is refused with the reason", async () => {
    for (const [who, said] of [
      ["acheteura@example.test", /crédits payés/],
      ["admin@example.test", /dernier administrateur/],
    ] as const) {
      const run = await gdpr("erase", who, "--yes");
      expect(run).toMatchObject({ code: 1, stdout: "" });
      expect(run.stderr).toMatch(said);
    }
  });
});

test.each(["export", "erase"])("%s of what is neither e-mail nor telephone is refused", async (verb) => {
  const run = await gdpr(verb, "Claire Fontaine", ...(verb === "erase" ? ["--yes"] : []));
  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(run.stderr).toMatch(/Une adresse e-mail ou un numéro de téléphone est attendu/);
});

test.each([
  ["no verb", []],
  ["nobody", ["erase"]],
  ["an unknown option", ["export", "a@b.fr", "--yes"]],
])("wrong usage exits with 2: %s", async (_, args) => {
  expect(await gdpr(...args)).toMatchObject({ code: 2, stdout: "" });
});
