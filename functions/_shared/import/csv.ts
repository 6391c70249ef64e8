import { CsvError, type Info, parse } from "csv-parse";
import type { Delimiter } from "./header.ts";
import type { FileBatch, FileRecord } from "./records.ts";
import { ImportRefusal } from "./refusal.ts";

// A record of this size is a quote that nobody closed.
const recordLimit = 1024 * 1024;

/**
 * The records of a CSV file, the header first, one batch for each piece of bytes. Empty lines are left out.
 * Throws an ImportRefusal where a quote is never closed.
 */
export async function* csvRecords(bytes: AsyncIterable<Uint8Array>, delimiter: Delimiter): AsyncGenerator<FileBatch> {
  let records: FileRecord[] = [];
  let read = 0;
  // The parser names the line on which a record ends, and counts CR LF inside quotes twice.
  let countedTwice = 0;
  let lastLine = 0;
  const parser = parse({
    delimiter,
    bom: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: recordLimit,
    // Taken here and not from the stream: a stream of a million objects costs as much as reading them.
    on_record: (cells: string[], context: Info) => {
      const breaks = context.lines === lastLine + 1 ? noBreaks : breaksIn(cells);
      lastLine = context.lines;
      if (cells.some((cell) => cell.trim() !== "")) {
        records.push({ cells, line: context.lines - countedTwice - breaks.characters });
      }
      countedTwice += breaks.characters - breaks.lines;
      return null;
    },
  });
  parser.resume();
  const ended = new Promise<void>((resolve, reject) => parser.once("end", resolve).once("error", reject));
  ended.catch(() => {});
  const write = (piece: Uint8Array) =>
    new Promise<void>((resolve, reject) => parser.write(piece, (error) => (error ? reject(error) : resolve())));
  try {
    for await (const piece of bytes) {
      await write(piece);
      read += piece.length;
      yield { records, bytes: read };
      records = [];
    }
    parser.end();
    await ended;
    yield { records, bytes: read };
  } catch (error) {
    throw error instanceof CsvError ? refusal(error) : error;
  } finally {
    parser.destroy();
  }
}

const noBreaks = { lines: 0, characters: 0 };

/** Line breaks inside quotes, as lines and as the characters that make them. */
function breaksIn(cells: readonly string[]): { lines: number; characters: number } {
  const breaks = { lines: 0, characters: 0 };
  for (const cell of cells) {
    if (!cell.includes("\n") && !cell.includes("\r")) continue;
    for (const [found] of cell.matchAll(/\r\n|\n|\r/g)) {
      breaks.lines += 1;
      breaks.characters += found.length;
    }
  }
  return breaks;
}

function refusal(error: CsvError): ImportRefusal {
  const line = "lines" in error ? Number(error.lines) : undefined;
  const where = line === undefined ? "" : ` (ligne ${line})`;
  if (error.code === "CSV_QUOTE_NOT_CLOSED" || error.code === "CSV_MAX_RECORD_SIZE") {
    return new ImportRefusal(`Un guillemet ouvert n'est jamais refermé${where} : corrigez le fichier et recommencez.`);
  }
  return new ImportRefusal(`Le fichier n'est pas un CSV lisible${where} : ${error.message}`);
}
