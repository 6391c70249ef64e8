import type { LeadRow } from "../_shared/export/columns.ts";
import type { ExportFormat } from "../_shared/export/formats.ts";
import { exportTypes, leadFile } from "../_shared/export/lead-file.ts";
import { askDatabase } from "../_shared/postgrest.ts";
import { type Call, type Download, rpc } from "../_shared/route.ts";
import { leadsFileInput } from "./inputs.ts";

type Page = { leads: LeadRow[]; next: string | null };

/** `GET /api/leads?format=csv|xlsx`: the leads that the caller sees and that match, as a file. */
export const leadsDownload: Download = { input: leadsFileInput, mediaTypes: exportTypes, handle: downloadLeads };

/** Page by page with the caller's own token, each by the key of the one before: no lead comes twice, and no page is held. */
async function downloadLeads({ request, params }: Call): Promise<Response> {
  const { format, excel, cursor, ...filters } = params;
  // The route's own default is a page; a file is the whole list.
  const whole = !new URL(request.url).searchParams.get("limit");
  const headers = new Headers(request.headers);
  // A count would be made again for every page.
  headers.delete("prefer");
  const read = async (cursor: string | undefined): Promise<Page> => {
    const answer = await askDatabase(rpc("leads_search"), { ...filters, ...(cursor ? { cursor } : {}) }, headers);
    const next = whole ? answer.headers.get("X-Next-Cursor") : null;
    return { leads: (await answer.json()) as LeadRow[], next };
  };
  // Before anything is answered: what is refused is refused with its status.
  const first = await read(cursor);
  const day = new Date().toISOString().slice(0, 10);
  return new Response(leadFile(format as ExportFormat, pages(first, read), { excel: excel === "true" }), {
    headers: {
      "Content-Type": exportTypes[format as ExportFormat],
      "Content-Disposition": `attachment; filename="leads-${day}.${format}"`,
      "Cache-Control": "no-store",
    },
  });
}

async function* pages(first: Page, read: (cursor: string) => Promise<Page>): AsyncGenerator<LeadRow[]> {
  let { leads, next } = first;
  for (;;) {
    // The next page is on its way while this one is written.
    const coming = next === null ? undefined : read(next);
    coming?.catch(() => {});
    yield leads;
    if (!coming) return;
    ({ leads, next } = await coming);
  }
}
