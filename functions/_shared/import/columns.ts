import { ImportRefusal } from "./refusal.ts";

/** More columns than this are no list. */
export const mostColumns = 2000;

/** The refusal of a row with more of them. */
export function tooManyColumns(line: number): ImportRefusal {
  return new ImportRefusal("too_many_columns", `La ligne ${line} a plus de ${mostColumns} colonnes.`);
}
