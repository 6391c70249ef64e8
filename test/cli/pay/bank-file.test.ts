import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { lastWords } from "../../../cli/pay/bank-entry.ts";
import { readBankFile } from "../../../cli/pay/bank-file.ts";
import { readBankXml } from "../../../cli/pay/bank-xml.ts";

// What banks send back: camt.053, camt.054 and pain.002 in the shapes of its versions, CSV as exports write it, and files that were made to do harm.

const folder = await mkdtemp(join(tmpdir(), "bank-"));
let files = 0;

async function answerIn(text: string | Uint8Array) {
  const path = join(folder, `${files++}`);
  await writeFile(path, text);
  return readBankFile(path);
}

const read = async (text: string | Uint8Array) => lastWords((await answerIn(text)).entries);

type Shape = { sign?: string; reference?: string; amount?: string; status?: string; extra?: string; entry?: string };

function entryOf({
  sign = "DBIT",
  reference = "VP-2026-02-001",
  amount = "2450.00",
  status = "<Cd>BOOK</Cd>",
  extra = "",
  entry = "",
}: Shape) {
  return `<Ntry><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd>${entry}<Sts>${status}</Sts><NtryDtls><TxDtls>
    <Refs><EndToEndId>${reference}</EndToEndId></Refs>${extra}</TxDtls></NtryDtls></Ntry>`;
}

