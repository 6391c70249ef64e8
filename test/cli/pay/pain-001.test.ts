import fc from "fast-check";
import { XMLParser } from "fast-xml-parser";
import { expect, test } from "vitest";
import { type Account, type Message, pain001, type Transfer } from "../../../cli/pay/pain-001.ts";
import { centsOf, centsOfXml, euroText, sepaText } from "../../../cli/pay/sepa-text.ts";
import { published, validate } from "./xsd.ts";

// The file for the bank: of the published shape whatever the names are, and to the cent.

const debtor: Account = { name: "Société d'essai & Cie", iban: "FR7630006000011234567890189", bic: "AGRIFRPPXXX" };
const message: Message = {
  messageId: "VIREMENTS-20260210-0001",
  createdAt: "2026-02-10T14:30:00Z",
  executionDate: "2026-02-10",
  debtor,
};

const name = fc.oneof(fc.string(), fc.string({ unit: "grapheme", maxLength: 200 }));
const writable = name.filter((text) => sepaText(text, 70) !== "");
const transfer: fc.Arbitrary<Transfer> = fc.record({
  reference: fc.nat(99_999).map((number) => `VP-2026-02-${number}`),
  cents: fc.integer({ min: 1, max: 99_999_999_999 }),
  to: fc.record({
    name,
    iban: fc.constantFrom("DE89370400440532013000", "MT84MALT011000012345MTLCAST001S"),
    bic: fc.constantFrom(null, "COBADEFF", "MALTMTMTXXX"),
  }),
});

test("any transfers make a file that the schema accepts, with their sum and number", () => {
  const parser = new XMLParser({ parseTagValue: false, isArray: (tag) => tag === "CdtTrfTxInf" });
  fc.assert(
    fc.property(fc.array(transfer, { minLength: 1, maxLength: 5 }), writable, (transfers, from) => {
      const xml = pain001({ ...message, debtor: { ...debtor, name: from } }, transfers);
      validate(xml);
      const { GrpHdr, PmtInf } = parser.parse(xml).Document.CstmrCdtTrfInitn;
      const sum = transfers.reduce((total, { cents }) => total + BigInt(cents), 0n);
      for (const totals of [GrpHdr, PmtInf]) {
        expect(totals).toMatchObject({
          NbOfTxs: String(transfers.length),
          CtrlSum: `${sum / 100n}.${String(sum % 100n).padStart(2, "0")}`,
        });
      }
      const ids = PmtInf.CdtTrfTxInf.map((item: { PmtId: { EndToEndId: string } }) => item.PmtId.EndToEndId);
      expect(ids).toEqual(transfers.map(({ reference }) => reference));
    }),
    { numRuns: 200 },
  );
});

test.skipIf(!published)("ISO's published schema accepts the file, and refuses what is not of its shape", () => {
  const by = published ? [published] : [];
  const xml = pain001(message, [{ reference: "VP-2026-02-001", cents: 245_000, to: debtor }]);
  expect(() => validate(xml, by)).not.toThrow();
  for (const [from, to] of [
    ["<NbOfTxs>1", "<NbOfTxs>x"],
    ["CdtrAgt>", "CreditorAgent>"],
    [message.messageId, "M".repeat(36)],
  ] as const) {
    expect(xml).toContain(from);
    expect(() => validate(xml.replaceAll(from, to), by), from).toThrow();
  }
});

test("the same payouts make the same file", () => {
  const transfers = [{ reference: "VP-2026-02-001", cents: 245_000, to: debtor }];
  expect(pain001(message, transfers)).toBe(pain001(message, transfers));
});

test("who has a name of signs alone is named by the reference", () => {
  const xml = pain001(message, [{ reference: "VP-2026-02-001", cents: 1, to: { ...debtor, name: "••• ★" } }]);
  validate(xml);
  expect(xml).toContain("<Cdtr>\n          <Nm>VP-2026-02-001</Nm>");
});

test("a file needs a name to leave from", () => {
  const nameless = () => pain001({ ...message, debtor: { ...debtor, name: "•••" } }, []);
  expect(nameless).toThrow(
    expect.objectContaining({ name: "Refusal", message: expect.stringContaining("pay account") }),
  );
});

test("the schema refuses what is not of its shape", () => {
  const xml = pain001(message, [{ reference: "VP-2026-02-001", cents: 245_000, to: debtor }]);
  for (const [from, to] of [
    ["<ChrgBr>SLEV</ChrgBr>", ""],
    ["2450.00</InstdAmt>", "2450.001</InstdAmt>"],
    ["Virement VP", "Virement é VP"],
    ["<NbOfTxs>1", "<NbOfTxs>x"],
  ] as const) {
    expect(xml).toContain(from);
    expect(() => validate(xml.replace(from, to)), from).toThrow();
  }
});

test.each([
  ["Hélène Œuvre-Ça & Fils", "Helene Oeuvre-Ca + Fils"],
  ["«Guillemets» – tiret, « espace »", "Guillemets - tiret, espace"],
  ["//Société//Générale/", "Societe/Generale"],
  ["Zürich Straße Łódź", "Zurich Strasse Lodz"],
  ["A".repeat(100), "A".repeat(70)],
])("%s is written as %s", (text, written) => {
  expect(sepaText(text, 70)).toBe(written);
});

test("an amount reads as it was written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 14 }), (cents) => {
      expect(centsOf(euroText(cents))).toBe(cents);
      expect(centsOfXml(euroText(cents))).toBe(cents);
    }),
  );
});

test.each([
  ["1 234,56", 123_456],
  ["1\u202f234,5 €", 123_450],
  ["1,234.56", 123_456],
  ["1.234,56", 123_456],
  ["-1234", -123_400],
  ["EUR 12.30", 1230],
  ["+0,07", 7],
])("%s is an amount", (text, cents) => {
  expect(centsOf(text)).toBe(cents);
});

test.each(["", "x", "1,2,3", "1.234", "12,345", "1e5", "12.345", "--1", "0x10"])(
  "%j is none, or could be two",
  (text) => {
    expect(centsOf(text)).toBeUndefined();
  },
);

test.each([
  ["2450.00000", 245_000],
  ["2450", 245_000],
  ["0.1", 10],
  ["1.234", undefined],
  ["1,5", undefined],
  ["-1", undefined],
])("in XML %s is %s cents", (text, cents) => {
  expect(centsOfXml(text)).toBe(cents);
});
