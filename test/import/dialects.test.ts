import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { workbookOf } from "../support/workbook.ts";
import { readAll } from "./reading.ts";

// Whatever stands in a table, and in whatever dialect it is written: it comes back the same.

const header = ["nom", "email", "secteur", "région", "notes"];

/** A text that a file may hold: any letters, and what has a meaning in CSV more often than not. */
const cell = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('"', ";", ",", "|", "\t", "\n", "\r", "'", " ", "a", "é"), maxLength: 8 }),
);
const latinCell = fc.string({ unit: fc.constantFrom(..."aé€œ’\"';,|\t\n\r ÿ".split("")), maxLength: 8 });
/** A row is never empty: an empty one is left out. */
const rowOf = (cells: fc.Arbitrary<string>) =>
  fc.tuple(cells, cells, cells, cells, cells).map(([first, ...rest]) => [`x${first}`, ...rest]);
const tableOf = (cells: fc.Arbitrary<string>) => fc.array(rowOf(cells), { minLength: 1, maxLength: 8 });

const dialect = fc.record({
  delimiter: fc.constantFrom(";", ",", "\t", "|"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  quoteAll: fc.boolean(),
  lastLineEnd: fc.boolean(),
  packed: fc.boolean(),
  piece: fc.integer({ min: 1, max: 400 }),
});
type Dialect = typeof dialect extends fc.Arbitrary<infer Value> ? Value : never;

function written(table: string[][], { delimiter, lineEnd, quoteAll, lastLineEnd }: Dialect): string {
  const cellText = (cell: string) =>
    quoteAll || cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  return table.map((row) => row.map(cellText).join(delimiter)).join(lineEnd) + (lastLineEnd ? lineEnd : "");
}

async function* inPieces(bytes: Uint8Array, length: number) {
  for (let at = 0; at < bytes.length; at += length) yield bytes.slice(at, at + length);
}

/** The lines on which the rows of a written table begin, as an editor counts them. */
function linesOf(table: string[][]): number[] {
  let line = 2;
  return table.map((row) => {
    const own = line;
    line += 1;
    for (const text of row) line += (text.match(/\r\n|\r|\n/g) ?? []).length;
    return own;
  });
}

async function comesBack(table: string[][], how: Dialect, bytes: Uint8Array, encoding?: string) {
  const file = how.packed ? new Uint8Array(gzipSync(bytes)) : bytes;
  const { rows, reading } = await readAll(inPieces(file, how.piece), { encoding });
  expect(rows).toEqual(table.map((cells, at) => ({ cells, line: linesOf(table)[at] })));
  expect(reading.delimiter).toBe(how.delimiter);
}

const utf8 = (text: string) => new TextEncoder().encode(text);

it("in UTF-8, with a mark and without", async () => {
  await fc.assert(
    fc.asyncProperty(tableOf(cell), dialect, fc.constantFrom("", "\ufeff"), (table, how, mark) =>
      comesBack(table, how, utf8(mark + written([header, ...table], how))),
    ),
    { numRuns: 300 },
  );
});

it("in UTF-16, in both orders", async () => {
  await fc.assert(
    fc.asyncProperty(tableOf(cell), dialect, fc.boolean(), (table, how, swap) => {
      const bytes = Buffer.from(`\ufeff${written([header, ...table], how)}`, "utf16le");
      return comesBack(table, how, new Uint8Array(swap ? bytes.swap16() : bytes));
    }),
    { numRuns: 100 },
  );
});

it("in Windows-1252", async () => {
  const codes: Record<string, number> = { "€": 0x80, œ: 0x9c, "’": 0x92 };
  await fc.assert(
    fc.asyncProperty(tableOf(latinCell), dialect, (table, how) => {
      const text = written([header, ...table], how);
      const bytes = Uint8Array.from(text, (letter) => codes[letter] ?? letter.charCodeAt(0));
      return comesBack(table, how, bytes, "windows-1252");
    }),
    { numRuns: 100 },
  );
});

it("in a workbook", async () => {
  await fc.assert(
    fc.asyncProperty(tableOf(cell), async (table) => {
      const { rows } = await readAll(workbookOf([header, ...table]));
      const filled = (cells: string[]) => cells.slice(0, cells.findLastIndex((text) => text !== "") + 1);
      expect(rows.map(({ cells }) => filled(cells))).toEqual(table.map(filled));
    }),
    { numRuns: 100 },
  );
});
