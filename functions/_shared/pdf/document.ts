import { PDFDocument, PDFHexString } from "@cantoo/pdf-lib";
import { printable } from "../xml-writer.ts";

/** What a document says of itself; `day` is `2026-02-10`, the language French if not said. */
export type About = { title: string; author: string; day: string; language?: string };

/** A document without a page. All that tells two of them apart is what is written in them: one that is asked for twice is the same twice. */
export async function newDocument({ title, author, day, language = "fr-FR" }: About): Promise<PDFDocument> {
  const document = await PDFDocument.create();
  document.setTitle(title, { showInWindowTitleBar: true });
  // It is in the metadata as well, which are XML.
  document.setAuthor(printable(author));
  document.setLanguage(language);
  const moment = new Date(`${day}T00:00:00Z`);
  document.setCreationDate(moment);
  document.setModificationDate(moment);
  return document;
}

/** Gives the document the identifier that these bytes have: whatever it is about, so that the same has the same one. */
export async function identify(document: PDFDocument, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const id = PDFHexString.fromBytes(digest.subarray(0, 16));
  document.context.trailerInfo.ID = document.context.obj([id, id]);
}
