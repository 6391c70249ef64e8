import { lf, scanRows } from "./csv-scan.ts";
import { cutTo } from "./pieces.ts";
import { ImportRefusal } from "./refusal.ts";
import { type FileBatch, rowPlaces } from "./rows.ts";

// Read byte by byte, since the bytes of a cell go to the database as they are. 100,000 rows of 14 columns (15 MB) take
// 100 ms, where Papa Parse takes 150, uDSV 170 and csv-parse 850 for strings that would have to become bytes again.
// PostgreSQL's own parser would cost nothing here, but it knows no line numbers and refuses a file for one ragged row.

// A row of this size, or a value in quotes, is an accident or an attack.
const longestRow = 1024 * 1024;
// Where cells and rows are takes many times the room of a short one.
const longestPiece = 256 * 1024;

/**
 * The rows of CSV text in UTF-8, one batch for each piece of it. Empty rows are left out. A quote within a value that does
 * not begin with one is part of the value. Throws an ImportRefusal where a quote is never closed or a row does not end.
 */
export async function* csvRows(pieces: AsyncIterable<Uint8Array>, delimiter: string): AsyncGenerator<FileBatch> {
  const places = rowPlaces();
  const join = joiner();
  let rest: Uint8Array = new Uint8Array();
  let line = 1;
  let bytes = 0;
  for await (const large of pieces) {
    for (const piece of cutTo(large, longestPiece)) {
      bytes += piece.length;
      const scan = scanRows(join(rest, piece), delimiter, line, places);
      ({ rest, line } = scan);
      if (rest.length > longestRow) throw scan.quoted ? unclosedQuote(line) : endlessRow(line);
      yield { rows: scan.rows, bytes };
    }
  }
  if (rest.length === 0) return;
  const scan = scanRows(join(rest, Uint8Array.of(lf)), delimiter, line, places);
  if (scan.rest.length > 0) throw unclosedQuote(scan.line);
  yield { rows: scan.rows, bytes };
}

/** Puts a rest and what comes after it together, in room that is used again; the rest may be in it already. */
function joiner(): (rest: Uint8Array, piece: Uint8Array) => Uint8Array {
  let room = new Uint8Array();
  return (rest, piece) => {
    const length = rest.length + piece.length;
    const into = length <= room.length ? room : new Uint8Array(2 * length);
    into.set(rest);
    into.set(piece, rest.length);
    room = into;
    return room.subarray(0, length);
  };
}

/** The refusal of a quote that opens on a line and is never closed. */
export function unclosedQuote(line: number): ImportRefusal {
  const message = `Un guillemet ouvert n'est jamais refermé (ligne ${line}) : corrigez le fichier et recommencez.`;
  return new ImportRefusal("unclosed_quote", message);
}

function endlessRow(line: number): ImportRefusal {
  const message = `La ligne ${line} dépasse 1 Mo : ce n'est pas une liste, ou ses fins de ligne manquent.`;
  return new ImportRefusal("line_too_long", message);
}
