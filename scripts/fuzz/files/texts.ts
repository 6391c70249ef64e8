import { gzipSync } from "node:zlib";
import { bytesOf, type Draw, damaged, goodRow, header } from "./draw.ts";
import { type ZipPart, zipFile } from "./zip-file.ts";

// Texts, alone and packed: quotes, line ends, separators and letters where nobody expects them.

/** A CSV file. */
export function csvFile(draw: Draw): Uint8Array {
  const separator = draw.pick([";", ",", "\t", "|"]) as string;
  const end = draw.pick(["\n", "\r\n", "\r"]) as string;
  const head = header.join(separator) + end;
  const row = goodRow.join(separator) + end;
  const cells = () => Array.from({ length: 1 + draw.below(12) }, () => draw.text());
  const quoted = () => cells().map((cell) => `"${cell.replaceAll('"', '""')}"`);
  const text = draw.one(
    () => head + draw.repeat(row, 20_000),
    () => head + row + draw.repeat('"', 3_000_000),
    () => `${head}${row}"${draw.repeat(draw.pick(["a", "\n", '""', "é"]) as string, 1_000_000)}`,
    () => head + draw.repeat(end, 3_000_000) + row,
    () => head + draw.repeat(`a${end}`, 800_000),
    () => head + draw.repeat(separator, 3000) + end + draw.repeat(separator.repeat(1999) + end, 1000),
    () => draw.repeat(`c${separator}`, 2500) + head + row,
    () => head + draw.repeat(`"${"é\n".repeat(draw.upTo(40_000))}"${separator}x${end}`, 20),
    () =>
      head +
      Array.from({ length: draw.upTo(300) }, () => (draw.once(2) ? quoted() : cells()).join(separator)).join(end),
    () => draw.repeat(end, 200) + draw.repeat(`titre${end}`, 80) + head + row,
    () => head + draw.repeat("x".repeat(draw.upTo(1_100_000)) + end, 5),
    () => draw.repeat(draw.pick(["", "\0", "<", "<!--", "%PDF", '{"a":', "\ufeff"]) as string, 100_000),
    () =>
      head + draw.repeat(`${"x".repeat(40_000)}${separator}a@example.test${separator}PV${separator}PACA${end}`, 100),
  );
  return draw.one(
    () => bytesOf(text),
    () => bytesOf(`\ufeff${text}`),
    () => new Uint8Array(Buffer.from(`\ufeff${text}`, "utf16le")).subarray(0, draw.once(2) ? undefined : -1),
    () => new Uint8Array(Buffer.from(text, "latin1")),
    () => damaged(bytesOf(text), draw),
  );
}

/** A .gz file. */
export function gzipFile(draw: Draw): Uint8Array {
  const packed = () => new Uint8Array(gzipSync(csvFile(draw)));
  return draw.one(
    packed,
    () => Buffer.concat([packed(), packed()]),
    () => Buffer.concat([packed(), bytesOf(draw.repeat("\0x", 100_000))]),
    () => new Uint8Array(gzipSync(packed())),
    () => damaged(packed(), draw),
    () =>
      new Uint8Array(
        gzipSync(Buffer.alloc(draw.upTo(60_000_000), draw.pick([" ", "a", "\n", ";", '"', "a;b\n"]) as string)),
      ),
  );
}

/** An archive of a text, or of what nobody would put in one. */
export function archiveFile(draw: Draw): Uint8Array {
  const text = (): ZipPart => ({ name: "leads.csv", content: csvFile(draw) });
  const zip = () => zipFile([text()]);
  return draw.one(
    zip,
    () => zipFile([{ ...text(), stored: true }]),
    () => zipFile([{ ...text(), told: draw.upTo(0xffffffff) }]),
    () => zipFile([{ name: "a.zip", content: zip() }]),
    () => zipFile([{ name: "a.gz", content: gzipFile(draw) }]),
    () => zipFile([text(), text()]),
    () => zipFile([text(), { ...text(), name: "autre.csv", shared: true }]),
    () => zipFile(Array.from({ length: draw.upTo(12_000) }, (_, at) => ({ name: `${at}`, content: new Uint8Array() }))),
    () => zipFile([{ name: draw.repeat("x/", 30_000), content: bytesOf("nom") }]),
    () => zipFile([{ name: "x.csv", content: new Uint8Array(draw.upTo(60_000_000)) }]),
    () => zipFile([{ ...text(), flags: draw.below(65_536) }]),
    () => zipFile([text()], "PK\x05\x06".repeat(draw.upTo(16_000))),
    () => damaged(zip(), draw),
  );
}
