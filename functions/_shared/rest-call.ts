import { oneOf } from "./one-of.ts";
import { isRow, type RowObject, type SqlArguments, type SqlObject } from "./sql-object.ts";

/** A call of PostgREST: its path below `/rest/v1`, its query with the question mark, and what `fetch` is given. */
type RestCall = { path: string; query: string } & RequestInit;

/** The call that an SQL object is asked by. */
export function callOf(object: SqlObject, args: SqlArguments, headers: Record<string, string>): RestCall {
  if (isRow(object)) return rowCall(object, args, headers);
  const path = object.kind === "view" ? object.name : `rpc/${object.name}`;
  const byPost =
    object.kind === "write" ||
    object.kind === "search" ||
    (object.kind === "rpc" && Object.values(args).some(looksLikeFilter));
  if (!byPost) return { path, query: queryOf(args), headers };
  const [body, narrowing] = taken(object, args);
  const json = { ...headers, "Content-Type": "application/json" };
  return { path, query: queryOf(narrowing), method: "POST", headers: json, body: JSON.stringify(body) };
}

/** What a function that is called by POST takes itself, and what narrows its answer, which stays in the address. */
function taken({ kind }: SqlObject, args: SqlArguments): [SqlArguments, SqlArguments] {
  if (kind === "write") return [args, {}];
  if (kind === "search") {
    const { search, ...narrowing } = args;
    return [{ search }, narrowing];
  }
  // By GET, too, PostgREST would take these for the page.
  const { limit, offset, ...own } = args;
  const page = Object.entries({ limit, offset }).filter(([, value]) => value !== undefined);
  return [own, Object.fromEntries(page)];
}

/** Arguments as they stand in an address; of an array each value is one. */
function queryOf(args: SqlArguments): string {
  const text = Object.entries(args).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, String(one)]),
  );
  return text.length > 0 ? `?${new URLSearchParams(text)}` : "";
}

/** Whether PostgREST would take an argument in the address for a filter on the answer: `eq.1`, `like(any).x`. */
function looksLikeFilter(value: unknown): boolean {
  return /^[a-z]+[.(]/.test(String(value));
}

const methods = { row: "GET", insert: "POST", update: "PATCH", delete: "DELETE" } as const;

/** The call that reads or writes a row. Its key and its version are in the address, all else is what is written. */
function rowCall(object: RowObject, args: SqlArguments, headers: Record<string, string>): RestCall {
  const { [object.key]: key, ...others } = args;
  const { [object.version ?? ""]: version, ...written } = others;
  const found = {
    ...(object.kind === "insert" ? {} : { [object.key]: `eq.${key}` }),
    ...(version === undefined ? {} : { [object.version as string]: matching(String(version)) }),
  };
  const writes = object.kind === "insert" || object.kind === "update";
  return {
    path: object.name,
    query: queryOf({ ...found, select: object.columns }),
    method: methods[object.kind],
    headers: {
      ...headers,
      Accept: "application/vnd.pgrst.object+json",
      Prefer: "return=representation",
      ...(writes ? { "Content-Type": "application/json" } : {}),
    },
    ...(writes ? { body: JSON.stringify(object.kind === "insert" ? args : written) } : {}),
  };
}

/** The condition that a version is an entity tag (RFC 9110, section 8.8.3), or one of several with commas between them. */
function matching(tags: string): string {
  const [first = tags, ...others] = [...tags.matchAll(/"([^"]*)"/g)].map(([, tag = ""]) => tag);
  return others.length === 0 ? `eq.${first}` : oneOf([first, ...others]);
}
