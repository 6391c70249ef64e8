import { readFile, stat } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { ImportRefusal } from "../../functions/_shared/import/refusal.ts";
import { utf8Text } from "../../functions/_shared/import/text.ts";
import { Refusal } from "../output.ts";
import { expectedFile, readBankCsv } from "./bank-csv.ts";
import { answerOf, type BankAnswer } from "./bank-entry.ts";
import { readBankXml } from "./bank-xml.ts";

const largestBytes = 50 * 1024 * 1024;

/** What a bank's file says, camt, pain.002 or CSV by its content. Throws a Refusal where the whole of it cannot be read. */
export async function readBankFile(path: string): Promise<BankAnswer> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(error.code === "ENOENT" ? `${path}: no such file` : `${path}: ${error.message}`);
  });
  if (!found.isFile()) throw new Refusal(`${path} is no file`);
  if (found.size > largestBytes) throw new Refusal(`${path} has more than 50 MB`);
  const content = await textOf(await readFile(path)).catch((error: unknown) => {
    throw error instanceof ImportRefusal ? new Refusal(`${path} is no text that can be read: ${expectedFile}`) : error;
  });
  if (content.trim() === "") throw new Refusal(`${path} is empty: ${expectedFile}`);
  return content.trimStart().startsWith("<") ? readBankXml(content) : answerOf({ entries: readBankCsv(content) });
}

/** In the encoding that its mark tells, else its XML declaration, else in UTF-8 or Windows-1252. */
async function textOf(bytes: Uint8Array): Promise<string> {
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  const [, declared] = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']/.exec(start) ?? [];
  // Of the encodings of Unicode the bytes tell more than a declaration, which may have been left there by a converter.
  const asked = declared && !/^utf-/i.test(declared) ? declared : undefined;
  return text((await utf8Text([bytes], { encoding: asked })).pieces);
}
