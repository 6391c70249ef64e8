import Table from "cli-table3";
import postgres from "postgres";
import { ImportRefusal } from "../functions/_shared/import/refusal.ts";
import { io } from "./io.ts";

/** A refusal that a person can act on: its message is all that is shown, and the command exits with 1. */
export class Refusal extends Error {
  override name = "Refusal";
}

/** Text for people goes to stdout, line by line. */
export function print(line: string): void {
  io().stdout.write(`${line}\n`);
}

/** What a person watching wants to know, but no pipe does. */
export function note(line: string): void {
  io().stderr.write(`${line}\n`);
}

/** One JSON document on stdout, and nothing else. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A table with a head, numbers to the right; plain lines with tabs when piped. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  if (!io().stdout.isTTY) {
    for (const row of [head, ...rows]) print(row.join("\t"));
    return;
  }
  const numeric = head.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  const table = new Table({
    head: [...head],
    colAligns: numeric.map((right) => (right ? "right" : "left")),
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  print(table.toString());
}

/** Two columns, names and values, aligned. */
export function printPairs(pairs: readonly (readonly [string, string])[]): void {
  const width = Math.max(...pairs.map(([name]) => name.length));
  for (const [name, value] of pairs) print(`${name.padEnd(width)}  ${value}`);
}

/** Says on stderr why a command stopped; the stack is shown only for what nobody foresaw, and on request. */
export function printError(error: unknown): void {
  note(`error: ${explain(error)}`);
  if (io().env.DEBUG && error instanceof Error) note(error.stack ?? "");
}

function explain(error: unknown): string {
  if (error instanceof ImportRefusal) return `${error.message} (${error.code})`;
  if (error instanceof postgres.PostgresError) return [error.message, error.hint].filter(Boolean).join(" — ");
  // A refused connection to a name with several addresses has its reasons inside.
  if (error instanceof AggregateError) return error.errors.map(explain).join("; ");
  return error instanceof Error ? error.message : String(error);
}