function camt(...entries: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr><MsgId>1</MsgId></GrpHdr>
<Ntfctn><Id>1</Id>${entries.join("")}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`;
}

const paid = { reference: "VP-2026-02-001", cents: 245_000, outcome: "completed" };
const returned = { ...paid, outcome: "failed" };

test.each([
  ["a debit is a transfer that was carried out", entryOf({}), [paid]],
  ["the status of older versions", entryOf({ status: "BOOK" }), [paid]],
  ["an amount of the transaction's own", entryOf({ amount: "9999.99", extra: '<Amt Ccy="EUR">2450</Amt>' }), [paid]],
  [
    "the amount of older versions",
    entryOf({ amount: "9999.99", extra: '<AmtDtls><TxAmt><Amt Ccy="EUR">2450.0</Amt></TxAmt></AmtDtls>' }),
    [paid],
  ],
  ["a credit is one that came back", entryOf({ sign: "CRDT" }), [returned]],
  ["a reversed debit too", entryOf({ entry: "<RvslInd>true</RvslInd>" }), [returned]],
  [
    "with the bank's reason",
    entryOf({ sign: "CRDT", extra: "<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Compte clos</AddtlInf></RtrInf>" }),
    [{ ...returned, reason: "AC04 Compte clos" }],
  ],
  ["what is in another currency is no payout", `${entryOf({}).replace("EUR", "USD")}${entryOf({})}`, [paid]],
  [
    "what is empty says nothing",
    entryOf({ extra: "<AmtDtls/><RtrInf/>" }).replace("<NtryDtls>", "<NtryDtls/><NtryDtls><TxDtls/>"),
    [paid],
  ],
  ["what is not booked yet says nothing", entryOf({ status: "<Cd>PDNG</Cd>" }), []],
  [
    "nor does what carries no reference",
    `${entryOf({ reference: "NOTPROVIDED" })}<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls/></Ntry>`,
    [],
  ],
  ["that it came back is the last word, in whatever order", entryOf({ sign: "CRDT" }) + entryOf({}), [returned]],
])("camt.054: %s", async (_, entries, found) => {
  expect(await read(camt(entries))).toEqual(found);
});

test("camt.054 with a prefix for its namespace, several notifications, and text that is escaped", async () => {
  const prefixed = camt(entryOf({ reference: "A&amp;B" }), entryOf({}))
    .replace(/<(\/?)([A-Z])/g, "<$1n:$2")
    .replace("xmlns=", "xmlns:n=");
  expect(await read(prefixed)).toEqual([{ ...paid, reference: "A&B" }, paid]);
});

test.each([
  ["InstrId, where there is no EndToEndId", entryOf({}).replaceAll("EndToEndId", "InstrId"), [paid]],
  [
    "InstrId, where the bank has put a name of its own",
    entryOf({ reference: "BANK-1" }).replace("</Refs>", "<InstrId>VP-2026-02-001</InstrId></Refs>"),
    [paid],
  ],
  [
    "what was ordered, not what was booked with charges",
    entryOf({ amount: "2453.50", extra: '<AmtDtls><InstdAmt><Amt Ccy="EUR">2450</Amt></InstdAmt></AmtDtls>' }),
    [paid],
  ],
  [
    "nor in another currency",
    entryOf({ extra: '<Amt Ccy="USD">2700</Amt><AmtDtls><InstdAmt><Amt Ccy="EUR">2450</Amt></InstdAmt></AmtDtls>' }),
    [paid],
  ],
  [
    "a reason of the bank's own",
    entryOf({ sign: "CRDT", extra: "<RtrInf><OrgnlBkTxCd/><Rsn><Prtry>Z1</Prtry></Rsn></RtrInf>" }),
    [{ ...returned, reason: "Z1" }],
  ],
])("camt is entered by %s", async (_, entries, found) => {
  expect(await read(camt(entries))).toEqual(found);
  const statement = camt(entries)
    .replaceAll("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt")
    .replaceAll("Ntfctn", "Stmt")
    .replace("camt.054.001.08", "camt.053.001.02");
  expect(await read(statement)).toEqual(found);
});

test.each([
  ["has no amount", entryOf({ amount: "x" }), "no amount that can be read", "VP-2026-02-001"],
  ["is in another currency", entryOf({}).replace("EUR", "CHF"), "in CHF, not in euros", "VP-2026-02-001"],
  ["goes no way", entryOf({}).replace(/<CdtDbtInd>.*<.CdtDbtInd>/, ""), "neither debit nor credit", "VP-2026-02-001"],
  ["goes a way of its own", entryOf({ sign: "BOTH" }), "CdtDbtInd", undefined],
  ["has two names", entryOf({}).replace("</EndToEndId>", "</EndToEndId><EndToEndId>B</EndToEndId>"), "Refs", undefined],
])("camt: a transaction that %s is named by its place, and the others are read", async (_, odd, reason, reference) => {
  const answer = await answerIn(camt(odd, entryOf({})));
  expect(answer.entries).toEqual([paid]);
  expect(answer.unread).toEqual([
    { place: "entry 1", reason: expect.stringContaining(reason), ...(reference ? { reference } : {}) },
  ]);
});

test("camt: of the transactions of one entry, the one that cannot be read is told", async () => {
  const transactions = ["VP-2026-02-001", "CLIENT-1"].map(
    (reference) => `<TxDtls><Refs><EndToEndId>${reference}</EndToEndId></Refs></TxDtls>`,
  );
  const one = entryOf({}).replace(/<TxDtls>[\s\S]*<.TxDtls>/, transactions.join(""));
  expect((await answerIn(camt(one))).unread).toEqual([
    { place: "entry 1, transaction 1", reason: "no amount that can be read", reference: "VP-2026-02-001" },
    { place: "entry 1, transaction 2", reason: "no amount that can be read", reference: "CLIENT-1" },
  ]);
});

const message = "VIREMENTS-20261128-951B00A1";

test.each([
  ["Btch, alone", `<NtryDtls><Btch><PmtInfId>${message}</PmtInfId><NbOfTxs>2</NbOfTxs></Btch></NtryDtls>`],
  ["Btch by the id of the message", `<NtryDtls><Btch><MsgId>${message}</MsgId></Btch></NtryDtls>`],
  ["Refs", `<NtryDtls><TxDtls><Refs><PmtInfId>${message}</PmtInfId></Refs></TxDtls></NtryDtls>`],
  [
    "Refs of each transaction, which have no name of their own",
    `<NtryDtls>${`<TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId><PmtInfId>${message}</PmtInfId></Refs></TxDtls>`.repeat(2)}</NtryDtls>`,
  ],
])("camt: a batch is known by %s", async (_, details) => {
  const answer = await answerIn(camt(`<Ntry><Amt Ccy="EUR">1505</Amt><CdtDbtInd>DBIT</CdtDbtInd>${details}</Ntry>`));
  expect(answer).toMatchObject({
    batches: [{ message, cents: 150_500, outcome: "completed" }],
    entries: [],
    unread: [],
  });
});

test("camt: what is not booked is told as what has no outcome yet", async () => {
  const { waiting } = await answerIn(camt(entryOf({ status: "<Cd>PDNG</Cd>" })));
  expect(waiting).toEqual([{ place: "entry 1", reason: "PDNG", reference: "VP-2026-02-001" }]);
});

type Statuses = { group?: string; payment?: string; transfers?: string; why?: string };

function pain002({ group, payment, transfers = "", why = "" }: Statuses): string {
  const told = (tag: string, status?: string) => (status ? `<${tag}>${status}</${tag}>` : "");
  const paymentPart = `<OrgnlPmtInfAndSts><OrgnlPmtInfId>${message}</OrgnlPmtInfId>${told("PmtInfSts", payment)}${transfers}</OrgnlPmtInfAndSts>`;
  return `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>
    <GrpHdr><MsgId>r</MsgId></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>${message}</OrgnlMsgId>${told("GrpSts", group)}${why}</OrgnlGrpInfAndSts>
    ${payment || transfers ? paymentPart : ""}</CstmrPmtStsRpt></Document>`;
}

const transferOf = (status: string, more = "", reference = "VP-2026-02-001") =>
  `<TxInfAndSts><OrgnlEndToEndId>${reference}</OrgnlEndToEndId><TxSts>${status}</TxSts>${more}</TxInfAndSts>`;
const because = (code: string, text = "") =>
  `<StsRsnInf><Rsn><Cd>${code}</Cd></Rsn>${text && `<AddtlInf>${text}</AddtlInf>`}</StsRsnInf>`;
const amountOf = (euros: string) => `<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">${euros}</InstdAmt></Amt></OrgnlTxRef>`;
const whole = (outcome: string, reason?: string) => ({
  batches: [{ message, outcome, ...(reason ? { reason } : {}) }],
  entries: [],
});
const one = (entry: object) => ({ batches: [], entries: [{ reference: "VP-2026-02-001", message, ...entry }] });

test.each([
  ["a file that was rejected", pain002({ group: "RJCT" }), whole("failed", "Fichier refusé : motif non précisé")],
  [
    "with its reason",
    pain002({ group: "RJCT", why: because("AM05", "double") }),
    whole("failed", "Fichier refusé : AM05 double"),
  ],
  ["a payment that was rejected", pain002({ payment: "RJCT" }), whole("failed", "Fichier refusé : motif non précisé")],
  [
    "a payment that was carried out, of a file that was taken",
    pain002({ group: "ACCP", payment: "ACSC" }),
    whole("completed"),
  ],
  [
    "a transfer that was rejected",
    pain002({ group: "PART", transfers: transferOf("RJCT", because("AC01", "x")) }),
    one({ outcome: "failed", reason: "AC01 x" }),
  ],
  [
    "one that was carried out",
    pain002({ transfers: transferOf("ACSC", amountOf("2450.00")) }),
    one({ outcome: "completed", cents: 245_000 }),
  ],
  [
    "one by its InstrId",
    pain002({ transfers: transferOf("ACSC").replaceAll("OrgnlEndToEndId", "OrgnlInstrId") }),
    one({ outcome: "completed" }),
  ],
  [
    "one that has the status of its payment",
    pain002({ payment: "ACSC", transfers: transferOf("").replace("<TxSts></TxSts>", "") }),
    {
      batches: [{ message, outcome: "completed" }],
      entries: [{ reference: "VP-2026-02-001", message, outcome: "completed" }],
    },
  ],
  [
    "in a prefix",
    pain002({ group: "ACSC" })
      .replace(/<(\/?)([A-Z])/g, "<$1p:$2")
      .replace("xmlns=", "xmlns:p="),
    whole("completed"),
  ],
  [
    "in version 02",
    pain002({
      transfers: transferOf(
        "RJCT",
        "<StsRsnInf><StsRsn><Cd>AC04</Cd></StsRsn><AddtlStsRsnInf>clos</AddtlStsRsnInf></StsRsnInf>",
      ),
    })
      .replaceAll("CstmrPmtStsRpt", "pain.002.001.02")
      .replace(/<(.?)OrgnlPmtInfAndSts>(<OrgnlPmtInfId>.*<.OrgnlPmtInfId>)?/g, ""),
    one({ outcome: "failed", reason: "AC04 clos" }),
  ],
])("pain.002 tells of %s", async (_, xml, found) => {
  expect(await answerIn(xml)).toMatchObject({ ...found, messages: [message], answersTo: message, unread: [] });
});

test.each(["ACCP", "ACSP", "ACTC", "ACWC", "PDNG", "RCVD"])("pain.002: %s is no outcome yet", async (status) => {
  const [group, transfer] = [
    await answerIn(pain002({ group: status })),
    await answerIn(pain002({ transfers: transferOf(status) })),
  ];
  expect([group.batches, transfer.entries]).toEqual([[], []]);
  expect(group.waiting).toEqual([{ place: `file ${message}`, reason: status }]);
  expect(transfer.waiting).toEqual([{ place: "transaction 1", reason: status, reference: "VP-2026-02-001" }]);
});

test.each([
  ["a document type", '<!DOCTYPE x [<!ENTITY a "b">]><Document/>', "document type"],
  [
    "an entity that grows",
    `<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Document>&b;</Document>`,
    "document type",
  ],
  ["an entity of a file", '<?xml version="1.0"?><!doctype x SYSTEM "file:///etc/passwd"><Document/>', "document type"],
  ["tags without an end", "<Document><BkToCstmrDbtCdtNtfctn>", "no well-formed XML"],
  ["depth", `<a>${"<b>".repeat(100_000)}${"</b>".repeat(100_000)}</a>`, "XML"],
  ["another document", '<Document xmlns="x"><CstmrCdtTrfInitn/></Document>', "no camt.053, camt.054 or pain.002"],
  ["no document at all", "<a/>", "no camt.053"],
  ["a notification that is none", "<Document><BkToCstmrStmt><Stmt>x</Stmt></BkToCstmrStmt></Document>", "no camt"],
  ["a report about no file", "<Document><CstmrPmtStsRpt/></Document>", "no pain.002"],
  ["a name that is everybody's prototype", camt(entryOf({}).replaceAll("Refs", "__proto__")), "XML"],
])("camt.054 refuses %s", async (_, text, reason) => {
  await expect(read(text)).rejects.toThrow(reason);
});

test("whatever is in it, a file is read or refused, and never breaks the command", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          "<Ntry>",
          "</Ntry>",
          "<Document>",
          "</Document>",
          "&amp;",
          "<![CDATA[",
          "]]>",
          "<a",
          ">",
          "é",
          "\0",
        ),
      ),
      (parts) => {
        try {
          readBankXml(parts.join(""));
        } catch (error) {
          expect((error as Error).name).toBe("Refusal");
        }
      },
    ),
  );
});

