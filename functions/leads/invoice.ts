import { askDatabase } from "../_shared/postgrest.ts";
import { type Call, rpc } from "../_shared/route.ts";
import type { Invoice } from "./invoice-pdf.ts";

/** GET /api/billing/invoices/:number. Throws a Problem: 401, 403, 404 where the caller has no such invoice. */
export async function invoicePdf({ request, params }: Call): Promise<Response> {
  const found = await askDatabase(rpc("billing_invoice"), { number: params.number }, request.headers);
  const invoice = (await found.json()) as Invoice;
  // Loaded when it is wanted: nothing else of the API draws.
  const { drawInvoice } = await import("./invoice-pdf.ts");
  return new Response((await drawInvoice(invoice)) as BodyInit, {
    headers: {
      "Content-Type": "application/pdf",
      "Content-Disposition": `inline; filename="${invoice.number}.pdf"`,
      "Cache-Control": "private, no-store",
    },
  });
}
