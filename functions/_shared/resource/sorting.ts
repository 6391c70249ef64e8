import * as z from "zod";
import type { Field } from "./field.ts";

type Fields = Readonly<Record<string, Field>>;

const expression = /^(-?)([A-Za-z]\w*)$/;

/** `sort=createdAt,-priority`, or one field in `sort` with its direction in `order`. */
export function sortInput(fields: Fields): Record<string, z.ZodType> {
  const sortable = Object.entries(fields).flatMap(([name, { sort }]) => (sort ? [name] : []));
  if (sortable.length === 0) return {};
  const known = (text: string) => text.split(",").every((one) => sortable.includes(expression.exec(one)?.[2] ?? ""));
  return {
    sort: z
      .string()
      .max(200)
      .refine(known, `Champs acceptés : ${sortable.join(", ")}.`)
      .optional()
      .describe(`Parmi ${sortable.join(", ")} ; un tiret devant pour l'ordre décroissant.`),
    order: z.enum(["asc", "desc"]).optional().describe("Sens du tri, quand `sort` est un seul champ."),
  };
}

/** The order as PostgREST reads it. Rows that are equal in it are told apart by `key`, so that no page shows one twice. */
export function orderOf(
  fields: Fields,
  key: string,
  given: { sort?: unknown; order?: unknown },
  usual: string,
): string {
  const asked = String(given.sort ?? usual)
    .split(",")
    .map((one) => {
      const [, minus, name = ""] = expression.exec(one) ?? [];
      const { sort } = fields[name] ?? {};
      const descending = given.sort !== undefined && given.order ? given.order === "desc" : minus === "-";
      return `${typeof sort === "string" ? sort : name}.${descending ? "desc" : "asc"}.nullslast`;
    });
  return [...asked, `${key}.asc`].join(",");
}
