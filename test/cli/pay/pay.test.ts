import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { askApi } from "../../contract/http.ts";
import { addSupplier, owe, oweIn, removeSuppliers, type Supplier } from "../../contract/leads/market.ts";
import { type Person, signIn, signUp } from "../../contract/people.ts";
import { unchanged } from "../../contract/unchanged.ts";
import { expectLedgerHolds } from "../../support/ledger.ts";
import { db, stack } from "../../support/stack.ts";
import { runCli } from "../run-cli.ts";
import { between } from "./between.ts";
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
/** The same on an API that something happens to. */
const payOn = (apiUrl: string, ...args: string[]) =>
  runCli(["pay", ...args], { env: { ...env, SUPABASE_URL: apiUrl } });
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
  await db()`update platform.settings set value = 'null' where system = 'leads' and section = 'payout_debtor'`;
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

/** The demo's suppliers would be paid as well by --all: their status is put back afterwards. */
async function suspendAllBut(...suppliers: Supplier[]): Promise<string[]> {
  const ids = suppliers.map(({ id }) => id);
  const others = await db()<{ id: string }[]>`
    update leads.suppliers set status = 'suspended' where status = 'active' and id not in ${db()(ids)} returning id`;
  return others.map(({ id }) => id);
}

async function reactivate(ids: string[]): Promise<void> {
  await db()`update leads.suppliers set status = 'active' where id in ${db()(ids)}`;
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
  const others = await suspendAllBut(first, second, third);
  const run = await pay("--all", "--yes", "--json");
  await reactivate(others);
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

test("an answer that got lost ends the run: it says who was paid, and the same command pays the rest", async () => {
  await owe(first, 300);
  await owe(second, 400);
  const others = await suspendAllBut(first, second);
  const [lost, again] = await between(
    async ({ name, args }) => (name === "admin_gains_pay" && args.supplierId === second.reference ? "cut" : undefined),
    async (apiUrl) => [await payOn(apiUrl, "--all", "--yes"), await pay("--all", "--yes")] as const,
  );
  await reactivate(others);
  expect(lost).toMatchObject(refusedFor(`${second.reference} may have been paid`));
  expect(lost.stderr).not.toContain("    at ");
  expect(lost.stdout).toMatch(new RegExp(`\\nVP-\\d{4}-\\d{2}-\\d{3,}\\t${first.reference}\\t0\\t3.00 €`));
  expect(again).toMatchObject({ code: 0, stdout: "" });
  const payouts = await db()`select from leads.payouts where supplier_id = ${second.id} and amount_cents = 400`;
  expect(payouts).toHaveLength(1);
});

test("--json says which payment is unsure when an answer got lost", async () => {
  await owe(first, 300);
  const lost = await between(
    async ({ name }) => (name === "admin_gains_pay" ? "cut" : undefined),
    (apiUrl) => payOn(apiUrl, first.reference, "--yes", "--json"),
  );
  expect(lost).toMatchObject(refusedFor("may have been paid"));
  expect(JSON.parse(lost.stdout)).toMatchObject({ paid: [], skipped: [], unsure: { supplier: first.reference } });
});

test("who is named and not paid is an error, also where it is seen only at the payment", async () => {
  await owe(first, 500);
  const quicker = await between(
    async ({ name }) => {
      if (name === "admin_gains_pay") await pay(first.reference, "--yes");
      return undefined;
    },
    (apiUrl) => payOn(apiUrl, first.reference, "--yes"),
  );
  expect(quicker).toMatchObject(refusedFor("error: Ce fournisseur n'a rien à recevoir"));
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

test("a file is to be carried out on a TARGET day, the first one or the one that is named", async () => {
  await paid(first, 4343);
  const [days] =
    await db()`select platform.next_target_day(platform.paris_today() + 20)::text as later, (platform.paris_today() - 1)::text as past,
    platform.next_target_day(platform.paris_today())::text as next`;
  await unchanged(async () => {
    const [past, none, both] = await Promise.all([
      pay("export", "--out", join(folder, "past.xml"), "--date", days?.past),
      pay("export", "--out", join(folder, "none.xml"), "--date", "2026-02-30"),
      pay("export", "--out", join(folder, "both.xml"), "--date", days?.later, "--again", "X"),
    ]);
    expect(past).toMatchObject(refusedFor(`le premier jour possible est le ${days?.next}`));
    expect([none.code, both.code]).toEqual([2, 2]);
  });
  const path = join(folder, "later.xml");
  const run = await pay("export", "--out", path, "--date", days?.later);
  expect(run.code, run.stderr).toBe(0);
  expect(await readFile(path, "utf8")).toContain(`<Dt>${days?.later}</Dt>`);
});

test("the account that payouts leave from has a name that banks can read", async () => {
  await unchanged(async () => {
    expect(await pay("account", "--name", "•••", "--iban", iban)).toMatchObject(refusedFor("no sign that SEPA knows"));
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

test("a file that was not marked leaves nothing behind, and its name free", async () => {
  const [gone, stays] = [await paid(first, 81), await paid(second, 82)];
  const path = join(folder, "refused.xml");
  const refused = await between(
    async ({ name }) => {
      if (name === "payout_batch_mark") await pay("fail", gone.reference, "--reason", "x");
      return undefined;
    },
    (apiUrl) => payOn(apiUrl, "export", "--out", path),
  );
  expect(refused).toMatchObject(refusedFor("Des virements ont changé"));
  expect(refused.stderr).not.toContain("--again");
  await expect(stat(path)).rejects.toThrow("ENOENT");
  const retry = await pay("export", "--out", path);
  expect(retry.code, retry.stderr).toBe(0);
  expect(await readFile(path, "utf8")).toContain(stays.reference);
});

test("a file whose marking got no answer is found again by the message that is named", async () => {
  const { reference } = await paid(first, 83);
  const path = join(folder, "lost.xml");
  const lost = await between(
    async ({ name }) => (name === "payout_batch_mark" ? "cut" : undefined),
    (apiUrl) => payOn(apiUrl, "export", "--out", path),
  );
  const [, message] = /leads-cli pay export --again (\S+)/.exec(lost.stderr) ?? [];
  expect(lost).toMatchObject({ code: 1, stdout: "" });
  await expect(stat(path)).rejects.toThrow("ENOENT");
  const again = await pay("export", "--again", message ?? "", "--out", path);
  expect(again.code, again.stderr).toBe(0);
  expect(await readFile(path, "utf8")).toContain(reference);
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
    `${bad.reference};${bad.amount.toFixed(2)};rejected;MS03`,
    `${wrong.reference};0,99;completed;`,
    `${good.reference};-0,55;;`,
    "AUTRE;1,00;completed;",
  ];
  await writeFile(path, ["reference;amount;status;reason", ...rows, ""].join("\n"));
  const run = await pay("settle", path);
  expect(run).toMatchObject(refusedFor("2 of 5 entries do not fit"));
  expect(run.stdout).toContain("2 matched, 1 unknown, 2 mismatched.");
  expect(await Promise.all([good, bad, wrong].map(({ reference }) => statusOf(reference)))).toEqual([
    "completed",
    "failed",
    "pending",
  ]);
  await unchanged(async () => {
    const again = JSON.parse((await pay("settle", path, "--json")).stdout) as { entries: { result: string }[] };
    const results = again.entries.map(({ result }) => result).sort();
    expect(results).toEqual(["already", "already", "mismatch", "mismatch", "unknown"]);
  });
});

// PostgREST answers a thousand rows at most, and says nothing of those that it leaves out.
const many = 1010;

test("as many suppliers as there are are looked through", async () => {
  const suppliers = await addPoorSuppliers();
  const { payable, skipped } = JSON.parse((await pay("--all", "--dry-run", "--json")).stdout) as Record<string, Row[]>;
  const found = [...(payable ?? []), ...(skipped ?? [])].map((row) => row.supplier ?? row.id);
  expect(new Set(found).size).toBe(found.length);
  expect(found).toEqual(expect.arrayContaining(suppliers.map(({ reference }) => reference)));
  expect(skipped?.at(-1)).toMatchObject({ supplier: suppliers.at(-1)?.reference });
  await removeSuppliers(...suppliers);
});

test("as many payouts as there are are listed and settled", async () => {
  const references = await payOften(first);
  const listed = JSON.parse((await pay("list", "--status", "pending", "--json")).stdout) as Row[];
  expect(listed.slice(0, many).map(({ reference }) => reference)).toEqual(references.toReversed());

  const all = JSON.parse((await pay("list", "--json")).stdout) as Row[];
  const demo = all.filter(({ id }) => /^VIR-00[1-8]$/.test(id ?? ""));
  expect(demo.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((number) => `VIR-00${number}`));
  expect(all.slice(-demo.length)).toEqual(demo);

  const path = join(folder, "many.csv");
  await writeFile(path, ["reference;amount", ...references.map((reference) => `${reference};-0,01`), ""].join("\n"));
  let pieces = 0;
  const broken = await between(
    async ({ name }) => (name === "admin_payouts_settle" && ++pieces === 2 ? "cut" : undefined),
    (apiUrl) => payOn(apiUrl, "settle", path),
  );
  expect(broken).toMatchObject(refusedFor(`what came of 510 of ${many} entries is not known`));
  expect(broken.stdout).toContain("\n500 matched, 0 unknown, 0 mismatched.\n");
  const run = await pay("settle", path);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toContain(`\n${many} matched, 0 unknown, 0 mismatched.\n`);
  expect(run.stdout.match(/^VP-.*matched, (confirmed|known already)$/gm)).toHaveLength(many);
});

type Row = { id?: string; supplier?: string; reference?: string };

/** Suppliers to whom a cent is due, in the order of their references. */
function addPoorSuppliers(): Promise<Supplier[]> {
  return db()<Supplier[]>`
    with made as (
      insert into leads.suppliers (contact_name, company, email, status)
      select 'Contact de test', 'Fournisseur de test ' || n, '', 'active' from generate_series(1, ${many}) n returning id, reference, company
    ), due as (
      insert into leads.earnings (supplier_id, kind, amount_cents, payable_from) select id, 'opening', 1, now() from made
    ), owed as (
      select platform.post_transfer('leads', 'opening', id::text,
        array[('supplier_earnings', id, 1), ('opening', null, -1)]::platform.ledger_line[]) from made
    )
    select made.* from made, (select count(*) from owed) posted order by made.id`;
}

/** Pays a supplier a cent again and again; returns the references, the first one first. */
async function payOften(supplier: Supplier): Promise<string[]> {
  const paid: string[] = [];
  await db().begin(async (sql) => {
    await sql`select set_config('request.jwt.claims', '{"role": "service_role"}', true)`;
    for (let times = 0; times < many; times++) {
      await oweIn(sql, supplier, 1);
      const [row] = await sql`select leads.pay_supplier(${supplier.reference}, null) ->> 'reference' as reference`;
      paid.push(row?.reference);
    }
  });
  return paid;
}

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

test("what is an option of pay alone is none of what is below it, wherever it stands", async () => {
  const { reference } = await paid(first, 900);
  const path = join(folder, "rehearsal.csv");
  await writeFile(path, `reference;amount\n${reference};-9,00\n`);
  await unchanged(async () => {
    const runs = await Promise.all([
      pay("export", "--dry-run", "--out", join(folder, "rehearsal.xml")),
      pay("settle", path, "--dry-run"),
      pay("--dry-run", "fail", reference, "--reason", "x"),
      pay("confirm", reference, "--yes"),
      pay("--all", "list"),
    ]);
    for (const run of runs) expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(runs[1]?.stderr).toContain("error: --dry-run is no option of leads-cli pay settle");
  });
  await expect(stat(join(folder, "rehearsal.xml"))).rejects.toThrow("ENOENT");
  const list = await pay("--json", "list", "--status", "pending");
  expect(JSON.parse(list.stdout)).toContainEqual(expect.objectContaining({ reference }));
});

test("each command of pay has examples in its help, and no option that it refuses", async () => {
  for (const name of ["list", "account", "export", "settle", "confirm", "fail"]) {
    const { stdout } = await pay(name, "--help");
    expect(stdout).toContain(`Examples:\n  $ leads-cli pay ${name}`);
    expect(stdout).toContain("--data-dir");
    expect(stdout).not.toContain("--dry-run");
  }
});

test("the demo's suppliers have fictitious accounts behind their masks", async () => {
  const rows = await db()`
    select s.iban_mask = platform.mask_iban(leads.demo_iban(s.iban_mask)) as fits, a.sealed_iban is not null as sealed
    from leads.suppliers s join leads.seeded_rows r on r.row_id = s.id left join leads.supplier_accounts a on a.supplier_id = s.id
    where s.iban_mask is not null`;
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row).toEqual({ fits: true, sealed: true });
});
