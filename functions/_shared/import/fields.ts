import type { ImportKind } from "./kind.ts";

/** Whether the kind has a field of this name. */
export function isField({ fields }: ImportKind, name: string): boolean {
  return Object.hasOwn(fields, name);
}

/** The names of the fields, for people. */
export function fieldNames({ fields }: ImportKind): string {
  return Object.keys(fields).join(", ");
}

/** By field: a value for all rows. */
export type FieldValues = ReadonlyMap<string, string>;
/** The same as it is kept with an import. */
export type KeptValues = Readonly<Record<string, string>>;

/** What was kept of an import's values, for reading its file again. */
export function fieldValues(kept: KeptValues = {}): FieldValues {
  return new Map(Object.entries(kept));
}

/** What is to be kept of an import's values; undefined where there are none. */
export function keptValues(values: FieldValues = new Map()): KeptValues | undefined {
  return values.size === 0 ? undefined : Object.fromEntries(values);
}

const longestValue = 200;

/** `FIELD=VALUE`, a value that all rows get where the file has none; undefined where it is not that. */
export function readFieldValue(kind: ImportKind, text: string): [string, string] | undefined {
  const at = text.indexOf("=");
  const field = text.slice(0, Math.max(at, 0)).trim();
  const value = text.slice(at + 1).trim();
  return isField(kind, field) && value !== "" && value.length <= longestValue ? [field, value] : undefined;
}

/** The cells in which names are looked for may be as long as they like; no name is. */
const longestName = 1000;

/** What is compared of a column's name: its letters and digits, in lower case and without accents. */
export function headerKey(name: string): string {
  return name
    .slice(0, longestName)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/[^a-z0-9]/g, "");
}

/** Columns that a file of refused rows carries for its reader; they bring nothing back. */
export const rejectColumns = { line: "ligne", reason: "motif" } as const;
const rejectKeys = new Set<string>(Object.values(rejectColumns));

/** Whether the column is one that a file of refused rows has added. */
export function isRejectColumn(name: string): boolean {
  return rejectKeys.has(headerKey(name));
}
