import * as z from "zod";
import type { Route } from "./route.ts";

/** A page of a list, counted from 1, and how many rows the whole list has. */
export type Page = { page: number; limit: number; total: number };

/** The parameters of a list where the system pages by number; a limit beyond `most` is the most. */
export function pageInput({ limit, most }: { limit: number; most: number }) {
  return z.object({
    page: z.coerce.number().int().min(1).max(10_000_000).default(1).describe("Numéro de la page, à partir de 1."),
    limit: z.coerce
      .number()
      .int()
      .min(1)
      .default(limit)
      .transform((asked) => Math.min(asked, most))
      .describe(`Nombre de lignes par page (${limit} par défaut, ${most} au plus).`),
  });
}

/** Whether a route answers a page by its number. */
export function isPaged(route: Route): boolean {
  return route.input?.shape.page !== undefined;
}

/** The arguments with the rows that a page stands for, as PostgREST wants them. */
export function rowsOfPage(args: Record<string, unknown>): Record<string, unknown> {
  const { page, limit, ...others } = args;
  return { ...others, limit, offset: (Number(page) - 1) * Number(limit) };
}

/** Which page was asked for, and the total that PostgREST tells in `Content-Range` after the slash. */
export function pageOf(args: Record<string, unknown>, range: string | null): Page {
  return { page: Number(args.page), limit: Number(args.limit), total: Number(range?.split("/")[1]) || 0 };
}