test.each([
  ["semicolons and decimal commas", "reference;amount;status\nVP-2026-02-001;2 450,00;completed\n", [paid]],
  [
    "French names, a BOM, CRLF and empty lines",
    "\ufeffRéférence;Montant;Statut;Motif\r\n\r\nVP-2026-02-001;2450,00;Rejeté;Compte clos\r\n",
    [{ ...returned, reason: "Compte clos" }],
  ],
  [
    "commas, quoted amounts and other columns",
    'date,EndToEndId,amount\n2026-02-12,VP-2026-02-001,"-2,450.00"\n',
    [paid],
  ],
  ["tabs, and the sign alone", "reference\tamount\nVP-2026-02-001\t2450\n", [returned]],
  ["nothing", "reference;amount\n", []],
])("CSV: %s", async (_, text, found) => {
  expect(await read(text)).toEqual(found);
});

test.each([
  ["a head without references", "amount\n12\n", "no column reference"],
  ["a head without amounts", "reference;status\nVP-1;completed\n", "no column amount"],
  ["what is no list at all", "Bonjour\n", "no column reference, and no column amount"],
  ["no reference", "reference;amount\n;12\n", "line 2: no reference"],
  ["an amount that is none", "reference;amount\nVP-1;1\nVP-2;x\n", 'line 3: "x" is no amount'],
  ["an amount that could be two", "reference;amount\nVP-1;1.234\n", "is no amount"],
  ["a status of its own", "reference;amount;status\nVP-1;1;maybe\n", "line 2: the status"],
  ["a quote without an end", 'reference;amount\n"VP-1;1\n', "cannot be read"],
])("CSV refuses %s", async (_, text, reason) => {
  await expect(read(text)).rejects.toThrow(reason);
});

