import { deflateRawSync } from "node:zlib";
import { utils, type WorkSheet, write } from "xlsx";

type Cell = string | number | boolean | null | { t: "n"; v: number; z: string };

/** A workbook (.xlsx) of sheets, each given by its rows. */
export function workbookOf(...sheets: Cell[][][]): Uint8Array<ArrayBuffer> {
  const book = utils.book_new();
  sheets.forEach((rows, index) => {
    const sheet: WorkSheet = utils.aoa_to_sheet(rows);
    utils.book_append_sheet(book, sheet, `Feuille ${index + 1}`);
  });
  return new Uint8Array(write(book, { type: "array", bookType: "xlsx", compression: true }) as ArrayBuffer);
}

type Entry = { name: string; content: Uint8Array; told?: number };

/** A zip of entries; `told` is what its directory says an entry unpacks to, where that is a lie. */
export function zipOf(...entries: Entry[]): Uint8Array<ArrayBuffer> {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, told = content.length } of entries) {
    const deflated = deflateRawSync(content);
    const sizes = Buffer.alloc(14);
    sizes.writeUInt32LE(deflated.length, 4);
    sizes.writeUInt32LE(told, 8);
    sizes.writeUInt16LE(name.length, 12);
    // Version 2.0, no flags, deflated, no date; the checksum stays 0.
    const kind = Buffer.from([20, 0, 0, 0, 8, 0, 0, 0, 0, 0]);
    const file = [Buffer.from("PK\x03\x04", "latin1"), kind, sizes, Buffer.alloc(2), Buffer.from(name), deflated];
    const place = Buffer.alloc(16);
    place.writeUInt32LE(offset, 12);
    directory.push(Buffer.from("PK\x01\x02\x14\0", "latin1"), kind, sizes, place, Buffer.from(name));
    files.push(...file);
    offset += file.reduce((sum, part) => sum + part.length, 0);
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...files, ...directory, end]));
}

/** A workbook that is small and unpacks to `megabytes`. */
export function zipBomb(megabytes: number, told?: number): Uint8Array<ArrayBuffer> {
  const content = new Uint8Array(megabytes * 1024 * 1024);
  return zipOf(
    { name: "[Content_Types].xml", content: new TextEncoder().encode("<Types/>") },
    { name: "xl/worksheets/sheet1.xml", content, ...(told === undefined ? {} : { told }) },
  );
}
