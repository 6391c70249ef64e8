import { Buffer } from "node:buffer";
import { commonWords } from "./common-words.ts";
import { highLetters, noLetter } from "./encodings.ts";
import { ImportRefusal } from "./refusal.ts";

// Which letters the bytes beyond ASCII are is not written anywhere in a file of one byte a letter. It is told by how its
// words read: « Lefèvre » is a name, « LefŹvre » and « Lef‹vre » are none. Each encoding pays for each word by
// how odd it looks there, and the cheapest one is taken, unless another one that reads otherwise is nearly as cheap.

/** What an encoding pays beforehand: spreadsheets in France save the first one; the others have to be seen. */
const candidates: readonly (readonly [encoding: string, price: number])[] = [
  ["windows-1252", 0],
  ["iso-8859-15", 1],
  ["macintosh", 2],
  ["cp850", 2],
  ["cp437", 2.5],
  ["windows-1250", 2],
];
const oddWord = 12;
const clearBy = 3;
const mostWords = 2000;
const longestWord = 60;

/** Words with bytes beyond ASCII, one letter a byte. */
export type Words = Set<string>;

/** Adds what words a piece of text has; `whole`: no word of it is cut off at its start and its end. */
export function collectWords(words: Words, piece: Uint8Array, whole: { start: boolean; end: boolean }): void {
  if (words.size >= mostWords) return;
  const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
  // From one byte beyond ASCII to the next, and back to where its word begins: a pattern would look from every letter of a
  // long run to its end.
  let end = 0;
  for (let at = 0; at < bytes.length && words.size < mostWords; at += 1) {
    if ((bytes[at] as number) < 128) continue;
    let from = at;
    while (from > end && at - from <= longestWord && isLetter(bytes[from - 1] as number)) from -= 1;
    end = at + 1;
    while (end < bytes.length && isLetter(bytes[end] as number)) end += 1;
    const cut = (from === 0 && !whole.start) || (end === bytes.length && !whole.end);
    if (!cut && end - from <= longestWord) words.add(bytes.toString("latin1", from, end));
    at = end - 1;
  }
}

function isLetter(byte: number): boolean {
  return byte >= 128 || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
}

/**
 * The encoding in which the words read best; `own` are words that such texts are full of, beside the common ones. Throws an
 * ImportRefusal where two that read otherwise do.
 */
export function encodingOf(words: Words, own: ReadonlySet<string> = new Set()): string {
  const [best, ...others] = candidates
    .map(([encoding, price]) => {
      const read = [...words].map((word) => decoded(word, encoding));
      return { encoding, read, price: read.reduce((sum, word) => sum + priceOf(word, own), price) };
    })
    .sort((one, other) => one.price - other.price);
  if (!best) throw new Error("No candidates");
  const rivals = others.filter(
    ({ read, price }) => price < best.price + clearBy && read.some((word, at) => word !== best.read[at]),
  );
  if (rivals.length > 0) throw unclear([best, ...rivals]);
  return best.encoding;
}

function unclear(readings: { encoding: string; read: string[] }[]): ImportRefusal {
  const [first] = readings;
  const at = first?.read.findIndex((word, index) => readings.some(({ read }) => read[index] !== word)) ?? 0;
  const shown = readings.map(({ encoding, read }) => `« ${read[at]} » en ${encoding}`).join(", ");
  return new ImportRefusal(
    "encoding_unclear",
    `L'encodage de ce fichier n'est pas certain, un même mot s'y lit ${shown}. ` +
      `Indiquez le bon, par exemple --encoding ${first?.encoding}, ou enregistrez-le en « CSV UTF-8 ».`,
  );
}

function decoded(word: string, encoding: string): string {
  const letters = highLetters(encoding) ?? "";
  return word.replace(/[\x80-\xff]/g, (byte) => letters[byte.charCodeAt(0) - 128] as string);
}

/** How odd a word looks: 0 for one that is known, or is none; `oddWord` for one that cannot be. */
function priceOf(text: string, own: ReadonlySet<string>): number {
  if (text.includes(noLetter)) return 2 * oddWord;
  const parts = text.split(/(\P{L}+)/u);
  let price = 0;
  parts.forEach((part, at) => {
    if (at % 2 === 0) price += part === "" ? 0 : priceOfWord(part, own);
    else price += priceOfSigns(part, parts[at - 1] ?? "", parts[at + 1] ?? "");
  });
  return Math.min(price, 2 * oddWord);
}