const accented = "Compte clôturé, vu";
const csv = `reference;amount;status;reason\n${paid.reference};2450,00;rejected;${accented}\n`;
const declared = (encoding: string) =>
  camt(entryOf({ sign: "CRDT", extra: `<RtrInf><AddtlInf>${accented}</AddtlInf></RtrInf>` })).replace(
    "UTF-8",
    encoding,
  );
const utf16be = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le").swap16();

test.each([
  ["CSV in Windows-1252", Buffer.from(csv, "latin1")],
  ["CSV in UTF-16, as spreadsheets save « Unicode text »", Buffer.from(`\ufeff${csv}`, "utf16le")],
  ["CSV in UTF-16, the other way round", utf16be(csv)],
  ["CSV in UTF-16 without a mark", Buffer.from(csv, "utf16le")],
  ["camt.054 that declares ISO-8859-1", Buffer.from(declared("ISO-8859-1"), "latin1")],
  ["camt.054 that declares ISO-8859-15", Buffer.from(declared("iso-8859-15"), "latin1")],
  ["camt.054 in UTF-16", Buffer.from(`\ufeff${declared("UTF-16")}`, "utf16le")],
  ["camt.054 in UTF-8 with a mark, whatever it declares", Buffer.from(`\ufeff${declared("ISO-8859-1")}`)],
  ["camt.054 that is not in the UTF-8 that it declares", Buffer.from(declared("UTF-8"), "latin1")],
  ["camt.054 that declares nothing", Buffer.from(declared("UTF-8").replace(/<\?.*\?>\s*/, ""), "latin1")],
])("%s is read letter by letter", async (_, bytes) => {
  expect(await read(bytes)).toEqual([{ ...returned, reason: accented }]);
});

