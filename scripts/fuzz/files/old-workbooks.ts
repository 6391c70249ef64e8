import { type Draw, damaged, goodRow, header } from "./draw.ts";

// Old workbooks, made byte by byte: texts by number, long runs, records that go on, chains that bite their tail.

const u16 = (...values: number[]) => Buffer.from(values.flatMap((value) => [value & 255, (value >> 8) & 255]));
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const record = (id: number, ...data: Buffer[]) => {
  const body = Buffer.concat(data);
  return Buffer.concat([u16(id, Math.min(body.length, 65_535)), body.subarray(0, 65_535)]);
};
const text = (value: string) => Buffer.concat([u16(value.length), Buffer.from([1]), Buffer.from(value, "utf16le")]);
const label = (row: number, column: number, value: string) => record(0x0204, u16(row, column, 0), text(value));
const shared = (row: number, column: number, index: number) => record(0x00fd, u16(row, column, 0), u32(index));
const bof = (type: number) => record(0x0809, u16(0x0600, type), Buffer.alloc(12));
const eof = record(0x000a);

/** An .xls file. */
export function xlsFile(draw: Draw): Uint8Array {
  const rows: Buffer[] = [header, goodRow].flatMap((cells, row) =>
    cells.map((value, column) => label(row, column, value)),
  );
  const records: Buffer[] = [];
  const many = (most: number, make: (at: number) => Buffer) => {
    for (let at = 0, count = draw.upTo(most); at < count; at += 1) rows.push(make(at));
  };
  const textsOf = (count: number, ...data: Buffer[]) => records.push(record(0x00fc, u32(count), u32(count), ...data));
  draw.one<unknown>(
    () => {
      textsOf(1, text("x".repeat(4000)));
      many(20_000, (at) => shared(2 + (at >> 3), at & 7, 0));
    },
    () => {
      const length = draw.pick([32_767, 32_768, 65_535]) as number;
      textsOf(1, u16(length), Buffer.from([0]), Buffer.alloc(8000, "x"));
      for (let left = length - 8000; left > 0; left -= 8000)
        records.push(record(0x003c, Buffer.from([0]), Buffer.alloc(Math.min(8000, left), "x")));
      many(60_000, (at) => shared(2 + (at >> 3), at & 7, 0));
    },
    () => many(8000, (at) => record(0x00bd, u16(2 + at, 0), Buffer.alloc(6 * 256, 3), u16(255))),
    () => many(300, (at) => record(0x00bd, u16(2 + at, 0), Buffer.alloc(6 * 10_000, 3), u16(9999))),
    () => many(20_000, (at) => record(0x00be, u16(2 + at, 0), Buffer.alloc(2 * 256), u16(255))),
    () => many(30_000, (at) => label(2 + at, 255, "x")),
    () => many(3000, (at) => label(2 + (at % 60_000), draw.below(70_000), draw.text())),
    () => many(3000, () => label(2 + draw.below(60_000), draw.below(10), draw.text())),
    () => many(50_000, () => bof(0x20)),
    () =>
      many(20_000, (at) =>
        Buffer.concat([
          record(0x0006, u16(2 + at, 0, 0), Buffer.from([0, 0, 0, 0, 0, 0, 255, 255]), Buffer.alloc(8)),
          record(0x0207, text("x")),
        ]),
      ),
    () =>
      many(20_000, (at) =>
        record(0x0006, u16(2 + at, 0, 0), Buffer.from([0, 0, 0, 0, 0, 0, 255, 255]), Buffer.alloc(8)),
      ),
    () => textsOf(0xffffffff, ...Array.from({ length: draw.upTo(8000) }, () => text("ab"))),
    () => textsOf(1, u16(4), Buffer.from([12]), u16(65_535), u32(0xffffffff), Buffer.from("ab")),
    () => {
      textsOf(3, text("a"));
      for (let at = draw.upTo(100_000); at > 0; at -= 1) records.push(record(0x003c));
    },
    () => records.push(record(0x002f, Buffer.alloc(6))),
    () => {
      for (let at = draw.upTo(80_000); at > 0; at -= 1) records.push(record(0x00e0, Buffer.alloc(20)));
    },
  );
  const sheets = draw.once(10) ? draw.upTo(2000) : 1;
  const name = Buffer.concat([Buffer.from([1, 0]), Buffer.from("A")]);
  const head = (at: number) =>
    Buffer.concat([
      bof(5),
      ...Array.from({ length: sheets }, () => record(0x0085, u32(at), u16(0), name)),
      ...records,
      eof,
    ]);
  const at = draw.once(10) ? draw.upTo(1e9) : head(0).length;
  const file = compoundFile(Buffer.concat([head(at), bof(0x10), ...rows, ...(draw.once(20) ? [] : [eof])]), draw);
  return draw.once(5) ? damaged(file, draw) : file;
}

const sector = 512;
const endOfChain = 0xfffffffe;

/** The file around the stream of a workbook. */
function compoundFile(stream: Buffer, draw: Draw): Uint8Array {
  const length = Math.max(stream.length, 4096);
  const count = Math.ceil(length / sector);
  let tables = 1;
  while (tables * 128 < count + 1 + tables) tables += 1;
  const chain = Buffer.alloc(tables * sector, 255);
  for (let at = 0; at < count; at += 1) chain.writeUInt32LE(at + 1 === count ? endOfChain : at + 1, 4 * at);
  chain.writeUInt32LE(endOfChain, 4 * count);
  for (let at = 0; at < tables && 4 * (count + 1 + at) + 4 <= chain.length; at += 1)
    chain.writeUInt32LE(0xfffffffd, 4 * (count + 1 + at));
  if (draw.once(12)) chain.writeUInt32LE(draw.below(count), 4 * draw.below(count));
  const head = Buffer.alloc(sector, 255);
  Buffer.from("d0cf11e0a1b11ae1", "hex").copy(head);
  head.fill(0, 8, 76);
  head.writeUInt16LE(0x3e, 24);
  head.writeUInt16LE(3, 26);
  head.writeUInt16LE(0xfffe, 28);
  head.writeUInt16LE(draw.once(20) ? draw.below(40) : 9, 30);
  head.writeUInt16LE(6, 32);
  head.writeUInt32LE(Math.min(tables, 109), 44);
  head.writeUInt32LE(count, 48);
  head.writeUInt32LE(4096, 56);
  head.writeUInt32LE(endOfChain, 60);
  head.writeUInt32LE(draw.once(20) ? draw.below(count) : endOfChain, 68);
  for (let at = 0; at < Math.min(tables, 109); at += 1) head.writeUInt32LE(count + 1 + at, 76 + 4 * at);
  const directory = Buffer.alloc(sector);
  const entry = (at: number, name: string, kind: number, start: number, bytes: number) => {
    directory.write(name, 128 * at, "utf16le");
    directory.writeUInt16LE(2 * name.length + 2, 128 * at + 64);
    directory[128 * at + 66] = kind;
    directory.writeUInt32LE(start, 128 * at + 116);
    directory.writeUInt32LE(bytes, 128 * at + 120);
  };
  entry(0, "Root Entry", 5, endOfChain, 0);
  entry(1, "Workbook", 2, 0, draw.once(20) ? draw.upTo(0xffffffff) : length);
  const body = Buffer.alloc(count * sector);
  stream.copy(body);
  return new Uint8Array(Buffer.concat([head, body, directory, chain]));
}
