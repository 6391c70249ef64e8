import { ImportRefusal } from "./refusal.ts";

/** UTF-8 whose bytes were taken for Windows-1252 and encoded once more, as converters and databases do. */
export const twiceUtf8 = "utf-8-twice";

// What the Web's decoders lack: MS-DOS, as Excel's « CSV (MS-DOS) » writes it.
const accents = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ";
const latin = "áíóúñÑªº¿";
const dos850 =
  `${accents}ø£Ø×ƒ${latin}®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀` +
  "ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u00ad±‗¾¶§÷¸°¨·¹³²■\u00a0";
const dosLetters: Readonly<Record<string, string>> = {
  cp437:
    `${accents}¢£¥₧ƒ${latin}⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀` +
    "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0",
  cp850: dos850,
  cp858: dos850.replace("ı", "€"),
};

/** Names that people and programs give to encodings and the Web does not know, without signs between the letters. */
const aliases: Readonly<Record<string, string>> = {
  ...{ macroman: "macintosh", xmacroman: "macintosh", macosroman: "macintosh", "10000": "macintosh" },
  ...{ dos: "cp850", msdos: "cp850", oem: "cp850", oem850: "cp850", ibm850: "cp850", "850": "cp850" },
  ...{ ibm437: "cp437", oem437: "cp437", "437": "cp437", ibm858: "cp858", ibm00858: "cp858", "858": "cp858" },
  ...{ ansi: "windows-1252", win1252: "windows-1252", "1252": "windows-1252" },
  ...{ win1250: "windows-1250", "1250": "windows-1250", latin9: "iso-8859-15" },
  ...{ utf8sig: "utf-8", utf8bom: "utf-8", utf8withbom: "utf-8", "65001": "utf-8" },
  ...{ utf16: "utf-16le", unicode: "utf-16le", utf8twice: twiceUtf8 },
};

/** The one name of an encoding that people may call in many ways. Throws an ImportRefusal for one that is not known. */
export function encodingNamed(asked: string): string {
  const key = asked.toLowerCase().replace(/[^a-z0-9]/g, "");
  const own = aliases[key] ?? key;
  const found = own === twiceUtf8 || own in dosLetters ? own : (webEncoding(own) ?? webEncoding(asked.trim()));
  if (found !== undefined) return found;
  const message = `L'encodage « ${asked} » est inconnu : utf-8, utf-16le, utf-16be, windows-1252, windows-1250, iso-8859-15, macintosh, cp850, cp437…`;
  throw new ImportRefusal("unknown_encoding", message);
}

function webEncoding(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Stands for a byte that stands for nothing. */
export const noLetter = "\ufffd";

const known = new Map<string, string>();

/** What the bytes from 128 to 255 stand for, where a byte is a letter; undefined for other encodings. */
export function highLetters(encoding: string): string | undefined {
  const kept = known.get(encoding) ?? dosLetters[encoding] ?? decodedLetters(encoding);
  if (kept !== undefined) known.set(encoding, kept);
  return kept;
}

function decodedLetters(encoding: string): string | undefined {
  if (!/^(windows-125\d|iso-8859-\d+|macintosh|koi8-.|ibm866|x-mac-cyrillic)$/.test(encoding)) return undefined;
  // As a stream: at one go Node takes Windows-1252 for ISO-8859-1.
  const letters = new TextDecoder(encoding).decode(
    Uint8Array.from({ length: 128 }, (_, at) => 128 + at),
    { stream: true },
  );
  // The Web has control characters where Windows has nothing.
  return letters.replace(/[\u0080-\u009f]/g, noLetter);
}
