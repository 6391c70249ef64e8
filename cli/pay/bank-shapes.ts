import * as z from "zod";
import { centsOfXml } from "./sepa-text.ts";

// What camt and pain.002 have in common.

/** What may be left out, or be there and empty. */
export function optional<T extends z.ZodType>(shape: T) {
  return z.preprocess((value) => (value === "" ? undefined : value), shape.optional());
}

export const amount = z.object({ "#text": z.string(), "@_Ccy": z.string() });

/** A code of ISO's lists, or of the bank's own: in the older versions it may stand without a tag. */
export const code = z
  .union([z.string(), z.object({ Cd: z.string() }), z.object({ Prtry: z.string() })])
  .transform((found) => (typeof found === "string" ? found : "Cd" in found ? found.Cd : found.Prtry));

/** Why a part is not what it should be: the field and what is wrong with it. */
export function whyNot({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join("/")}: ${issue?.message}`;
}

const ownReference = /^VP-\d{4}-\d{2}-\d+$/;

/** The name of a transfer among those that a bank gives it: one of ours, else the first that is any. */
export function referenceAmong(...names: (string | undefined)[]): string | undefined {
  const found = names.map((name) => name?.trim()).filter((name) => name && name !== "NOTPROVIDED");
  return found.find((name) => name && ownReference.test(name)) ?? found[0];
}

/** The first of these amounts in euros: payouts are in no other currency. Or why there is none. */
export function centsAmong(...amounts: (z.infer<typeof amount> | undefined)[]): number | string {
  const found = amounts.filter((each) => each !== undefined);
  const euros = found.filter((each) => each["@_Ccy"] === "EUR");
  const cents = euros.map((each) => centsOfXml(each["#text"])).find((each) => each !== undefined);
  if (cents !== undefined) return cents;
  return euros.length === 0 && found[0] ? `in ${found[0]["@_Ccy"]}, not in euros` : "no amount that can be read";
}
