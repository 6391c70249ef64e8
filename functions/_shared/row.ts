import { oneOf } from "./one-of.ts";
import { queryOf, type RestCall, type SqlArguments, type SqlObject } from "./postgrest.ts";

/**
 * One row of a published view, found by its `key`: read, made, changed or removed. It answers `columns`. A `version` is a column
 * whose value, where one is sent, must be the row's.
 */
export type RowObject = {
  kind: "row" | "insert" | "update" | "delete";
  name: string;
  schema?: string;
  key: string;
  columns: string;
  version?: string;
};

const methods = { row: "GET", insert: "POST", update: "PATCH", delete: "DELETE" } as const;

export function isRow(object: SqlObject): object is RowObject {
  return object.kind in methods;
}

export function isVersioned(object: SqlObject): object is RowObject & { version: string } {
  return isRow(object) && object.version !== undefined;
}

export function withoutVersion({ version: _, ...object }: RowObject): RowObject {
  return { ...object, kind: "row" };
}

/** The call that reads or writes a row. Its key and its version are in the address, all else is what is written. */
export function rowCall(object: RowObject, args: SqlArguments, headers: Record<string, string>): RestCall {
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
    ...(writes ? { body: JSON.stringify(object.kind === "insert" ? { ...args } : written) } : {}),
  };
}

/** The condition that a version is an entity tag (RFC 9110, section 8.8.3), or one of several with commas between them. */
function matching(tags: string): string {
  const [first = tags, ...others] = [...tags.matchAll(/"([^"]*)"/g)].map(([, tag = ""]) => tag);
  return others.length === 0 ? `eq.${first}` : oneOf([first, ...others]);
}
