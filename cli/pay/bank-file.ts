import { readFile, stat } from "node:fs/promises";
import { Refusal } from "../output.ts";
import { readBankCsv } from "./bank-csv.ts";
import { type BankEntry, lastWords } from "./bank-entry.ts";
import { readCamt054 } from "./camt-054.ts";

const largestBytes = 50 * 1024 * 1024;

/** The transfers that a bank's file names, camt.054 or CSV by its content. Throws a Refusal where it cannot be read. */
export async function readBankFile(path: string): Promise<BankEntry[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(error.code === "ENOENT" ? `${path}: no such file` : `${path}: ${error.message}`);
  });
  if (!found.isFile()) throw new Refusal(`${path} is no file`);
  if (found.size > largestBytes) throw new Refusal(`${path} has more than 50 MB`);
  const text = (await readFile(path, "utf8")).replace(/^\ufeff/, "");
  return lastWords(text.trimStart().startsWith("<") ? readCamt054(text) : readBankCsv(text));
}
