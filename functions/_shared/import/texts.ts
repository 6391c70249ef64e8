import { ImportRefusal } from "./refusal.ts";
import { checkedCell } from "./rows-builder.ts";
import { damaged } from "./zip.ts";

/** The texts that the cells of a workbook name by number, since many have the same. */
export type Texts = {
  add: (text: string) => void;
  /** Hands on the bytes of a text. */
  give: (index: number, to: (bytes: Uint8Array, from: number, end: number) => void) => void;
};

const megabyte = 1024 * 1024;
/** They are held beside the file, since any cell may name any of them. */
const largestHeld = 72 * megabyte;
const encoder = new TextEncoder();

/**
 * An empty collection of texts, `mostBytes` in all at most, beside a file of `fileBytes`. Throws an ImportRefusal where they
 * are more than can be held, or where a cell names one that is not there.
 */
export function sharedTexts(fileBytes: number, mostBytes: number): Texts {
  const room = largestHeld - fileBytes;
  // As large as it may become: what is not written takes no memory.
  const all = new Uint8Array(Math.min(room, mostBytes));
  let ends = new Uint32Array(1024);
  let count = 0;
  return {
    add: (text) => {
      if (count + 1 === ends.length) {
        const larger = new Uint32Array(2 * ends.length);
        larger.set(ends);
        ends = larger;
      }
      const from = ends[count] as number;
      const { read, written } = encoder.encodeInto(checkedCell(text), all.subarray(from));
      if (read < text.length || from + written + ends.byteLength > room) throw tooManyTexts();
      count += 1;
      ends[count] = from + written;
    },
    give: (index, to) => {
      if (!(Number.isInteger(index) && index >= 0 && index < count)) throw damaged();
      to(all, ends[index] as number, ends[index + 1] as number);
    },
  };
}

function tooManyTexts(): ImportRefusal {
  const message =
    `Les textes de ce classeur sont trop nombreux (${largestHeld / megabyte} Mo au plus avec le fichier lui-même) :` +
    " découpez-le, ou enregistrez-le en « CSV UTF-8 ».";
  return new ImportRefusal("unpacks_to_too_much", message);
}
