import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Refusal } from "../../cli/output.ts";
import { settlePayouts } from "../../cli/pay/settle.ts";
import { resolveTarget } from "../../cli/target.ts";
import { askApi } from "../contract/http.ts";
import { addSupplier, owe, removeSuppliers, type Supplier } from "../contract/leads/market.ts";
import { type Person, signIn, signUp } from "../contract/people.ts";
import { unchanged } from "../contract/unchanged.ts";
import { expectLedgerHolds } from "../support/ledger.ts";
import { db, stack } from "../support/stack.ts";

// What banks have answered and nobody had foreseen: each file is entered as far as it can be, told about as to the rest, and
// changes nothing when it comes again.

const target = resolveTarget({ url: stack.apiUrl, key: stack.secretKey }, {});
const iban = "FR7630006000011234567890189";

let admin: Person;
let supplier: Supplier;
let folder: string;
let message: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "answers-"));
  admin = await signIn("admin@leads-provider.fr");
  supplier = await addSupplier(await signUp("leads", "fournisseur"));
});

afterEach(() => expectLedgerHolds(db()));

afterAll(async () => {
  await removeSuppliers(supplier);
  await db()`update leads.payouts set export_id = null where export_id is not null`;
  await db()`delete from leads.payout_exports`;
  await rm(folder, { recursive: true });
});

/** So many payouts of these cents, all in one file of ours; returns their references. */
async function sent(...amounts: number[]): Promise<[string, ...string[]]> {
  const ask = { token: admin.token, method: "PUT", body: { iban } };
  await askApi("leads", `/api/admin/gains/${supplier.reference}/iban`, ask);
  const references: string[] = [];
  for (const cents of amounts) {
    // What an earlier test has left due would be paid along.
    await db()`update leads.earnings set payable_from = 'infinity' where supplier_id = ${supplier.id} and payout_id is null`;
    await owe(supplier, cents);
    const answer = await askApi("leads", `/api/admin/gains/${supplier.reference}/pay`, {
      token: admin.token,
      method: "POST",
    });
    expect(answer.status, answer.text).toBe(201);
    references.push((answer.body as { reference: string }).reference);
  }
  message = `VIREMENTS-20261128-${String(++files).padStart(8, "0")}`;
  await db()`
    with file as (
      insert into leads.payout_exports (message_id, debtor, execution_date, created_at, payouts, total_cents)
      values (${message}, '{}', '2026-11-30', now(), ${amounts.length}, ${amounts.reduce((a, b) => a + b)}) returning id
    )
    update leads.payouts set export_id = file.id from file where transfer_reference in ${db()(references)}`;
  return references as [string, ...string[]];
}

type Told = { entries: { result: string }[]; unread: object[]; foreign: object[] };

/** As leads-cli does it, but in this process: each of its own takes a second. */
async function settle(xml: string) {
  const path = join(folder, `${files++}.xml`);
  await writeFile(path, xml);
  const written: string[] = [];
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((part) => written.push(`${part}`) > 0);
  const refusal = await settlePayouts(target, path, { json: true }).catch((error: unknown) => {
    if (error instanceof Refusal) return error;
    throw error;
  });
  stdout.mockRestore();
  return { code: refusal ? 1 : 0, stderr: refusal?.message ?? "", told: JSON.parse(written.join("")) as Told };
}

/** Enters a file, and once more, which must change nothing and come to the same end. */
async function settleTwice(xml: string) {
  const first = await settle(xml);
  const again = await unchanged(() => settle(xml));
  expect(again.code, again.stderr).toBe(first.code);
  return first;
}

const outcomes = async (references: string[]) => {
  const rows = await db()`select status from leads.payouts where transfer_reference in ${db()(references)} order by id`;
  return rows.map(({ status }) => status);
};

const camt = (...entries: string[]) =>
  `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>M1</MsgId></GrpHdr>
  <Ntfctn><Id>1</Id>${entries.join("")}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`;
