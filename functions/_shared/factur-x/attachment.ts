import { embedFacturX, type PDFDocument } from "@cantoo/pdf-lib";
import { type About, identify } from "../pdf/document.ts";
import { tradeXml } from "./cii.ts";
import type { TradeDocument } from "./trade-document.ts";

/** Makes a drawn document Factur-X: PDF/A-3 with the same figures for machines inside. */
export async function attachXml(document: PDFDocument, trade: TradeDocument, { title, day }: About): Promise<void> {
  const xml = new TextEncoder().encode(tradeXml(trade));
  await identify(document, xml);
  const moment = new Date(`${day}T00:00:00Z`);
  const about = { description: title, creationDate: moment, modificationDate: moment };
  await embedFacturX(document, xml, { ...about, conformanceLevel: "EN 16931" });
}
