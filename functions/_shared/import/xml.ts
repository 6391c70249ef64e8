import { SaxesParser } from "saxes";
import { ImportRefusal } from "./refusal.ts";
import { damaged } from "./zip.ts";

/** What is met on the way through a document; names are without their prefix. */
export type XmlEvents = {
  open?: (name: string, attributes: Readonly<Record<string, string>>) => void;
  text?: (text: string) => void;
  close?: (name: string) => void;
};

// A text or a tag that goes on for so long is an attack on the memory.
const longestSilence = 1024 * 1024;

/**
 * Reads an XML document, and comes back after each piece of it. Entities of its own are not known: a document that has
 * a DOCTYPE is refused. Throws an ImportRefusal where it is not sound.
 */
export async function* readXml(pieces: AsyncIterable<Uint8Array>, events: XmlEvents): AsyncGenerator<void> {
  const parser = new SaxesParser();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let silence = 0;
  const heard = <Args extends unknown[]>(tell?: (...args: Args) => void) => {
    return (...args: Args) => {
      silence = 0;
      tell?.(...args);
    };
  };
  parser.on("doctype", () => {
    throw damaged();
  });
  parser.on("error", () => {
    throw damaged();
  });
  parser.on(
    "opentag",
    heard(({ name, attributes }) => events.open?.(bare(name), attributes)),
  );
  parser.on("text", heard(events.text));
  parser.on("cdata", heard(events.text));
  parser.on(
    "closetag",
    heard(({ name }) => events.close?.(bare(name))),
  );
  for await (const piece of pieces) {
    silence += piece.length;
    if (silence > longestSilence) throw damaged();
    parser.write(decoded(decoder, piece));
    yield;
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