test("camt.054 in the encoding that it declares, not in the one that is guessed", async () => {
  const koi8 = Buffer.from(declared("koi8-r").replace(accented, "~"), "latin1");
  const [{ reason } = {}] = await read(koi8.map((byte) => (byte === 0x7e ? 0xc1 : byte)));
  expect(reason).toBe("а");
});

test.each([
  ["nothing", "", "is empty: a camt.053, a camt.054 or a pain.002 is expected, or a CSV"],
  ["nothing but lines", "\ufeff\r\n \r\n", "is empty"],
  [
    "a workbook",
    Buffer.from("PK\x03\x04\0\0\0\0"),
    "is no text that can be read: a camt.053, a camt.054 or a pain.002 is expected, or a CSV",
  ],
  ["an encoding that nobody knows", declared("ebcdic"), "is no text that can be read"],
])("a file is refused that has %s in it", async (_, content, reason) => {
  await expect(read(content)).rejects.toMatchObject({ name: "Refusal", message: expect.stringContaining(reason) });
});

test("two amounts for one reference are two entries, and neither is lost", async () => {
  const rows = ["VP-1;-7,00", "VP-1;-5,00", "VP-1;5,00", "VP-1;-5,00"];
  expect(await read(["reference;amount", ...rows].join("\n"))).toEqual([
    { reference: "VP-1", cents: 700, outcome: "completed" },
    { reference: "VP-1", cents: 500, outcome: "failed" },
  ]);
});

test("a file that is not there, or none", async () => {
  await expect(readBankFile(join(folder, "none"))).rejects.toThrow("no such file");
  await expect(readBankFile(folder)).rejects.toThrow("is no file");
});
