import * as z from "zod";
import type { SqlObject } from "./postgrest.ts";
import type { Problem } from "./problem.ts";

/** One endpoint: what is asked, which SQL object answers it, and what comes back. */
export type Route = {
  method: "GET";
  /** As the system's document writes it, `:name` for a parameter. */
  path: string;
  /** Who may ask, for the reference; the rule itself is in SQL. Empty: everybody, signed in or not. */
  roles: readonly string[];
  /** Chapter of the system's document. */
  section: string;
  summary: string;
  object: SqlObject;
  /** The answer's shape, for the reference and the tests: answers are streamed, not parsed. */
  response: z.ZodType;
  /** The query and path parameters that are accepted, by their public names. */
  input?: z.ZodObject;
  /** The names that parameters have in SQL, where they differ from the public ones. */
  sqlNames?: Readonly<Record<string, string>>;
  /** Makes the answer out of the database's, where that is not the answer yet. */
  finish?: (found: unknown, request: Request) => Promise<unknown>;
};

/** A business system: one Edge Function, mounted below its slug. */
export type System = {
  slug: string;
  title: string;
  description: string;
  routes: readonly Route[];
  /** How this system's errors look, for the answer and for the reference. */
  errors: { body: (problem: Problem) => object; schema: z.ZodType };
};

/** A published view, read by GET. */
export function view(name: string): SqlObject {
  return { kind: "view", name };
}

/** A published function, called by GET. */
export function rpc(name: string): SqlObject {
  return { kind: "rpc", name };
}

/** The parameters of every list that a view answers: a page of at most 1,000 rows, `offset` rows from the start. */
export const listInput = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional().describe("Nombre de lignes au plus (1000 par défaut)."),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).optional().describe("Nombre de lignes à passer."),
});
