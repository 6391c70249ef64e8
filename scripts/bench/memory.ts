import { type Comparison, compare, type Result } from "./result.ts";

/** The most memory that something took, in megabytes, and with how many of what: « 10k rows ». */
export type Peak = { at: string; megabytes: number };

/** Compares two peaks. */
export function compareMemory(comparison: Omit<Comparison, "unit">, measured: number, against: number): Result {
  return compare({ ...comparison, unit: "MB" }, [measured], [against]);
}

/** What more memory the last size takes than the first; nothing where there is but one. `of` follows the name. */
export function growthOf(
  peaks: readonly Peak[],
  { group, aim, of = "" }: Pick<Comparison, "group" | "aim"> & { of?: string },
): Result[] {
  const [few, many] = [peaks[0], peaks.at(-1)];
  if (!few || !many || few === many) return [];
  const names = { group, name: `peak memory at ${many.at}${of}`, againstName: `at ${few.at}`, aim };
  return [compareMemory(names, many.megabytes, few.megabytes)];
}
