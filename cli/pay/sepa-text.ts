import anyAscii from "any-ascii";

/**
 * A text in the characters that every SEPA bank takes (EPC217-08): unaccented letters, digits and / - ? : ( ) . , ' + and
 * space. At most `longest` characters; a slash neither begins nor ends it, and two do not follow each other.
 */
export function sepaText(text: string, longest: number): string {
  return anyAscii(text.normalize("NFC"))
    .replaceAll("&", "+")
    .replace(/[^A-Za-z0-9/\-?:().,'+ ]/g, " ")
    .replace(/\/{2,}/g, "/")
    .replace(/\s+/g, " ")
    .replace(/^[/ ]+/, "")
    .slice(0, longest)
    .replace(/[/ ]+$/, "");
}

/** An amount in cents as XML writes it: 1234.50. */
export function euroText(cents: number): string {
  if (!Number.isSafeInteger(cents) || cents <= 0) throw new Error(`${cents} is no amount in cents`);
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;
}

/** Cents out of an amount as XML writes it, with a point; undefined where it is none, or finer than a cent. */
export function centsOfXml(text: string): number | undefined {
  const found = /^(\d{1,13})(?:\.(\d{1,2})0*)?$/.exec(text.trim());
  return found ? centsFrom(found[1], found[2]) : undefined;
}

/** Cents out of an amount as people write it: 1 234,56 or 1,234.56. Undefined where it is none, or could be two: 1,234. */
export function centsOf(text: string): number | undefined {
  const compact = text.replace(/[\s\u00a0\u202f'€]|EUR/g, "").replace(/^\+/, "");
  const plain = /^(-?)(\d{1,13})(?:[.,](\d{1,2}))?$/.exec(compact);
  const grouped =
    /^(-?)(\d{1,3}(?:,\d{3}){1,3})\.(\d{2})$/.exec(compact) ?? /^(-?)(\d{1,3}(?:\.\d{3}){1,3}),(\d{2})$/.exec(compact);
  const [, sign, whole, decimals] = plain ?? grouped ?? [];
  if (whole === undefined) return undefined;
  const cents = centsFrom(whole.replace(/[.,]/g, ""), decimals);
  return sign && cents !== 0 ? -cents : cents;
}

function centsFrom(whole = "", decimals = ""): number {
  return Number(whole) * 100 + Number(decimals.padEnd(2, "0"));
}
