import { otherByStreams } from "./other-formats.ts";
import { damaged } from "./zip.ts";

// [MS-CFB]: a file of files in sectors, each chained to its next. Only what an old workbook needs of it is here.

const freeSector = 0xfffffffa;
const directoryEntry = 128;
const headerEntries = 109;
const headerBytes = 512;
const stream = 2;
const root = 5;

type Sectors = { file: Uint8Array; size: number; next: Uint32Array };

/** The first of the streams that is called one of `names`. Throws an ImportRefusal where there is none, or it is not whole. */
export function streamOf(file: Uint8Array, names: readonly string[]): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < headerBytes) throw damaged();
  const power = view.getUint16(30, true);
  if (power !== 9 && power !== 12) throw damaged();
  const size = 2 ** power;
  const sectors = { file, size, next: allocation(view, size) };
  const entries = directory(chained(sectors, view.getUint32(48, true)));
  const found = names
    .map((name) => entries.find((entry) => entry.name === name && entry.kind === stream))
    .find(Boolean);
  if (!found) throw otherByStreams(entries.map(({ name }) => name)) ?? damaged();
  if (found.length >= view.getUint32(56, true)) return chained(sectors, found.start, found.length);
  // Small streams lie in small sectors within the stream of the root, with chains of their own.
  const small = entries.find(({ kind }) => kind === root);
  if (!small) throw damaged();
  const chains = chained(sectors, view.getUint32(60, true));
  const next = new Uint32Array(chains.slice(0, chains.length & ~3).buffer);
  const whole = chained(sectors, small.start, small.length);
  return chained({ file: whole, size: 2 ** view.getUint16(32, true), next }, found.start, found.length, 0);
}

/** For each sector the one that comes after it. */
function allocation(view: DataView, size: number): Uint32Array {
  const perSector = size / 4;
  const count = Math.ceil(view.byteLength / size);
  const next = new Uint32Array(count).fill(freeSector);
  let filled = 0;
  const fill = (sector: number) => {
    const at = (sector + 1) * size;
    if (at + size > view.byteLength) throw damaged();
    for (let n = 0; n < perSector && filled < count; n += 1, filled += 1)
      next[filled] = view.getUint32(at + 4 * n, true);
  };
  for (let n = 0; n < headerEntries && filled < count; n += 1) {
    const sector = view.getUint32(76 + 4 * n, true);
    if (sector < freeSector) fill(sector);
  }
  // Where these are not enough, sectors of their own name more, the last number of each the next of them.
  let list = view.getUint32(68, true);
  for (let seen = 0; list < freeSector && filled < count; seen += 1) {
    const at = (list + 1) * size;
    if (seen > count || at + size > view.byteLength) throw damaged();
    for (let n = 0; n < perSector - 1 && filled < count; n += 1) {
      const sector = view.getUint32(at + 4 * n, true);
      if (sector < freeSector) fill(sector);
    }
    list = view.getUint32(at + size - 4, true);
  }
  return next;
}

/** The bytes of a chain, copied only where it does not lie in one piece; `header` sectors come before the first. */
function chained(
  { file, size, next }: Sectors,
  start: number,
  length = Number.POSITIVE_INFINITY,
  header = 1,
): Uint8Array {
  if (length === 0) return new Uint8Array();
  const order: number[] = [];
  let inOnePiece = true;
  for (let sector = start; sector < freeSector && order.length * size < length; sector = next[sector] ?? freeSector) {
    // No chain is longer than there are sectors, unless it bites its tail.
    if (order.length > next.length || sector >= next.length) throw damaged();
    inOnePiece &&= order.length === 0 || sector === (order.at(-1) as number) + 1;
    order.push(sector);
  }
  const bytes = Math.min(length, order.length * size);
  if (length !== Number.POSITIVE_INFINITY && bytes < length) throw damaged();
  const place = (sector: number) => (sector + header) * size;
  const first = place(order[0] ?? 0);
  if (inOnePiece) {
    if (first + bytes > file.length + size) throw damaged();
    return file.subarray(first, first + bytes);
  }
  const whole = new Uint8Array(bytes);
  order.forEach((sector, at) => {
    const from = place(sector);
    whole.set(file.subarray(from, from + Math.min(size, bytes - at * size)), at * size);
  });
  return whole;
}

type Entry = { name: string; kind: number; start: number; length: number };

function directory(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder("utf-16le");
  const entries: Entry[] = [];
  for (let at = 0; at + directoryEntry <= bytes.length; at += directoryEntry) {
    const nameBytes = Math.min(64, Math.max(2, view.getUint16(at + 64, true))) - 2;
    entries.push({
      name: decoder.decode(bytes.slice(at, at + nameBytes)),
      kind: view.getUint8(at + 66),
      start: view.getUint32(at + 116, true),
      length: view.getUint32(at + 120, true),
    });
  }
  return entries;
}
