import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import type { Operation } from "./operation.ts";

/** What a client asked, and, once it knows, what it was answered. */
export type Entry = { n: number; operation: Operation; status?: number; answer?: Answer; attempts?: number };

/** Of an answer, what tells whether the books agree with it. */
export type Answer = { credits?: number; id?: string; status?: string; code?: string };

type Line = { n: number; asked: Operation } | { n: number; status: number; answer: Answer; attempts: number };

/** Writes one line. It is in the system's hands before this returns, so that a killed client has not lost it. */
export function writeLine(path: string, line: Line): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`);
}

/** Reads a journal, and takes off what a killed client wrote half. */
export function readJournal(path: string): Entry[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  const entries: Entry[] = [];
  for (const line of whole.split("\n").filter(Boolean)) {
    const read = JSON.parse(line) as Line;
    if ("asked" in read) entries.push({ n: read.n, operation: read.asked });
    else Object.assign(entries.at(-1) as Entry, { status: read.status, answer: read.answer, attempts: read.attempts });
  }
  return entries;
}
