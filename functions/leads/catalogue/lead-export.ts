import { type ExportFormat, exportTypes } from "../../_shared/export/formats.ts";
import type { Call, Download } from "../../_shared/route.ts";
import { leadsFileInput } from "../inputs.ts";
import { leadFile } from "./lead-file.ts";
import { leadPages } from "./lead-pages.ts";

/** `GET /api/leads?format=csv|xlsx`: the leads that the caller sees and that match, as a file. */
export const leadsDownload: Download = { input: leadsFileInput, mediaTypes: exportTypes, handle: downloadLeads };

async function downloadLeads({ request, params }: Call): Promise<Response> {
  const { format, excel, cursor, ...filters } = params;
  // The route's own default is a page; a file is the whole list.
  const whole = !new URL(request.url).searchParams.get("limit");
  const pages = await leadPages(request.headers, { filters, cursor, whole });
  const day = new Date().toISOString().slice(0, 10);
  return new Response(leadFile(format as ExportFormat, pages, { excel: excel === "true" }), {
    headers: {
      "Content-Type": exportTypes[format as ExportFormat],
      "Content-Disposition": `attachment; filename="leads-${day}.${format}"`,
      "Cache-Control": "no-store",
    },
  });
}
