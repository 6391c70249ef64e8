import { parse } from "csv-parse/sync";
import { expect, it } from "vitest";
import { read, utils } from "xlsx";
import type { ExportFormat } from "../../functions/_shared/export/formats.ts";
import type { Table } from "../../functions/_shared/export/table.ts";
import { tableFile } from "../../functions/_shared/export/table-file.ts";

// Rows of any kind as a file: more columns than the alphabet has letters, another name, another zone.

type Line = string[];
type Payment = { receipt: string; amount: number; at: string };
const months = Array.from({ length: 26 }, (_, n) => `m${n + 1}`);
const payments: Table<Payment> = {
  sheet: 'Loyers & "dettes"',
  zone: "Africa/Porto-Novo",
  columns: [
    { name: "receipt", label: "reçu", cell: ({ receipt }) => receipt },
    { name: "at", label: "payé le", cell: ({ at }) => ({ instant: at }) },
    ...months.map((name) => ({ name, label: name.toUpperCase(), cell: ({ amount }: Payment) => amount })),
  ],
};
const row: Payment = { receipt: "2026-000001", amount: 5000, at: "2026-07-31T23:30:00Z" };

async function fileOf(format: ExportFormat, excel = false): Promise<Buffer> {
  async function* batches() {
    yield [row];
    yield [{ ...row, receipt: "=1+1" }];
  }
  const stream = tableFile(payments, batches(), { format, excel }) as unknown as AsyncIterable<Uint8Array>;
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

it("as CSV for programs and for people", async () => {
  const [head, first, second]: Line[] = parse(await fileOf("csv"));
  expect([head?.[0], head?.[27]]).toEqual(["receipt", "m26"]);
  expect(first?.slice(0, 3)).toEqual(["2026-000001", "2026-07-31T23:30:00Z", "5000"]);
  expect(second?.[0]).toBe("'=1+1");
  const french: Line[] = parse(await fileOf("csv", true), { delimiter: ";", bom: true });
  expect(french[0]?.[27]).toBe("M26");
  // One hour later than UTC, in summer as in winter.
  expect(french[1]?.slice(0, 3)).toEqual(["2026-000001", "01/08/2026 00:30:00", "5000"]);
});

it("as a workbook", async () => {
  const { SheetNames, Sheets } = read(await fileOf("xlsx"), { cellDates: true, UTC: true } as object);
  expect(SheetNames).toEqual(['Loyers & "dettes"']);
  const [head, first] = utils.sheet_to_json<unknown[]>(Object.values(Sheets)[0] as never, { header: 1 });
  expect(head?.[27]).toBe("M26");
  expect([first?.[0], first?.[1], first?.[27]]).toEqual(["2026-000001", new Date("2026-08-01T00:30:00Z"), 5000]);
});
