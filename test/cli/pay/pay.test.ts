import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { askApi } from "../../contract/http.ts";
import { addSupplier, owe, removeSuppliers, type Supplier } from "../../contract/leads/market.ts";
import { type Person, signIn, signUp } from "../../contract/people.ts";
import { unchanged } from "../../contract/unchanged.ts";
import { expectLedgerHolds } from "../../support/ledger.ts";
import { db, stack } from "../../support/stack.ts";
import { runCli } from "../run-cli.ts";
import { validate } from "./xsd.ts";

// leads-cli pay: from what is due, through the bank's file, to the bank's answer.

// Each command is a process, and several of them start at once.
vi.setConfig({ testTimeout: 60_000 });

const env = {
  SUPABASE_URL: stack.apiUrl,
  SUPABASE_SECRET_KEY: stack.secretKey,
  IBAN_ENCRYPTION_KEY: stack.ibanEncryptionKey,
};
const pay = (...args: string[]) => runCli(["pay", ...args], { env });
const iban = "FR7630006000011234567890189";

let admin: Person;
let first: Supplier;
let second: Supplier;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pay-"));
  admin = await signIn("admin@leads-provider.fr");
  const people = [await signUp("leads", "fournisseur"), await signUp("leads", "fournisseur")] as const;
  first = await addSupplier(people[0]);
  second = await addSupplier(people[1]);
  for (const { reference } of [first, second]) {
    const ask = { token: admin.token, method: "PUT", body: { iban } };
    await askApi("leads", `/api/admin/gains/${reference}/iban`, ask);
  }
});

afterEach(() => expectLedgerHolds(db()));

afterAll(async () => {
  await removeSuppliers(first, second);
  await db()`update leads.payouts set export_id = null where export_id is not null`;
  await db()`delete from leads.payout_exports`;
  await db()`update leads.work_rules set value = 'null' where name = 'payout_debtor'`;
  await rm(folder, { recursive: true });
});

/** Pays a supplier so many cents and what was due to him before. */
async function paid(supplier: Supplier, cents: number): Promise<{ reference: string; amount: number }> {
  await owe(supplier, cents);
  const ask = { token: admin.token, method: "POST" };
  const answer = await askApi("leads", `/api/admin/gains/${supplier.reference}/pay`, ask);
  expect(answer.status, answer.text).toBe(201);
  return answer.body as { reference: string; amount: number };
}

const statusOf = async (reference: string) =>
  (await db()`select status from leads.payouts where transfer_reference = ${reference}`)[0]?.status;

/** What a run looks like that was refused for such a reason. */
const refusedFor = (reason: string) => ({ code: 1, stderr: expect.stringContaining(reason) });

test("shows what would be paid, and pays nothing without --yes", async () => {
  await owe(first, 123_456);
  await unchanged(async () => {
    const [rehearsal, unasked] = await Promise.all([pay(first.reference, "--dry-run"), pay(first.reference)]);
    expect(rehearsal.stdout.split("\n")).toEqual([
      "supplier\tname\tcompany\tIBAN\tleads\tamount",
      `${first.reference}\tContact de test\t${first.company}\tFR76 •••• •••• •••• 0189\t0\t1,234.56 €`,
      "1 to pay, 1,234.56 € in all.",
      "Nothing was paid (--dry-run).",
      "",
    ]);
    expect(unasked).toMatchObject(refusedFor("pass --yes to pay"));
  });
  const run = await pay(first.reference, "--yes");
  expect(run, run.stderr).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nVP-\d{4}-\d{2}-\d{3,}\t/) });
  expect(await pay(first.reference, "--yes")).toMatchObject(refusedFor("rien à recevoir"));
});

test("--all pays each, and names who was skipped and why", async () => {
  await owe(first, 100);
  await owe(second, 200);
  const third = await addSupplier(await signUp("leads", "fournisseur"));
  await owe(third, 300);
  // The demo's suppliers would be paid as well: their status is put back.
  const others =
    await db()`update leads.suppliers set status = 'suspended' where status = 'active' and id not in (${first.id}, ${second.id}, ${third.id}) returning id`;
  const run = await pay("--all", "--yes", "--json");
  await db()`update leads.suppliers set status = 'active' where id in ${db()(others.map(({ id }) => id))}`;
  expect(run.code, run.stderr).toBe(0);
  const { paid, skipped } = JSON.parse(run.stdout);
  expect(paid).toMatchObject([
    { supplier: first.reference, amount: 1, status: "pending" },
    { supplier: second.reference, amount: 2, status: "pending" },
  ]);
  expect(skipped).toContainEqual({
    supplier: third.reference,
    code: "iban_missing",
    message: "Ce fournisseur n'a pas donné d'IBAN.",
  });
  await removeSuppliers(third);
});