const entry = (euros: string, details: string, sign = "DBIT") =>
  `<Ntry><Amt Ccy="EUR">${euros}</Amt><CdtDbtInd>${sign}</CdtDbtInd><Sts>BOOK</Sts><NtryDtls>${details}</NtryDtls></Ntry>`;
const transaction = (reference: string, ordered?: string) =>
  `<TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs>${ordered ? `<AmtDtls><InstdAmt><Amt Ccy="EUR">${ordered}</Amt></InstdAmt></AmtDtls>` : ""}</TxDtls>`;
const pain002 = (status: string, parts = "", about = message) =>
  `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>${about}</OrgnlMsgId>
  ${status && `<GrpSts>${status}</GrpSts>`}</OrgnlGrpInfAndSts>${parts && `<OrgnlPmtInfAndSts>${parts}</OrgnlPmtInfAndSts>`}</CstmrPmtStsRpt></Document>`;
const told = (reference: string, status: string, code = "") =>
  `<TxInfAndSts><OrgnlEndToEndId>${reference}</OrgnlEndToEndId><TxSts>${status}</TxSts>${code && `<StsRsnInf><Rsn><Cd>${code}</Cd></Rsn></StsRsnInf>`}</TxInfAndSts>`;

test("two orders in one booking are entered by what was ordered", async () => {
  const [a, b] = (await sent(98_000, 52_500)) as [string, string];
  const run = await settleTwice(camt(entry("1505.00", transaction(a, "980.00") + transaction(b, "525.00"))));
  expect(run.code, run.stderr).toBe(0);
  expect(await outcomes([a, b])).toEqual(["completed", "completed"]);
});

test("a customer's batch that tells no amounts stops nothing, and is passed over", async () => {
  const [a] = await sent(1000);
  const foreign = entry("300.00", transaction("CLIENT-1") + transaction("CLIENT-2"), "CRDT");
  const run = await settleTwice(camt(foreign, entry("10.00", transaction(a))));
  expect(run).toMatchObject({
    code: 0,
    told: { unread: [], foreign: [{ place: "entry 1, transaction 1", reference: "CLIENT-1" }, {}] },
  });
  expect(run.told.entries).toMatchObject([{ result: "completed" }]);
});

test("a transfer of ours without an amount stops nothing else, and the command says so by its exit", async () => {
  const [a, b] = (await sent(1100, 1200)) as [string, string];
  const run = await settleTwice(camt(entry("23.00", transaction(a) + transaction(b, "12.00"))));
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("1 parts of this file could not be read") });
  expect(run.told.unread).toMatchObject([{ place: "entry 1, transaction 1", reference: a }]);
  expect(await outcomes([a, b])).toEqual(["pending", "completed"]);
});

test("a statement returns one, and InstrId names another", async () => {
  const [a, b] = (await sent(1300, 1400)) as [string, string];
  const returned = entry(
    "13.00",
    transaction(a).replace("</TxDtls>", "<RtrInf><OrgnlBkTxCd/><Rsn><Cd>MS03</Cd></Rsn></RtrInf></TxDtls>"),
    "CRDT",
  );
  const named = entry("14.00", transaction(b).replaceAll("EndToEndId", "InstrId"));
  const statement = camt(returned, named)
    .replaceAll("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt")
    .replaceAll("Ntfctn", "Stmt");
  expect((await settleTwice(statement)).code).toBe(0);
  expect(await outcomes([a, b])).toEqual(["failed", "completed"]);
});

test("a batch that is booked as one is entered for each transfer of the file that it names", async () => {
  const references = await sent(1500, 1600, 1700);
  const run = await settleTwice(
    camt(entry("48.00", `<Btch><PmtInfId>${message}</PmtInfId><NbOfTxs>3</NbOfTxs></Btch>`)),
  );
  expect(run.code, run.stderr).toBe(0);
  expect(await outcomes(references)).toEqual(["completed", "completed", "completed"]);
});

