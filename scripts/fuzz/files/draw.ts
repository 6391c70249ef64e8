import { type Random, randomOf } from "../../chaos/random.ts";

/** Draws for one file. */
export type Draw = Random & {
  /** A whole number, small ones as often as those near `most`. */
  upTo: (most: number) => number;
  /** Whether a thing that comes once in `n` times comes now. */
  once: (n: number) => boolean;
  /** One of the ways to make something, made. */
  one: <Made>(...ways: (() => Made)[]) => Made;
  /** A cell's text: sound, odd or long. */
  text: () => string;
  /** The same again and again. */
  repeat: (piece: string, most: number) => string;
};

const odd = [
  "",
  " ",
  "=1+1",
  "#REF!",
  "#N/A",
  "é€œ",
  "漢字",
  "😀",
  "\ufeff",
  "\u200b",
  "0",
  "-1",
  "1e308",
  "NaN",
  "'",
  '"',
  "A\tB",
  "x".repeat(300),
];
const sound = ["Durand", "a@example.test", "0639980112", "Isolation", "Bretagne", "Rennes", "2026-02-10", "oui"];

export const header = ["nom", "email", "secteur", "région", "téléphone", "notes"];
export const goodRow = ["Durand", "a@example.test", "Isolation", "Bretagne", "0639980112", ""];

/** Draws of a file of a run, the same each time. */
export function drawFor(seed: number, index: number): Draw {
  const random = randomOf("file", seed, index);
  const upTo = (most: number) => random.below(1 + Math.max(1, Math.round(most / 10 ** random.below(4))));
  const pickOf = <Item>(items: readonly Item[]) => random.pick(items) as Item;
  return {
    ...random,
    upTo,
    once: (n) => random.below(n) === 0,
    one: (...ways) => pickOf(ways)(),
    text: () => pickOf(random.below(3) === 0 ? odd : sound),
    repeat: (piece, most) => piece.repeat(upTo(most)),
  };
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A file with some of its bytes changed, taken out, or cut off at the end. */
export function damaged(bytes: Uint8Array, draw: Draw): Uint8Array {
  const copy = bytes.slice();
  for (let n = draw.below(8); n >= 0 && copy.length > 0; n -= 1) copy[draw.below(copy.length)] = draw.below(256);
  return draw.once(3) ? copy.subarray(0, draw.below(copy.length + 1)) : copy;
}
