import { type BiffReader, biffReader, recordAt, records } from "./biff.ts";
import { streamOf } from "./compound-file.ts";
import { headOfSheet } from "./heads.ts";
import { type Epoch, kindOfFormat, type NumberKind } from "./numbers.ts";
import { sharedTexts, type Texts } from "./texts.ts";
import { xlsRows } from "./xls-sheet.ts";
import type { Workbook } from "./xlsx.ts";
import { damaged } from "./zip.ts";

/** What is told of an old workbook before its sheets; `view` is of a sheet's own records. */
export type XlsContext = {
  view: DataView;
  fileBytes: number;
  /** Texts have 16-bit letters, where older ones have bytes of a code page. */
  isUnicode: boolean;
  decoder: TextDecoder;
  texts: Texts;
  kinds: readonly NumberKind[];
  epoch: Epoch;
};

const versions = { excel95: 0x0500, excel97: 0x0600 };
const mostSheets = 1000;
const mostStyles = 65_536;
const worksheet = 0;

/** Opens an old workbook (.xls of Excel 95 to 2003). Throws an ImportRefusal where it is damaged or protected. */
export function openXls(file: Uint8Array): Workbook {
  try {
    const stream = streamOf(file, ["Workbook", "WORKBOOK", "Book", "BOOK"]);
    const { sheets, context } = readGlobals(new DataView(stream.buffer, stream.byteOffset, stream.byteLength));
    if (sheets.length === 0) throw damaged();
    return {
      sheets: sheets.map(({ name, hidden, at, end }) => {
        const rows = () => xlsRows(context, at, end);
        return { name, hidden, head: () => headOfSheet(rows), rows };
      }),
      epoch: context.epoch,
    };
  } catch (error) {
    throw outOfBounds(error);
  }
}

/** What says that there are more bytes than there are is damage. */
export function outOfBounds(error: unknown): unknown {
  return error instanceof RangeError ? damaged() : error;
}

type Sheet = { name: string; hidden: boolean; at: number; end: number };

function readGlobals(view: DataView): { sheets: Sheet[]; context: XlsContext } {
  const first = recordAt(view, 0);
  const version = first && first.id === records.begin ? view.getUint16(first.from, true) : 0;
  if (version !== versions.excel95 && version !== versions.excel97) throw damaged();
  const isUnicode = version === versions.excel97;
  const sheets: { record: BiffReader; hidden: boolean; at: number }[] = [];
  // Of charts as well: where one begins another has ended.
  const begins = new Set<number>();
  const codes = new Map<number, string>();
  const formats: number[] = [];
  let texts = sharedTexts(view.byteLength, 0);
  let decoder = new TextDecoder("windows-1252");
  let epoch: Epoch = 1900;
  const shortText = (reader: BiffReader, length: number) => textOf(reader, length, isUnicode, decoder);
  for (let record = first; record && record.id !== records.end; record = recordAt(view, record.to)) {
    const reader = biffReader(view, record);
    if (record.id === records.password) throw damaged();
    else if (record.id === records.date1904) epoch = reader.u16() === 1 ? 1904 : 1900;
    else if (record.id === records.codePage) decoder = decoderOf(reader.u16());
    else if (record.id === records.format) {
      const id = reader.u16();
      codes.set(id, shortText(reader, isUnicode ? reader.u16() : reader.u8()));
    } else if (record.id === records.style) {
      reader.skip(2);
      formats.push(reader.u16());
    } else if (record.id === records.sheet) {
      const at = reader.u32();
      const hidden = (reader.u8() & 3) !== 0;
      if (reader.u8() === worksheet && !begins.has(at)) sheets.push({ record: reader, hidden, at });
      begins.add(at);
    } else if (record.id === records.texts) texts = readTexts(view.byteLength, reader);
    if (begins.size > mostSheets || formats.length > mostStyles || codes.size > mostStyles) throw damaged();
  }
  const kinds = formats.map((id) => kindOfFormat(id, codes.get(id)));
  const endOf = (at: number) => Math.min(view.byteLength, ...[...begins].filter((other) => other > at));
  return {
    sheets: sheets.map(({ record, ...sheet }) => ({
      ...{ ...sheet, end: endOf(sheet.at) },
      name: shortText(record, record.u8()),
    })),
    context: { view, fileBytes: view.byteLength, isUnicode, decoder, texts, kinds, epoch },
  };
}

/** A text of so many letters, or bytes of the workbook's code page. */
export function textOf(reader: BiffReader, length: number, isUnicode: boolean, decoder: TextDecoder): string {
  if (isUnicode) return reader.letters(length, (reader.u8() & 1) === 1);
  const bytes = Uint8Array.from(reader.letters(length, false), (letter) => letter.charCodeAt(0));
  return decoder.decode(bytes);
}

const macintosh = [10_000, 0x8000];

function decoderOf(codePage: number): TextDecoder {
  try {
    return new TextDecoder(macintosh.includes(codePage) ? "macintosh" : `windows-${codePage}`);
  } catch {
    return new TextDecoder("windows-1252");
  }
}

const flags = { wide: 1, phonetic: 4, rich: 8 };

function readTexts(fileBytes: number, reader: BiffReader): Texts {
  // A letter may be one byte, and up to three in UTF-8.
  const texts = sharedTexts(fileBytes, 3 * fileBytes);
  reader.skip(4);
  for (let count = reader.u32(); count > 0 && reader.hasMore(); count -= 1) {
    const length = reader.u16();
    const kind = reader.u8();
    const runs = kind & flags.rich ? reader.u16() : 0;
    const phonetic = kind & flags.phonetic ? reader.u32() : 0;
    texts.add(reader.letters(length, (kind & flags.wide) !== 0).replaceAll("\0", ""));
    reader.skip(4 * runs + phonetic);
  }
  return texts;
}