test("a batch less what was rejected before is entered for the rest, and a batch of another amount for nobody", async () => {
  const references = await sent(1800, 1900, 2000);
  const batch = (euros: string) => camt(entry(euros, `<TxDtls><Refs><PmtInfId>${message}</PmtInfId></Refs></TxDtls>`));
  const wrong = await unchanged(() => settle(batch("56.99")));
  expect(wrong).toMatchObject({ code: 1, told: { unread: [{ place: `batch ${message}`, reason: "another amount" }] } });
  expect((await settleTwice(pain002("PART", told(references[0], "RJCT", "MS03")))).code).toBe(0);
  expect((await settleTwice(batch("39.00"))).code).toBe(0);
  expect(await outcomes(references)).toEqual(["failed", "completed", "completed"]);
  expect((await settleTwice(camt(entry("19.00", transaction(references[1] ?? ""), "CRDT")))).code).toBe(0);
  // Even now, when fewer have arrived.
  expect((await unchanged(() => settle(batch("39.00")))).code).toBe(0);
});

test("one booking of a file that has several is known by its amount, where no other has it", async () => {
  const references = await sent(2100, 2200, 2200);
  const booking = (euros: string) =>
    camt(entry(euros, `<TxDtls><Refs><PmtInfId>${message}</PmtInfId></Refs></TxDtls>`));
  expect((await settleTwice(booking("21.00"))).code).toBe(0);
  expect((await unchanged(() => settle(booking("22.00")))).code).toBe(1);
  expect(await outcomes(references)).toEqual(["completed", "pending", "pending"]);
});

test("a file that the bank rejects as a whole comes back as a whole, and no account is to blame", async () => {
  const references = await sent(2300, 2400);
  expect((await settleTwice(pain002("RJCT"))).code).toBe(0);
  expect(await outcomes(references)).toEqual(["failed", "failed"]);
});

test("what is said of one transfer is truer than what is said of the whole", async () => {
  const references = await sent(2500, 2600, 2700);
  const run = await settleTwice(
    pain002("ACSC", told(references[0], "RJCT", "MS03") + told(references[1] ?? "", "PDNG")),
  );
  expect(run.code, run.stderr).toBe(0);
  expect(await outcomes(references)).toEqual(["failed", "pending", "completed"]);
});

test("a file that is taken has no outcome yet", async () => {
  const references = await sent(2800);
  for (const status of ["ACTC", "ACCP", "ACSP", "PDNG"]) {
    const run = await unchanged(() => settle(pain002(status)));
    expect(run, run.stderr).toMatchObject({
      code: 0,
      told: { entries: [], waiting: [{ place: `file ${message}`, reason: status }] },
    });
  }
  expect(await outcomes(references)).toEqual(["pending"]);
});

test("an answer about a file of ours that names none of its transfers is no success", async () => {
  await sent(2900);
  const part = await unchanged(() => settle(pain002("PART")));
  expect(part).toMatchObject({ code: 1, stderr: expect.stringContaining(`about ${message}, and names none`) });
  const other = await unchanged(() =>
    settle(
      camt(
        entry("29.00", `<TxDtls><Refs><EndToEndId>BANK</EndToEndId><PmtInfId>${message}</PmtInfId></Refs></TxDtls>`),
      ),
    ),
  );
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining("names none") });
  const nobody = await unchanged(() => settle(pain002("RJCT", "", "VIREMENTS-20200101-00000000")));
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringContaining("no file of ours") });
});

test("a transfer that is not in the file that is answered to, and tells no amount, is not entered", async () => {
  const [inside] = await sent(3000);
  const [other] = await sent(3100);
  const run = await unchanged(() => settle(pain002("", told(inside, "ACSC"))));
  expect(run).toMatchObject({ code: 1, told: { entries: [{ reference: inside, result: "mismatch" }] } });
  expect(await outcomes([inside, other])).toEqual(["pending", "pending"]);
});
