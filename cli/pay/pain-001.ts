import { XMLBuilder } from "fast-xml-parser";
import { Refusal } from "../output.ts";
import { euroText, sepaText } from "./sepa-text.ts";

/** A bank account with its holder's name; the IBAN as machines write it. */
export type Account = { name: string; iban: string; bic: string | null };

/** One transfer: `reference` is what the bank's answer names it by. */
export type Transfer = { reference: string; cents: number; to: Account };

/** What a file says besides its transfers: dates are `2026-02-10`, instants `2026-02-10T14:30:00Z`. */
export type Message = { messageId: string; createdAt: string; executionDate: string; debtor: Account };

/**
 * A batch of transfers as a SEPA credit transfer initiation, pain.001.001.09: the version of the EPC's rulebooks since
 * November 2023, which banks take in place of .03. The same input gives the same file. Throws as debtorName does.
 */
export function pain001(message: Message, transfers: readonly Transfer[]): string {
  const { messageId, createdAt, executionDate, debtor } = message;
  const from = debtorName(debtor.name);
  const totals = {
    NbOfTxs: String(transfers.length),
    CtrlSum: euroText(transfers.reduce((sum, { cents }) => sum + cents, 0)),
  };
  const batch = {
    PmtInfId: messageId,
    PmtMtd: "TRF",
    // One booking for each transfer, so that the bank's answer is about each.
    BtchBookg: "false",
    ...totals,
    PmtTpInf: { SvcLvl: { Cd: "SEPA" } },
    ReqdExctnDt: { Dt: executionDate },
    Dbtr: { Nm: from },
    DbtrAcct: { Id: { IBAN: debtor.iban } },
    // An institution must be named here, even where the IBAN says which one.
    DbtrAgt: { FinInstnId: debtor.bic ? { BICFI: debtor.bic } : { Othr: { Id: "NOTPROVIDED" } } },
    ChrgBr: "SLEV",
    CdtTrfTxInf: transfers.map(creditTransfer),
  };
  const header = { MsgId: messageId, CreDtTm: createdAt, ...totals, InitgPty: { Nm: from } };
  const namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";
  const builder = new XMLBuilder({ format: true, ignoreAttributes: false, suppressEmptyNode: true });
  return builder.build({
    "?xml": { "@_version": "1.0", "@_encoding": "UTF-8" },
    Document: { "@_xmlns": namespace, CstmrCdtTrfInitn: { GrpHdr: header, PmtInf: batch } },
  });
}

/** The name of whoever pays, as the file has it. Throws a Refusal where nothing of it is left. */
export function debtorName(name: string): string {
  const written = sepaText(name, 70);
  if (written) return written;
  throw new Refusal(`the name "${name}" has no sign that SEPA knows: give another with leads-cli pay account`);
}

function creditTransfer({ reference, cents, to }: Transfer) {
  return {
    PmtId: { InstrId: reference, EndToEndId: reference },
    Amt: { InstdAmt: { "@_Ccy": "EUR", "#text": euroText(cents) } },
    ...(to.bic ? { CdtrAgt: { FinInstnId: { BICFI: to.bic } } } : {}),
    // A name may be all signs that SEPA has not; banks refuse the whole file for one that is empty.
    Cdtr: { Nm: sepaText(to.name, 70) || reference },
    CdtrAcct: { Id: { IBAN: to.iban } },
    RmtInf: { Ustrd: sepaText(`Virement ${reference}`, 140) },
  };
}
