import { XMLParser, XMLValidator } from "fast-xml-parser";
import * as z from "zod";
import { Refusal } from "../output.ts";
import type { BankEntry } from "./bank-entry.ts";
import { centsOfXml } from "./sepa-text.ts";

// Bank to customer debit/credit notification, any version: what is read here has kept its names since the first one.
const deepest = 40;
const lists = new Set(["Ntfctn", "Ntry", "NtryDtls", "TxDtls", "AddtlInf"]);

const parser = new XMLParser({
  ignoreAttributes: false,
  removeNSPrefix: true,
  parseTagValue: false,
  maxNestedTags: deepest,
  isArray: (name) => lists.has(name),
});

/** What may be left out, or be there and empty. */
function optional<T extends z.ZodType>(shape: T) {
  return z.preprocess((value) => (value === "" ? undefined : value), shape.optional());
}

const amount = z.object({ "#text": z.string(), "@_Ccy": z.string() });
const code = z
  .union([z.string(), z.object({ Cd: z.string() })])
  .transform((found) => (typeof found === "string" ? found : found.Cd));
const sign = z.enum(["CRDT", "DBIT"]);

const transaction = z.object({
  Refs: optional(z.object({ EndToEndId: z.string().optional() })),
  Amt: amount.optional(),
  AmtDtls: optional(z.object({ TxAmt: optional(z.object({ Amt: amount })) })),
  CdtDbtInd: sign.optional(),
  RtrInf: optional(
    z.object({ Rsn: optional(z.object({ Cd: z.string().optional() })), AddtlInf: z.array(z.string()).optional() }),
  ),
});
const entry = z.object({
  Amt: amount,
  CdtDbtInd: sign,
  RvslInd: z.enum(["true", "false", "1", "0"]).optional(),
  Sts: optional(code),
  NtryDtls: z.array(optional(z.object({ TxDtls: z.array(optional(transaction)).default([]) }))).default([]),
});
const notification = z.object({ Ntry: z.array(entry).default([]) });
const camt = z.object({
  Document: z.object({ BkToCstmrDbtCdtNtfctn: z.object({ Ntfctn: z.array(notification) }) }),
});

type Entry = z.infer<typeof entry>;
type Transaction = z.infer<typeof transaction>;

/** The booked transfers of a camt.054 that carry a reference. Throws a Refusal where it is no such file, or a hostile one. */
export function readCamt054(xml: string): BankEntry[] {
  const parsed = camt.safeParse(parseXml(xml));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Refusal(`this is no camt.054 that can be read: ${issue?.path.join("/")}: ${issue?.message}`);
  }
  return parsed.data.Document.BkToCstmrDbtCdtNtfctn.Ntfctn.flatMap(({ Ntry }) => Ntry)
    .filter(({ Sts }) => Sts === undefined || Sts === "BOOK")
    .flatMap(entriesOf);
}

function parseXml(xml: string): unknown {
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

function entriesOf(entry: Entry): BankEntry[] {
  const transactions = entry.NtryDtls.flatMap((details) => details?.TxDtls ?? []).filter(
    (found) => found !== undefined,
  );
  return transactions.flatMap((transaction) => {
    const reference = transaction.Refs?.EndToEndId?.trim();
    if (!reference || reference === "NOTPROVIDED") return [];
    const cents = centsIn(transaction, entry, transactions.length === 1);
    return cents === "foreign" ? [] : [{ reference, cents, ...outcomeOf(transaction, entry) }];
  });
}

/** The amount nearest to the transaction, in euros: payouts are in no other currency. */
function centsIn({ Amt, AmtDtls }: Transaction, entry: Entry, alone: boolean): number | "foreign" {
  const found = [Amt, AmtDtls?.TxAmt?.Amt, alone ? entry.Amt : undefined].filter((amount) => amount !== undefined);
  const euros = found.find((amount) => amount["@_Ccy"] === "EUR");
  if (!euros && found.length > 0) return "foreign";
  const cents = euros && centsOfXml(euros["#text"]);
  if (cents === undefined) throw new Refusal("an entry of this camt.054 has no amount that can be read");
  return cents;
}

/** Money that leaves is a transfer carried out; money that comes is one that came back. */
function outcomeOf({ CdtDbtInd, RtrInf }: Transaction, entry: Entry): Pick<BankEntry, "outcome" | "reason"> {
  const reversed = entry.RvslInd === "true" || entry.RvslInd === "1";
  if ((CdtDbtInd ?? entry.CdtDbtInd) === "DBIT" && !reversed && !RtrInf) return { outcome: "completed" };
  const reason = [RtrInf?.Rsn?.Cd, ...(RtrInf?.AddtlInf ?? [])].filter(Boolean).join(" ");
  return { outcome: "failed", ...(reason ? { reason } : {}) };
}
