import { askDatabase } from "./postgrest.ts";
import { Problem } from "./problem.ts";
import type { SqlArguments, SqlObject } from "./sql-object.ts";

/** What PostgREST answers at most at a time (`max_rows`). */
const pageRows = 1000;

/** One part of a composed answer: the SQL object that it is read from, whole, and how it is shown where that differs. */
export type Part = { object: SqlObject; show?: (found: unknown) => unknown };

/**
 * An object made of several SQL objects' answers, each asked with the caller's own token. A part that the caller may not
 * see is `[]`, or left out; who may see none of them is refused as by the first. Throws a Problem.
 */
export async function compose(
  parts: Readonly<Record<string, Part>>,
  caller: Headers,
  refused: "empty" | "left out" = "empty",
): Promise<Record<string, unknown>> {
  const headers = withoutCount(caller);
  const found = await Promise.allSettled(Object.values(parts).map((part) => readPart(part, headers)));
  const failures = found.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  const worst = failures.find((reason) => !isRefusal(reason));
  if (worst || failures.length === found.length) throw worst ?? failures[0];
  return Object.fromEntries(
    Object.keys(parts).flatMap((name, at): [string, unknown][] => {
      const result = found[at];
      if (result?.status === "fulfilled") return [[name, result.value]];
      return refused === "empty" ? [[name, []]] : [];
    }),
  );
}

/** All that an SQL object answers, however many pages that is. */
async function readPart({ object, show = (value) => value }: Part, caller: Headers): Promise<unknown> {
  return show(object.kind === "view" ? await readRows(object, caller) : await read(object, {}, caller));
}

async function readRows(object: SqlObject, caller: Headers): Promise<unknown[]> {
  const rows = new Map<unknown, unknown>();
  for (let offset = 0; ; offset += pageRows) {
    const page = (await read(object, { limit: pageRows, offset }, caller)) as Record<string, unknown>[];
    // A row that comes in meanwhile moves the others on: by its id no row is there twice.
    for (const [at, row] of page.entries()) rows.set(row.id ?? offset + at, row);
    if (page.length < pageRows) return [...rows.values()];
  }
}

async function read(object: SqlObject, args: SqlArguments, caller: Headers): Promise<unknown> {
  return (await askDatabase(object, args, caller)).json();
}

/** A count would be made again for every page. */
function withoutCount(caller: Headers): Headers {
  const headers = new Headers(caller);
  headers.delete("prefer");
  return headers;
}

function isRefusal(reason: unknown): boolean {
  return reason instanceof Problem && (reason.status === 401 || reason.status === 403);
}