function priceOfWord(word: string, own: ReadonlySet<string>): number {
  if (!/[^\0-\x7f]/.test(word)) return 0;
  const lower = word.toLowerCase();
  if (commonWords.has(lower) || own.has(lower)) return -5 + priceOfCase(word);
  const prices = languages.map((language) => priceIn(language, lower));
  return Math.min(oddWord, ...prices) + priceOfCase(word);
}

/** A capital inside a word is no way to write, a small letter among capitals is: « FRéDéRIC » is typed so. */
function priceOfCase(word: string): number {
  const small = /[a-z]/.test(word);
  if (small && /.(?![\0-\x7f])\p{Lu}/u.test(word)) return oddWord;
  return !small && /[A-Z].*[A-Z]/.test(word) && /(?![\0-\x7f])\p{Ll}/u.test(word) ? 3 : 0;
}

const elided = /^([ldcjnmtso]|qu|jusqu|lorsqu|puisqu|aujourd|presqu|entr)$/i;

/** Quotes, dashes and units have their places; what else stands beside letters was none. */
function priceOfSigns(signs: string, before: string, after: string): number {
  if (signs === "’" && before !== "" && after !== "") return elided.test(before) ? 0.5 : oddWord - 2;
  if (before !== "" && after !== "") return /^[\s\u00a0\u202f–—/·]+$/.test(signs) ? 1 : oddWord;
  if (/^[\s\u00a0\u202f«»–—€°’]+$/.test(signs)) return 1;
  if (/^[²³]$/.test(signs) && /(^|[^\p{L}])[mk]{1,2}$/u.test(before)) return 0;
  return before === "" && after === "" && /^[²³½¼…“”•©®™£§]+$/.test(signs) ? 4 : signs === "…" ? 4 : oddWord;
}

type Language = { price: number; letters: Readonly<Record<string, number>>; never?: RegExp };

const each = (letters: string, price: number) => Object.fromEntries([...letters].map((letter) => [letter, price]));

/** Letters beyond ASCII by how rare they are, and where they are never found. */
const languages: readonly Language[] = [
  {
    price: 0,
    letters: {
      ...{ é: 0.3, è: 1.5, ê: 2, ë: 2, à: 2, ç: 2, ï: 2.5, œ: 2.5 },
      ...{ ô: 3, î: 3, â: 3, û: 3, ù: 3, ü: 3, æ: 4, ÿ: 5 },
    },
    // è and ê are followed by a consonant, ç by a, o or u; ë, ï and ÿ keep two vowels apart.
    never:
      /[èê](?![bcdfghjklmnpqrstvwxyz])|[aeo]è|à.|^(?!où$).*ù|ç(?![aouâôàûã])|(?<![aeiouyéö])[ëïÿ](?![aeiouyé])|œ(?![uitdnlsgr])|æ(?![cetqs])|[âêîôû]{2}/,
  },
  { price: 4, letters: each("äöüß", 0.5), never: /[äöü]{2}/ },
  { price: 4, letters: each("áéíóúñü", 0.5) },
  { price: 4, letters: each("ãõáéíóúâêôç", 0.5), never: /[ãõ](?![eoisn]|$)|ç(?![aouáãõâóú])|ê(?!\p{L})/u },
  { price: 4, letters: each("àèéìòù", 0.5), never: /[àèéìòù].|[aeiouàèéìòù][èà]/ },
  { price: 4, letters: each("åäöøæ", 0.5), never: /[aeiouyæøå][øæå]|[øæå][aeiou]/ },
  { price: 6, letters: each("ąćęłńóśźż", 0.5) },
  { price: 6, letters: each("áčďéěíňóřšťúůýžäľĺôŕ", 0.5) },
  { price: 6, letters: each("čćđšž", 0.5) },
  { price: 6, letters: each("áéíóöőúüű", 0.5) },
  { price: 6, letters: each("ăâîşţ", 0.5) },
];

function priceIn({ price, letters, never }: Language, word: string): number {
  if (never?.test(word)) return oddWord;
  let sum = price;
  for (const letter of word) if (letter > "\x7f") sum += letters[letter] ?? oddWord;
  return sum;
}
