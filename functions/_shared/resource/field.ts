import * as z from "zod";

/** How a filter compares: `status=a,b` is `in`, `price_gte=5` is `gte`, and a bare `price=5` is `eq`. */
export type Operator = "eq" | "in" | "gt" | "gte" | "lt" | "lte";

/** One field of a resource: its shape in JSON, and what a list may do with it. Its name is that of the view's column. */
export type Field = {
  shape: z.ZodType;
  /** How a list may be filtered by it; not at all by default. */
  filter?: readonly Operator[];
  /** Whether a list may be sorted by it; the column that it is sorted by where that is another one. */
  sort?: boolean | string;
  /** Whether it may be given when a row is made, and changed afterwards. */
  write?: "create" | "change" | "always";
};

/** Equality, and a comma list for any of several. */
export const equal: readonly Operator[] = ["eq", "in"];

/** Of what has an order. */
export const ordered: readonly Operator[] = ["eq", "in", "gt", "gte", "lt", "lte"];

/** A value as it stands in an address, by the shape of its field: `true`, `5`, a date, a text. */
export function inAddress(shape: z.ZodType): z.ZodType {
  const bare = unwrapped(shape);
  if (bare instanceof z.ZodNumber) return numberInAddress(bare);
  if (bare instanceof z.ZodBoolean) return z.enum(["true", "false"]);
  if (bare instanceof z.ZodEnum || bare instanceof z.ZodISODate || bare instanceof z.ZodISODateTime) return bare;
  return z.string().max(500);
}

// As PostgreSQL reads it too, which knows no 1e2 and no 1.0 for an integer. The shape's limits are for what is kept.
function numberInAddress({ isInt }: z.ZodNumber): z.ZodType {
  const written = isInt ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/;
  return z.preprocess((text) => (written.test(String(text)) ? Number(text) : text), isInt ? z.int() : z.number());
}

function unwrapped(shape: z.ZodType): z.ZodType {
  if (shape instanceof z.ZodNullable || shape instanceof z.ZodOptional || shape instanceof z.ZodDefault) {
    return unwrapped(shape.unwrap() as z.ZodType);
  }
  return shape;
}
