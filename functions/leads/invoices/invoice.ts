import { askDatabase } from "../../_shared/postgrest.ts";
import { type Call, type Download, rpc } from "../../_shared/route.ts";
import { invoiceFileInput } from "../billing/billing-inputs.ts";
import type { Invoice } from "./invoice-content.ts";

const mediaTypes = { pdf: "application/pdf", xml: "application/xml" };

/** GET /api/billing/invoices/:number, always a file. Throws a Problem: 401, 403, 404 where the caller has no such invoice. */
export const invoiceDownload: Download = { input: invoiceFileInput, mediaTypes, handle: invoiceFile };

async function invoiceFile({ request, params }: Call): Promise<Response> {
  const found = await askDatabase(rpc("billing_invoice"), { number: params.number }, request.headers);
  const invoice = (await found.json()) as Invoice;
  const format = (params.format ?? accepted(request)) as keyof typeof mediaTypes;
  return new Response((await written[format](invoice)) as BodyInit, {
    headers: {
      "Content-Type": mediaTypes[format],
      "Content-Disposition": `inline; filename="${invoice.number}.${format}"`,
      "Cache-Control": "private, no-store",
      Vary: "Accept",
    },
  });
}

/** XML for who asks for that and for no PDF. */
function accepted({ headers }: Request): "pdf" | "xml" {
  const types = (headers.get("Accept") ?? "")
    .toLowerCase()
    .split(",")
    .map((type) => type.split(";")[0]?.trim());
  return types.some((type) => type === "application/xml" || type === "text/xml") &&
    !types.includes("text/html") &&
    !types.includes(mediaTypes.pdf)
    ? "xml"
    : "pdf";
}

// Loaded when they are wanted: nothing else of the API draws.
const written = {
  pdf: async (invoice: Invoice) => (await import("./invoice-pdf.ts")).drawInvoice(invoice),
  xml: async (invoice: Invoice) => (await import("./invoice-xml.ts")).invoiceXml(invoice),
};
