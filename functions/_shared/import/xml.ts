import { SaxesParser } from "saxes";
import { breather } from "./breath.ts";
import { cutTo } from "./pieces.ts";
import { ImportRefusal } from "./refusal.ts";
import { cellTooLong } from "./rows-builder.ts";
import { damaged } from "./zip.ts";

/** What is met on the way through a document; names are without their prefix. */
export type XmlEvents = {
  open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  text?: (text: string) => void;
  close?: (name: string) => void;
};

// A text or a tag that goes on for so long is an attack on the memory, and so are more attributes or tags in each other.
const longestSilence = 512 * 1024;
const mostAttributes = 500;
const deepest = 200;
// A few bytes of XML may be many of text: it is looked at after each piece of this size how much there is.
const pieceBytes = 4096;

/**
 * Reads an XML document, and comes back whenever `isFull` says so. Entities of its own are not known: a document that has
 * a DOCTYPE is refused. Throws an ImportRefusal where it is not sound.
 */
export async function* readXml(
  pieces: AsyncIterable<Uint8Array>,
  events: XmlEvents,
  isFull: () => boolean = () => false,
): AsyncGenerator<void> {
  const parser = new SaxesParser();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const breathe = breather();
  let silence = 0;
  let depth = 0;
  let attributesOfTag = 0;
  const heard = <Args extends unknown[]>(tell?: (...args: Args) => void) => {
    return (...args: Args) => {
      silence = 0;
      tell?.(...args);
    };
  };
  for (const unsound of ["doctype", "error"] as const) {
    parser.on(unsound, () => {
      throw damaged();
    });
  }
  parser.on("attribute", () => {
    attributesOfTag += 1;
    if (attributesOfTag > mostAttributes) throw damaged();
  });
  parser.on(
    "opentag",
    heard(({ name, attributes }) => {
      attributesOfTag = 0;
      depth += 1;
      if (depth > deepest) throw damaged();
      events.open?.(bare(name), attributes);
    }),
  );
  parser.on("text", heard(events.text));
  parser.on("cdata", heard(events.text));
  parser.on(
    "closetag",
    heard(({ name }) => {
      depth -= 1;
      events.close?.(bare(name));
    }),
  );
  for await (const piece of pieces) {
    for (const part of cutTo(piece, pieceBytes)) {
      silence += part.length;
      if (silence > longestSilence) throw cellTooLong();
      parser.write(decoded(decoder, part));
      if (isFull()) yield;
      const turn = breathe();
      if (turn) await turn;
    }
  }
  parser.write(decoded(decoder));
  parser.close();
}

/** Reads an XML document to its end. */
export async function walkXml(pieces: AsyncIterable<Uint8Array>, events: XmlEvents): Promise<void> {
  for await (const _ of readXml(pieces, events));
}

function bare(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function decoded(decoder: TextDecoder, piece?: Uint8Array): string {
  try {
    return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
  } catch (error) {
    throw error instanceof ImportRefusal ? error : damaged();
  }
}
