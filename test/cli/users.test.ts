import { randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { mailsTo } from "../support/accounts.ts";
import { clientFor, db, stack } from "../support/stack.ts";
import { runCli } from "./run-cli.ts";

// leads-cli users: the admin's users page on the command line, by the same SQL.

const mark = `cli-${randomUUID()}`;
let made = 0;
const newAddress = () => `${mark}-${made++}@example.test`;
const env = { SUPABASE_URL: stack.apiUrl, SUPABASE_SECRET_KEY: stack.secretKey };
const users = (...args: string[]) => runCli(["users", ...args], { env });

afterAll(async () => {
  await db()`delete from leads.suppliers where email like ${`${mark}%`}`;
  await db()`delete from auth.users where email like ${`${mark}%`}`;
});

test("create makes a user who signs in", async () => {
  const email = newAddress();
  const names = ["--first-name", "Anne", "--last-name", "Roy", "--company", "Roy SARL"];
  const run = await users("create", email, "--role", "acheteur", "--password", "correct-Horse-9", ...names);
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${email}: acheteur, active\n` });
  const client = await clientFor(email, "correct-Horse-9");
  expect((await client.schema("platform_api").rpc("me", { system: "leads" })).data).toMatchObject({
    firstName: "Anne",
    company: "Roy SARL",
    role: "acheteur",
  });
});

test("create without a password mails a link to choose one", async () => {
  const email = newAddress();
  const run = await users("create", email, "--role", "agent");
  expect(run.code, run.stderr).toBe(0);
  expect(await mailsTo(email)).toHaveLength(1);
});

test("list finds by text and role, as a table or as JSON", async () => {
  const table = await users("list", "--search", "agence ads", "--role", "fournisseur");
  expect(table.stdout).toMatch(
    /^email\tname\trole\tcompany\tstatus\tlast sign-in\tmade\taddress proven\tknown supplier\nsophie@agence-ads.fr\tSophie Martin\tfournisseur\t/,
  );
  const json = await users("list", "--role", "agent", "--limit", "1", "--json");
  expect(JSON.parse(json.stdout)).toEqual([expect.objectContaining({ role: "agent" })]);
});

test("suspend, reactivate and role change the user, by e-mail or id", async () => {
  const email = newAddress();
  await users("create", email, "--role", "acheteur", "--password", "correct-Horse-9");
  expect((await users("suspend", email)).stdout).toBe(`${email}: acheteur, suspended\n`);
  const [row] = await db()<{ id: string }[]>`select id from auth.users where email = ${email}`;
  expect((await users("reactivate", row?.id ?? "")).stdout).toBe(`${email}: acheteur, active\n`);
  const changed = await users("role", email.toUpperCase(), "agent", "--json");
  expect(JSON.parse(changed.stdout)).toMatchObject({ id: row?.id, role: "agent" });
});

test.each<[string, string[], RegExp]>([
  ["an address that has an account", ["create", "sophie@agence-ads.fr", "--role", "agent"], /existe déjà/],
  [
    "a password that is too short",
    ["create", newAddress(), "--role", "agent", "--password", "short"],
    /au moins 8 caractères/,
  ],
  [
    "a password of letters alone",
    ["create", newAddress(), "--role", "agent", "--password", "abcdefghij"],
    /au moins une lettre, et/,
  ],
  ["a user who does not exist", ["suspend", "nobody"], /n'existe pas/],
  ["a role that does not exist", ["role", "sophie@agence-ads.fr", "boss"], /Ce rôle n'existe pas/],
])("refuses %s with exit 1", async (_, args, reason) => {
  const run = await users(...args);
  expect(run).toMatchObject({ code: 1, stdout: "" });
  expect(run.stderr).toMatch(reason);
});

test.each([
  ["no verb", []],
  ["no role", ["create", "a@b.fr"]],
  ["a role that is none", ["list", "--role", "boss"]],
  ["a limit that is no number", ["list", "--limit", "x"]],
  ["a limit of no rows", ["list", "--limit", "0"]],
  ["an offset that is empty", ["list", "--offset", ""]],
])("wrong usage exits with 2: %s", async (_, args) => {
  expect(await users(...args)).toMatchObject({ code: 2, stdout: "" });
});
