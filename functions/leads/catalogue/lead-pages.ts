import { askDatabase } from "../../_shared/postgrest.ts";
import { rpc } from "../../_shared/route.ts";
import type { LeadRow } from "./lead-columns.ts";

type Page = { leads: LeadRow[]; next: string | null };

/** What is read: by the filters of `GET /api/leads`, from `cursor` on; one page, or all of them unless said. */
type Reading = { filters?: Record<string, string>; cursor?: string | undefined; whole?: boolean };

/**
 * The leads that the caller sees, page by page with his own token, each by the key of the one before: no lead comes twice,
 * and no page is held. Throws a Problem before the first page, so that what is refused is refused with its status.
 */
export async function leadPages(
  caller: Headers,
  { filters = {}, cursor, whole = true }: Reading = {},
): Promise<AsyncGenerator<LeadRow[]>> {
  const headers = new Headers(caller);
  // A count would be made again for every page.
  headers.delete("prefer");
  const read = async (cursor: string | undefined): Promise<Page> => {
    const answer = await askDatabase(rpc("leads_search"), { ...filters, ...(cursor ? { cursor } : {}) }, headers);
    const next = whole ? answer.headers.get("X-Next-Cursor") : null;
    return { leads: (await answer.json()) as LeadRow[], next };
  };
  return pages(await read(cursor), read);
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