test("the bank's file holds each pending payout once, and again only under its own id", async () => {
  const { reference, amount } = await paid(first, 4242);
  const account = await pay(
    "account",
    "--name",
    "Société d'essai",
    "--iban",
    "DE89 3704 0044 0532 0130 00",
    "--bic",
    "COBADEFF",
  );
  expect(account).toMatchObject({ code: 0, stdout: "Payouts leave from the account of Société d'essai.\n" });
  const path = join(folder, "first.xml");
  const run = await pay("export", "--out", path, "--json");
  expect(run.code, run.stderr).toBe(0);
  const { messageId, payouts, total } = JSON.parse(run.stdout);
  const xml = await readFile(path, "utf8");
  validate(xml);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  for (const part of [
    `<EndToEndId>${reference}</EndToEndId>`,
    `<IBAN>${iban}</IBAN>`,
    `<InstdAmt Ccy="EUR">${amount.toFixed(2)}</InstdAmt>`,
    `<NbOfTxs>${payouts}</NbOfTxs>`,
    `<CtrlSum>${total.toFixed(2)}</CtrlSum>`,
  ]) {
    expect(xml).toContain(part);
  }
  expect(`${run.stdout}${run.stderr}`).not.toContain(iban);

  await unchanged(async () => {
    const [nothing, over, again, unknown] = await Promise.all([
      pay("export", "--out", join(folder, "none.xml")),
      pay("export", "--out", path, "--again", messageId),
      pay("export", "--out", join(folder, "again.xml"), "--again", messageId),
      pay("export", "--out", join(folder, "x.xml"), "--again", "NONE"),
    ]);
    expect(nothing).toMatchObject({ code: 0, stdout: "No payout waits to be sent to the bank.\n" });
    expect(over).toMatchObject(refusedFor("exists already"));
    expect(again.code, again.stderr).toBe(0);
    expect(await readFile(join(folder, "again.xml"), "utf8")).toBe(xml);
    expect(unknown).toMatchObject(refusedFor("n'existe pas"));
  });
});

test("a payout of a supplier who was suspended meanwhile is held back, and named", async () => {
  const { reference, amount } = await paid(second, 88);
  const status = (to: string) => db()`update leads.suppliers set status = ${to} where id = ${second.id}`;
  await status("suspended");
  const run = await unchanged(() => pay("export", "--out", join(folder, "held.xml"), "--json"));
  await status("active");
  expect(run.code, run.stderr).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ payouts: 0, held: 1 });
  expect(run.stderr).toContain(
    `${reference}, ${amount.toFixed(2)} €, is held back: its supplier ${second.reference} is suspended`,
  );
});

test("a file is neither written nor marked with another key", async () => {
  await paid(second, 77);
  const path = join(folder, "key.xml");
  const { IBAN_ENCRYPTION_KEY: _, ...without } = env;
  const other = { ...env, IBAN_ENCRYPTION_KEY: Buffer.alloc(32).toString("base64") };
  await unchanged(async () => {
    const runs = [other, without].map((env) => runCli(["pay", "export", "--out", path], { env }));
    const [wrong, unset] = await Promise.all(runs);
    expect(wrong).toMatchObject(refusedFor("not the one that sealed it"));
    expect(unset).toMatchObject(refusedFor("IBAN_ENCRYPTION_KEY"));
  });
  await expect(stat(path)).rejects.toThrow("ENOENT");
});

test("confirm and fail enter one answer, once", async () => {
  const [{ reference: good, amount }, { reference: bad }] = [await paid(first, 500), await paid(second, 600)];
  const [confirmed, failed] = await Promise.all([pay("confirm", good), pay("fail", bad, "--reason", "Compte clos")]);
  expect(confirmed).toMatchObject({
    code: 0,
    stdout: `${good}: ${amount.toFixed(2)} € to ${first.company}, completed\n`,
  });
  expect(failed).toMatchObject({ code: 0, stdout: expect.stringMatching(/, failed\n$/) });
  await unchanged(async () => {
    const [again, never, list] = await Promise.all([
      pay("confirm", good),
      pay("confirm", bad),
      pay("list", "--status", "failed", "--json"),
    ]);
    expect(again.code).toBe(0);
    expect(never).toMatchObject(refusedFor("a échoué"));
    const [newest] = JSON.parse(list.stdout);
    expect(newest).toMatchObject({ reference: bad, failureReason: "Compte clos", supplierId: second.reference });
  });
});

test("a bank's file settles what it names, tells what does not fit, and changes nothing the second time", async () => {
  const [good, bad, wrong] = [await paid(first, 1000), await paid(second, 2000), await paid(first, 3000)];
  const path = join(folder, "bank.csv");
  const rows = [
    `${good.reference};-${good.amount.toFixed(2)};;`,
    `${bad.reference};${bad.amount.toFixed(2)};rejected;AC04`,
    `${wrong.reference};0,99;completed;`,
    "AUTRE;1,00;completed;",
  ];
  await writeFile(path, ["reference;amount;status;reason", ...rows, ""].join("\n"));
  const run = await pay("settle", path);
  expect(run).toMatchObject(refusedFor("1 of 4 entries do not fit"));
  expect(run.stdout).toContain("2 matched, 1 unknown, 1 mismatched.");
  expect(await Promise.all([good, bad, wrong].map(({ reference }) => statusOf(reference)))).toEqual([
    "completed",
    "failed",
    "pending",
  ]);
  await unchanged(async () => {
    const again = JSON.parse((await pay("settle", path, "--json")).stdout) as { entries: { result: string }[] };
    const results = again.entries.map(({ result }) => result).sort();
    expect(results).toEqual(["already", "already", "mismatch", "unknown"]);
  });
});

test("wrong usage exits with 2", async () => {
  const wrong = [
    [],
    ["F-001", "--all"],
    ["export"],
    ["export", "--out", "x", "--format", "mt101"],
    ["fail", "VP-1"],
    ["list", "--status", "done"],
  ];
  for (const run of await Promise.all(wrong.map((args) => pay(...args))))
    expect(run).toMatchObject({ code: 2, stdout: "" });
});

test("the demo's suppliers have fictitious accounts behind their masks", async () => {
  const rows = await db()`
    select s.iban_mask = platform.mask_iban(leads.demo_iban(s.iban_mask)) as fits, a.sealed_iban is not null as sealed
    from leads.suppliers s join leads.seeded_rows r on r.row_id = s.id left join leads.supplier_accounts a on a.supplier_id = s.id
    where s.iban_mask is not null`;
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toEqual({ fits: true, sealed: true });
});
