import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvRows } from "../../functions/_shared/import/csv.ts";
import type { Bytes } from "../../functions/_shared/import/pieces.ts";
import { type Rows, type TextRow, textRow } from "../../functions/_shared/import/rows.ts";
import { rowsBuilder } from "../../functions/_shared/import/rows-builder.ts";
import { sheetRows } from "../../functions/_shared/import/xlsx-sheet.ts";
import { bytesOf, readAll } from "./reading.ts";

// A file comes in pieces, cut anywhere: what is read of it is the same, and every row is whole.

async function* inPieces(bytes: Uint8Array, ends: readonly number[]) {
  let from = 0;
  for (const end of [...ends, bytes.length]) {
    yield bytes.slice(from, end);
    from = end;
  }
}

const textsOf = (rows: Rows): TextRow[] => Array.from(rows.lines, (_, row) => textRow(rows, row));

async function collected(batches: AsyncIterable<{ rows: Rows }>): Promise<TextRow[]> {
  const texts: TextRow[] = [];
  for await (const { rows } of batches) texts.push(...textsOf(rows));
  return texts;
}

type Reader = (pieces: AsyncIterable<Uint8Array>) => Promise<TextRow[]>;
const csv: Reader = (pieces) => collected(csvRows(pieces, ";"));
const sheet: Reader = (pieces) =>
  collected(
    sheetRows(
      pieces,
      { unpacked: 1, fileBytes: 1e6 },
      { texts: (index) => bytesOf(`texte ${index}`), kinds: [], epoch: 1900 },
    ),
  );

const small: [string, Reader, string][] = [
  ["a text", csv, 'nom;"é ""œ""\r\n";€\r\n\r\n;;\r"a;b";c"d;\n😀;x'],
  [
    "a sheet",
    sheet,
    '<worksheet><sheetData><row r="2"><c r="B2" t="s"><v>1</v></c><c t="inlineStr"><is><t>é &amp; œ</t><t>€😀</t></is></c></row>' +
      '<row><c><v>12.5</v></c><c t="e"><v>#REF!</v></c><c r="D3" t="b"><v>1</v></c></row></sheetData></worksheet>',
  ],
];

describe.each(small)("%s is read alike", (_what, read, text) => {
  const bytes = bytesOf(text);
  const whole = read(inPieces(bytes, []));
  const everywhere = Array.from({ length: bytes.length - 1 }, (_, at) => at + 1);

  it("cut in two at every byte", async () => {
    expect((await whole).length).toBeGreaterThan(1);
    for (const at of everywhere) expect(await read(inPieces(bytes, [at])), `cut at ${at}`).toEqual(await whole);
  });

  it("in pieces of one byte", async () => {
    expect(await read(inPieces(bytes, everywhere))).toEqual(await whole);
  });
});

/** Rows whose cells tell where they belong, of different widths; some megabytes, so that they are handed on many times. */
const wide = Array.from({ length: 4000 }, (_, row) =>
  Array.from(
    { length: 1 + ((row * 7) % 23) },
    (_, column) => `${row + 1}/${column} ${"é".repeat((row * column) % 40)}`,
  ),
);
const expected = wide.map((cells, row) => ({ cells, line: row + 1 }));
const large: [string, Reader, string][] = [
  ["a text", csv, wide.map((cells) => `"${cells.join('";"')}"`).join("\r\n")],
  [
    "a sheet",
    sheet,
    `<worksheet><sheetData>${wide
      .map((cells) => `<row>${cells.map((text) => `<c t="str"><v>${text}</v></c>`).join("")}</row>`)
      .join("")}</sheetData></worksheet>`,
  ],
];

it.each(large)("%s that is handed on many times has only whole rows, wherever it is cut", async (_what, read, text) => {
  const bytes = bytesOf(text);
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(cuts, async (ends) => {
      expect(
        await read(
          inPieces(
            bytes,
            ends.sort((a, b) => a - b),
          ),
        ),
      ).toEqual(expected);
    }),
    { numRuns: 10 },
  );
});

it("rows that are collected cell by cell are whole, whenever they are taken", () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.string({ unit: "grapheme", minLength: 1, maxLength: 5 }).filter((t) => t.trim() !== ""),
    },
    { weight: 2, arbitrary: fc.constant("end of row" as const) },
    { weight: 2, arbitrary: fc.constant("take" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const rows = rowsBuilder(1e6);
      const taken: TextRow[] = [];
      const wanted: TextRow[] = [];
      let open: string[] = [];
      let line = 1;
      for (const each of [...steps, "end of row", "take"]) {
        if (each === "take") taken.push(...textsOf(rows.take()));
        else if (each === "end of row") {
          rows.endRow(line);
          if (open.length > 0) wanted.push({ cells: open, line });
          [open, line] = [[], line + 1];
        } else {
          rows.cell(each);
          open.push(each);
        }
      }
      expect(taken).toEqual(wanted);
    }),
    { numRuns: 500 },
  );
});

const files = ["list.csv.gz", "list.zip", "workbook.xlsx", "old-workbook.xls", "open-document.ods", "utf-16be.csv"];

it.each(files)("%s is read alike in pieces of one byte and cut anywhere", async (name) => {
  const bytes = new Uint8Array(readFileSync(new URL(`files/${name}`, import.meta.url)));
  const read = async (pieces: Bytes) => (await readAll(pieces)).rows;
  const whole = await read([bytes]);
  expect(whole.length).toBeGreaterThan(0);
  expect(
    await read(
      inPieces(
        bytes,
        Array.from({ length: bytes.length - 1 }, (_, at) => at + 1),
      ),
    ),
  ).toEqual(whole);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: bytes.length - 1 }), async (at) => {
      expect(await read(inPieces(bytes, [at])), `cut at ${at}`).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});
