import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { read, utils } from "xlsx";
import type { ExportFormat } from "../../functions/_shared/export/formats.ts";
import { guarded, withoutGuard } from "../../functions/_shared/export/guard.ts";
import { type LeadRow, leadColumns } from "../../functions/leads/catalogue/lead-columns.ts";
import { leadFile } from "../../functions/leads/catalogue/lead-file.ts";

// What is in an exported file, as other programs read it.

const lead: LeadRow = {
  ...{ id: "lead-1", firstName: "Zoé", lastName: "Roy", email: "zoe@example.test", phone: "+33 6 12 34 56 78" },
  ...{ company: "Roy; Fils, « associés »", sector: "Isolation", region: "Île-de-France", city: null, source: null },
  ...{
    channel: "",
    score: 80,
    status: "qualified",
    qualificationStatus: "qualified",
    price: 1234.5,
    isExclusive: true,
  },
  ...{ createdAt: "2026-07-10T22:30:00.123456Z", updatedAt: "2026-02-10T14:30:00Z", hasAudioRecording: false },
  notes: 'Une\r\nsuite\tet "fin"',
  ...{ phone2: "+33 1 99 00 12 34", collectedAt: "2026-02-01T23:30:00Z" },
};

async function fileOf(format: ExportFormat, leads: LeadRow[], excel = false): Promise<Buffer> {
  async function* batches() {
    for (let at = 0; at < leads.length; at += 7) yield leads.slice(at, at + 7);
  }
  const pieces = leadFile(format, batches(), { excel }) as unknown as AsyncIterable<Uint8Array>;
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

const sheetOf = (file: Buffer) => {
  const { SheetNames, Sheets } = read(file, { type: "buffer", cellDates: true, UTC: true } as object);
  expect(SheetNames).toEqual(["Leads"]);
  return utils.sheet_to_json<unknown[]>(Sheets.Leads as never, { header: 1, defval: null });
};

describe("CSV", () => {
  it("for programs has the API's names and values", async () => {
    const text = (await fileOf("csv", [lead])).toString();
    const [head, row, ...more] = parse(text, { record_delimiter: "\r\n" });
    expect(head).toEqual(leadColumns.map(({ name }) => name));
    expect(row).toEqual([
      ...["lead-1", "Zoé", "Roy", "zoe@example.test", "+33 6 12 34 56 78", "Roy; Fils, « associés »", "Isolation"],
      ...["Île-de-France", "", "", "", "80", "qualified", "qualified", "2026-07-10T22:30:00.123456Z"],
      ...["2026-02-10T14:30:00Z", "1234.5", "true", "false", 'Une\r\nsuite\tet "fin"'],
      ...["+33 1 99 00 12 34", "2026-02-01T23:30:00Z"],
    ]);
    expect(more).toEqual([]);
  });

  it("for a French spreadsheet has its marks, its numbers, its hours and its names", async () => {
    const text = (await fileOf("csv", [lead], true)).toString();
    expect(text.startsWith("\ufeffidentifiant;prénom;nom;e-mail;téléphone;société;")).toBe(true);
    const [, row] = parse(text, { bom: true, delimiter: ";", record_delimiter: "\r\n" });
    expect(row).toEqual([
      ...["lead-1", "Zoé", "Roy", "zoe@example.test", "'+33 6 12 34 56 78", "Roy; Fils, « associés »", "Isolation"],
      ...["Île-de-France", "", "", "", "80", "qualified", "qualified", "11/07/2026 00:30:00", "10/02/2026 15:30:00"],
      ...["1234,5", "oui", "non", 'Une\r\nsuite\tet "fin"', "'+33 1 99 00 12 34", "02/02/2026 00:30:00"],
    ]);
    expect(text).toContain(";1234,5;");
  });

  it("without leads is its first line", async () => {
    expect((await fileOf("csv", [])).toString().trim().split("\r\n")).toHaveLength(1);
  });
});

describe("a workbook", () => {
  it("has numbers, booleans and dates as such, and telephones whole", async () => {
    const [head, row] = sheetOf(await fileOf("xlsx", [lead]));
    expect(head).toEqual(leadColumns.map(({ label }) => label));
    expect(row?.slice(4, 5)).toEqual(["+33 6 12 34 56 78"]);
    expect(row?.slice(8, 12)).toEqual([null, null, null, 80]);
    expect(new Date(row?.[14] as Date).toISOString().slice(0, 19)).toBe("2026-07-11T00:30:00");
    expect(row?.slice(16, 20)).toEqual([1234.5, true, false, 'Une\nsuite\tet "fin"']);
  });

  it("has every lead, over many batches", async () => {
    const leads = Array.from({ length: 500 }, (_, index) => ({ ...lead, id: `lead-${index}` }));
    const rows = sheetOf(await fileOf("xlsx", leads));
    expect(rows.slice(1).map(([id]) => id)).toEqual(leads.map(({ id }) => id));
  });
});

describe("formulas", () => {
  // What spreadsheets were seen to run (OWASP, CSV injection).
  const formulas = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\uff1d1+1",
    "+33 6*2",
  ];

  it.each(formulas)("%j is text in every format", async (formula) => {
    const leads = [{ ...lead, company: formula, phone: formula }];
    for (const excel of [false, true]) {
      const text = (await fileOf("csv", leads, excel)).toString();
      const [, row] = parse(text, { bom: true, delimiter: excel ? ";" : ",", record_delimiter: "\r\n" });
      expect([row?.[4], row?.[5]]).toEqual([`'${formula}`, `'${formula}`]);
    }
    const inCell = `'${formula.replace("\r", "\n")}`;
    expect(sheetOf(await fileOf("xlsx", leads))[1]?.slice(4, 6)).toEqual([inCell, inCell]);
  });

  it("are what they were when the mark is taken off, as is everything else", () => {
    const letters = fc.constantFrom("'", "=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "a", "1");
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 6 }), (text) => {
        expect(withoutGuard(guarded(text))).toBe(text);
        expect(guarded(text)).not.toMatch(/^[=+\-@\t\r\n\uff1d]/);
      }),
      { seed: 7, numRuns: 2000 },
    );
  });
});

it("a file whose rows cannot be read to their end breaks off, and is not taken for whole", async () => {
  for (const format of ["csv", "xlsx"] as const) {
    async function* batches() {
      yield [lead];
      throw new Error("no more");
    }
    const stream = leadFile(format, batches(), { excel: false }) as unknown as AsyncIterable<Uint8Array>;
    await expect(async () => {
      for await (const _ of stream);
    }).rejects.toThrow("no more");
  }
});

it("whoever stops reading ends the reading of the rows", async () => {
  for (const format of ["csv", "xlsx"] as const) {
    let ended = false;
    async function* batches() {
      try {
        for (;;) yield Array.from({ length: 1000 }, () => lead);
      } finally {
        ended = true;
      }
    }
    const reader = leadFile(format, batches(), { excel: false }).getReader();
    // The first piece of a CSV file is its head: no row has been asked for.
    await reader.read();
    await reader.read();
    await reader.cancel();
    await expect.poll(() => ended, { timeout: 15_000 }).toBe(true);
  }
});
