import { headBytes, headRows, type Rows, type TextRow } from "./rows.ts";
import { type TableRows, tableRows } from "./table-rows.ts";
import type { SheetBatch } from "./xlsx-sheet.ts";
import type { XmlEvents } from "./xml.ts";

/** Nobody has his list behind so many other sheets. */
export const lookedAt = 50;
// No column has a longer name that is known.
const longestName = 128;

/** The first rows of some, as texts that hold on to nothing else; of a long cell its start. */
export function headOf({ text, bounds, starts, lines }: Rows): TextRow[] {
  const decoder = new TextDecoder();
  const rows: TextRow[] = [];
  for (let row = 0, bytes = 0; row < Math.min(lines.length, headRows) && bytes < headBytes; row += 1) {
    const cells: string[] = [];
    for (let at = starts[row] as number; at < (starts[row + 1] as number); at += 2) {
      const [from, to] = [bounds[at] as number, bounds[at + 1] as number];
      cells.push(decoder.decode(text.subarray(from, Math.min(to, from + longestName))));
      bytes += to - from;
    }
    rows.push({ cells, line: lines[row] as number });
  }
  return rows;
}

/** The same of a sheet that can be read by itself. */
export async function headOfSheet(rows: () => AsyncGenerator<SheetBatch>): Promise<TextRow[]> {
  const batches = rows();
  const { value, done } = await batches.next();
  await batches.return(undefined);
  return done ? [] : headOf(value.rows);
}

/**
 * Collects what each sheet begins with while a document that holds them all is gone through once: to read it again for
 * each would take as long as there are sheets. `eventsOf` tells how a sheet's own events become rows.
 */
export function sheetHeads(fileBytes: number, eventsOf: (rows: TableRows) => XmlEvents) {
  const heads: (() => TextRow[])[] = [];
  let current: { rows: TableRows; events: XmlEvents } | undefined;
  const end = () => {
    if (!current) return;
    const first = current.rows.repeated().next();
    const head = headOf(first.done ? current.rows.rest() : first.value);
    heads[heads.length - 1] = () => head;
    current = undefined;
  };
  const follow = (tell: (events: XmlEvents) => void) => {
    if (!current) return;
    try {
      tell(current.events);
      if (current.rows.areMany()) end();
    } catch (error) {
      // A sheet that cannot be read matters only where it is looked at.
      heads[heads.length - 1] = () => {
        throw error;
      };
      current = undefined;
    }
  };
  const events: Required<XmlEvents> = {
    open: (name, attributes) => follow(({ open }) => open?.(name, attributes)),
    text: (text) => follow((own) => own.text?.(text)),
    close: (name) => follow(({ close }) => close?.(name)),
  };
  return {
    events,
    /** A sheet begins with the next event. */
    begin: () => {
      end();
      heads.push(() => []);
      if (heads.length > lookedAt) return;
      const rows = tableRows(fileBytes);
      current = { rows, events: eventsOf(rows) };
    },
    /** The document has ended: by a sheet's number its first rows. */
    ended: () => {
      end();
      return (index: number) => async () => (heads[index] as () => TextRow[])();
    },
  };
}
