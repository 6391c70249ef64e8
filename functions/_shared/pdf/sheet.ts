import { type PDFDocument, type PDFFont, type PDFPage, rgb } from "@cantoo/pdf-lib";
import anyAscii from "any-ascii";
import * as arimo from "./arimo.generated.ts";
import { fontEngine } from "./font-engine.ts";

/** The page that is written on, and the fonts to write on it with. */
export type Sheet = { page: PDFPage; readonly plain: PDFFont; readonly bold: PDFFont };

/** How a line is written; `size` in points, 9 if not said, and `right` for one that ends at its place. */
export type Style = { size?: number; bold?: boolean; grey?: boolean; right?: boolean };

// A4, in points.
const [width, height] = [595.28, 841.89];

/** Where lines begin, and where they end. */
export const left = 56;
export const right = width - left;

/** The first line of a further page, and the last of any. */
export const top = 770;
export const bottom = 90;

/** A page of its own. The fonts are in the document, as one that is kept for years wants it. */
export async function newSheet(document: PDFDocument): Promise<Sheet> {
  document.registerFontkit(fontEngine);
  return {
    page: document.addPage([width, height]),
    // Six letters before a name are PDF's word for a part of a font.
    plain: await document.embedFont(arimo.regular, { customName: "SUBSET+Arimo-Regular" }),
    bold: await document.embedFont(arimo.bold, { customName: "SUBSET+Arimo-Bold" }),
  };
}

/** Goes on to another page, on which is written from now on. */
export function nextPage(sheet: Sheet): void {
  sheet.page = sheet.page.doc.addPage([width, height]);
}

/** Writes lines one below the other; empty ones take no room. */
export function writeAll(sheet: Sheet, lines: string[], x: number, y: number, style: Style = {}): void {
  for (const [at, line] of lines.filter(Boolean).entries()) write(sheet, line, x, y - at * 13, style);
}

/** Writes a line from `x` on, or up to `x`. */
export function write({ page, plain, bold }: Sheet, text: string, x: number, y: number, style: Style = {}): void {
  const font = style.bold ? bold : plain;
  const size = style.size ?? 9;
  const line = writable(text, font);
  const color = style.grey ? rgb(0.42, 0.45, 0.5) : rgb(0.1, 0.12, 0.16);
  page.drawText(line, { x: style.right ? x - font.widthOfTextAtSize(line, size) : x, y, size, font, color });
}

/** A line across the page. */
export function rule({ page }: Sheet, y: number): void {
  page.drawLine({ start: { x: left, y }, end: { x: right, y }, thickness: 0.6, color: rgb(0.8, 0.82, 0.85) });
}

const lettersOf = new WeakMap<PDFFont, Set<number>>();

/** The text in the letters that the font has: others become their nearest in ASCII. */
function writable(text: string, font: PDFFont): string {
  const known = lettersOf.get(font) ?? new Set(font.getCharacterSet());
  lettersOf.set(font, known);
  const has = (letter: string) => known.has(letter.codePointAt(0) ?? 0);
  return [...text.normalize("NFC").replace(/\s/gu, " ")]
    .map((letter) => (has(letter) ? letter : anyAscii(letter).replace(/[^ -~]/g, "?")))
    .join("");
}

/** A text as lines that have `room` points. */
export function wrapped(text: string, font: PDFFont, size: number, room: number): string[] {
  const fits = (line: string) => font.widthOfTextAtSize(writable(line, font), size) <= room;
  // A word that is longer than any line is cut.
  const parts = (word: string): string[] => {
    const middle = word.length >> 1;
    return fits(word) || middle === 0 ? [word] : [...parts(word.slice(0, middle)), ...parts(word.slice(middle))];
  };
  const lines: string[] = [];
  for (const word of text.split(" ").flatMap(parts)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
