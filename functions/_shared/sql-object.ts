/**
 * The published SQL object that answers an endpoint: a view that is read, a function that reads (`rpc`) or writes (`write`),
 * or that takes `search` and answers rows of a view, to be filtered like it, or one row of a view. `schema` where it is not the
 * one that PostgREST publishes first.
 */
export type SqlObject = { kind: "view" | "rpc" | "write" | "search"; name: string; schema?: string } | RowObject;

/** The arguments of an SQL object, by their SQL names. What a view or a function that reads is given, is text. */
export type SqlArguments = Record<string, unknown>;

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

export function isRow(object: SqlObject): object is RowObject {
  return ["row", "insert", "update", "delete"].includes(object.kind);
}

export function isVersioned(object: SqlObject): object is RowObject & { version: string } {
  return isRow(object) && object.version !== undefined;
}

export function withoutVersion({ version: _, ...object }: RowObject): RowObject {
  return { ...object, kind: "row" };
}
