import { expect, it } from "vitest";
import { type FilePlace, type TextRow, textRow } from "../../functions/_shared/import/rows.ts";
import { workbookOf } from "../support/workbook.ts";
import { bytesOf, openImportFile } from "./reading.ts";

// A large file is read slice by slice, each by who has nothing of the one before but where it ended.

const wish = { asked: new Map(), saved: new Map() };
const header = ["Nom", "E-mail", "Secteur", "Région", "Commentaires"];
// Long ones: a batch is a quarter of a megabyte.
const rows = Array.from({ length: 6000 }, (_, n) =>
  n % 7 === 3
    ? ["", "", "", "", ""]
    : [`Nom${n}`, `a${n}@exemple.fr`, "Isolation", "Bretagne", `${"é".repeat(90)}"${n}\n;"`],
);
const csv = [header, ...rows]
  .map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(";"))
  .join("\r\n");

const inPieces = (file: Uint8Array) =>
  Array.from({ length: Math.ceil(file.length / 65_536) }, (_, n) => file.subarray(n * 65_536, (n + 1) * 65_536));

/** The first batch after a place, and where the next begins; undefined where nothing is left. */
async function slice(file: Uint8Array, from: FilePlace | undefined) {
  const opened = await openImportFile(inPieces(file), wish, from);
  try {
    for (;;) {
      const { value, done } = await opened.rows.next();
      if (done) return undefined;
      const { rows, place } = value;
      const line = rows.lines.at(-1);
      if (line === undefined) continue;
      const texts = Array.from(rows.lines, (_, row): TextRow => textRow(rows, row));
      // As the database keeps it.
      return { texts, place: JSON.parse(JSON.stringify(place ?? { line })) as FilePlace };
    }
  } finally {
    await opened.rows.return(undefined);
  }
}

const manySheets = workbookOf([["Bonjour"]], [["Titre"], header, ...rows.map((cells) => cells.slice())]);

it.each([
  ["a CSV file", bytesOf(csv), 3],
  ["a workbook", workbookOf([header, ...rows]), 4],
  ["a workbook whose second sheet is read, with a title above its columns", manySheets, 4],
])("%s is the same in slices as in one go", async (_what, file, least) => {
  const whole: TextRow[] = [];
  for await (const batch of (await openImportFile(inPieces(file), wish)).rows) {
    whole.push(...Array.from(batch.rows.lines, (_, row) => textRow(batch.rows, row)));
  }
  const sliced: TextRow[] = [];
  let slices = 0;
  for (let found = await slice(file, undefined); found; found = await slice(file, found.place)) {
    sliced.push(...found.texts);
    slices += 1;
  }
  expect(slices).toBeGreaterThanOrEqual(least);
  expect(sliced).toEqual(whole);
});
