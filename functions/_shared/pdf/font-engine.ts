import type { PDFDocument } from "@cantoo/pdf-lib";

type FontEngine = Parameters<PDFDocument["registerFontkit"]>[0];
type Font = Extract<Awaited<ReturnType<FontEngine["create"]>>, { layout: unknown }>;

/** What pdf-lib asks of a TrueType font, and no more: letters side by side, without kerning or ligatures. */
export const fontEngine: FontEngine = { create: readFont };

function readFont(file: Uint8Array): Font {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const at = tables(view);
  const metricsCount = view.getUint16(at("hhea") + 34);
  const [minX = 0, minY = 0, maxX = 0, maxY = 0] = [36, 38, 40, 42].map((offset) => view.getInt16(at("head") + offset));
  const glyphs = new Map<number, ReturnType<Font["layout"]>["glyphs"][number]>();
  for (const [codePoint, id] of characters(view, at("cmap"))) {
    const advanceWidth = view.getUint16(at("hmtx") + 4 * Math.min(id, metricsCount - 1));
    glyphs.set(codePoint, { id, codePoints: [codePoint], advanceWidth });
  }
  const glyphForCodePoint = (codePoint: number) => glyphs.get(codePoint) ?? null;
  return {
    postscriptName: null,
    unitsPerEm: view.getUint16(at("head") + 18),
    ascent: view.getInt16(at("hhea") + 4),
    descent: view.getInt16(at("hhea") + 6),
    italicAngle: 0,
    xHeight: view.getInt16(at("OS/2") + 86),
    capHeight: view.getInt16(at("OS/2") + 88),
    bbox: { minX, minY, maxX, maxY, width: maxX - minX, height: maxY - minY },
    characterSet: [...glyphs.keys()],
    glyphForCodePoint,
    // What the font has not is not asked of it.
    layout: (text) => ({ glyphs: [...text].flatMap((letter) => glyphForCodePoint(letter.codePointAt(0) ?? 0) ?? []) }),
    createSubset: () => {
      throw new Error("the font is embedded whole");
    },
  };
}

/** Where each table begins. */
function tables(view: DataView): (name: string) => number {
  const found = new Map<string, number>();
  for (let entry = 12; entry < 12 + 16 * view.getUint16(4); entry += 16) {
    const name = [0, 1, 2, 3].map((offset) => String.fromCharCode(view.getUint8(entry + offset))).join("");
    found.set(name, view.getUint32(entry + 8));
  }
  return (name) => {
    const offset = found.get(name);
    if (offset === undefined) throw new Error(`the font has no table ${name}`);
    return offset;
  };
}

/** Code points and their glyphs, out of the table's first map, which is of format 4. */
function characters(view: DataView, cmap: number): [codePoint: number, glyph: number][] {
  const map = cmap + view.getUint32(cmap + 8);
  const size = view.getUint16(map + 6);
  // Lists of one length, with a gap after the first.
  const ends = map + 14;
  const starts = ends + size + 2;
  const deltas = starts + size;
  const ranges = deltas + size;
  const found: [number, number][] = [];
  for (let segment = 0; segment < size; segment += 2) {
    const start = view.getUint16(starts + segment);
    const range = view.getUint16(ranges + segment);
    for (let code = start; code <= view.getUint16(ends + segment) && code < 0xffff; code += 1) {
      const listed = range === 0 ? code : view.getUint16(ranges + segment + range + 2 * (code - start));
      const glyph = (listed + view.getUint16(deltas + segment)) & 0xffff;
      if (glyph !== 0) found.push([code, glyph]);
    }
  }
  return found;
}
