import { XMLParser, XMLValidator } from "fast-xml-parser";
import { Refusal } from "../output.ts";
import { expectedFile } from "./bank-csv.ts";
import type { BankAnswer } from "./bank-entry.ts";
import { readCamt } from "./camt.ts";
import { readPain002 } from "./pain-002.ts";

const deepest = 40;
const lists = new Set(
  "Ntfctn Stmt Rpt Ntry NtryDtls TxDtls AddtlInf OrgnlPmtInfAndSts TxInfAndSts StsRsnInf AddtlStsRsnInf".split(" "),
);

const parser = new XMLParser({
  ignoreAttributes: false,
  removeNSPrefix: true,
  parseTagValue: false,
  maxNestedTags: deepest,
  isArray: (name) => lists.has(name),
});

// By the element that says what a document is: its name has been the same in all versions but the first ones.
const readers: [RegExp, (document: unknown) => BankAnswer][] = [
  [/^(BkToCstmrDbtCdtNtfctn|BkToCstmrStmt|BkToCstmrAcctRpt)(V\d+)?$/, readCamt],
  [/^(CstmrPmtStsRpt(V\d+)?|pain\.002\.001\.\d+)$/, readPain002],
];

/** What a camt.052, .053 or .054 or a pain.002 of any version says. Throws a Refusal where it is none, or a hostile one. */
export function readBankXml(xml: string): BankAnswer {
  const { Document } = parseXml(xml) as { Document?: unknown };
  for (const [name, content] of Object.entries(Document && typeof Document === "object" ? Document : {})) {
    const [, read] = readers.find(([pattern]) => pattern.test(name)) ?? [];
    if (read) return read(content);
  }
  throw new Refusal(`this is no camt.053, camt.054 or pain.002: ${expectedFile}`);
}

function parseXml(xml: string): object {
  // A bank's file declares no entities; whatever does was made to do harm.
  if (/<!(DOCTYPE|ENTITY)/i.test(xml)) throw new Refusal("this XML declares a document type: no bank does that");
  const valid = XMLValidator.validate(xml);
  if (valid !== true) throw new Refusal(`this is no well-formed XML: line ${valid.err.line}: ${valid.err.msg}`);
  try {
    return parser.parse(xml);
  } catch (error) {
    throw new Refusal(`this XML cannot be read: ${(error as Error).message}`);
  }
}
