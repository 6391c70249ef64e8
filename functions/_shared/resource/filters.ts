import * as z from "zod";
import { oneOf } from "../one-of.ts";
import type { SqlArguments } from "../sql-object.ts";
import { type Field, inAddress, type Operator } from "./field.ts";

// Of any more the address would be too long for what stands before PostgREST.
const valuesAtMost = 100;

type Fields = Readonly<Record<string, Field>>;

/** The parameters by which a list of these fields may be filtered: `status`, `price_gte` and so on. */
export function filterInput(fields: Fields): Record<string, z.ZodType> {
  const found: Record<string, z.ZodType> = {};
  for (const [name, field] of Object.entries(fields)) {
    for (const operator of field.filter ?? []) {
      if (operator === "in") continue;
      const several = operator === "eq" && (field.filter ?? []).includes("in");
      found[parameter(name, operator)] = (several ? commaList(field) : inAddress(field.shape)).optional();
    }
  }
  return found;
}

/** The same filters as PostgREST reads them; several of one column hold all at once. */
export function filterArguments(fields: Fields, given: Record<string, unknown>): SqlArguments {
  const found: Record<string, string[]> = {};
  for (const [name, { filter = [] }] of Object.entries(fields)) {
    for (const operator of filter) {
      const value = given[parameter(name, operator)];
      if (value === undefined || operator === "in") continue;
      found[name] = [...(found[name] ?? []), condition(operator, String(value), filter.includes("in"))];
    }
  }
  return found;
}

function condition(operator: Operator, value: string, several: boolean): string {
  if (operator !== "eq" || !several || !value.includes(",")) return `${operator}.${value}`;
  return oneOf(value.split(","));
}

function parameter(name: string, operator: Operator): string {
  return operator === "eq" || operator === "in" ? name : `${name}_${operator}`;
}

/** A value, or several with commas between them, each of the field's shape. */
function commaList({ shape }: Field): z.ZodType {
  const one = inAddress(shape);
  const each = (value: string) => value.split(",").every((part) => one.safeParse(part).success);
  return z
    .string()
    .max(2000)
    .refine((value) => value.split(",").length <= valuesAtMost, `${valuesAtMost} valeurs au plus.`)
    .refine(each, "Une de ces valeurs n'est pas acceptée.");
}
