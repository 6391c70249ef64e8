import * as z from "zod";
import type { SqlObject } from "./sql-object.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What the handler of a route is given: `params` are the path's and the query's, `body` has the route's shape. */
export type Call = { request: Request; params: Record<string, string>; body: Record<string, unknown> };

/** What a route may refuse with that does not follow from its shape. */
export type Refusal = 400 | 402 | 403 | 404 | 409 | 413 | 415 | 422 | 429;

/** One endpoint: what is asked, what answers it (an SQL object, or a handler), and what comes back. */
export type Route = {
  method: Method;
  /** As the system's document writes it, `:name` for a parameter. */
  path: string;
  /** Who may ask, for the reference; the rule itself is in SQL. Empty: everybody, signed in or not. */
  roles: readonly string[];
  /** Chapter of the system's document. */
  section: string;
  summary: string;
  /** What a person is told who succeeds, where the system's envelope has a place for it. In French. */
  message?: string;
  object?: SqlObject;
  /** Makes the SQL object's arguments out of the parameters, where they are more than names. */
  arguments?: (params: Record<string, string>) => Record<string, unknown>;
  /** Refuses parameters that are not in `input`, but for those whose names begin with `_`. */
  strict?: boolean;
  /** Answers what does not go to one SQL object. Its refusals are Problems that it throws. */
  handle?: (call: Call) => Promise<Response>;
  /** The refusals that do not follow from the rest of the route, for the reference. */
  refusals?: readonly Refusal[];
  /** The answer's shape, for the reference and the tests: answers are streamed, not parsed. */
  response: z.ZodType;
  /** What the answer is where it is no JSON, for the reference: `text/csv`. */
  mediaType?: string;
  /** The query and path parameters that are accepted, by their public names. */
  input?: z.ZodObject;
  /** The names that parameters have in SQL, where they differ from the public ones. */
  sqlNames?: Readonly<Record<string, string>>;
  /** The JSON body's shape, a `z.strictObject`; without it a body is not read. Shape only: the rules are in SQL. */
  body?: z.ZodObject;
  /** The shape of a form with files (multipart/form-data), for the reference: its handler reads it. */
  form?: z.ZodObject;
  /** The SQL argument that takes the whole body as jsonb. Without it each field is an argument of its own. */
  bodyArgument?: string;
  /** Request headers that are SQL arguments: the argument's name by the header's. */
  headers?: Readonly<Record<string, string>>;
  /** Those of the headers that a call cannot do without, for the reference: that they are there is asked in SQL. */
  requiredHeaders?: readonly string[];
  /** The status of success where PostgREST says 200; 200 by default. 204 has no body. */
  status?: 200 | 201 | 202 | 204;
  /** What success may be answered with besides, for the reference: 200 where nothing was left to do, 204 for nothing. */
  alsoStatus?: 200 | 201 | 204;
  /** The answer as a file, where the query asks for another `format` than json. */
  download?: Download;
  /** Makes the answer out of the database's, where that is not the answer yet. */
  finish?: (found: unknown, request: Request) => Promise<unknown>;
};

/** `input` are the parameters beside the route's own, `format` among them; `mediaTypes` is by its values, for the reference. */
export type Download = {
  input: z.ZodObject;
  mediaTypes: Readonly<Record<string, string>>;
  handle: (call: Call) => Promise<Response>;
};

/** A published view, read by GET. */
export function view(name: string): SqlObject {
  return { kind: "view", name };
}

/** A published function that only reads, called by GET. */
export function rpc(name: string): SqlObject {
  return { kind: "rpc", name };
}

/** A published function that writes, called by POST, whatever the endpoint's own method is. */
export function write(name: string): SqlObject {
  return { kind: "write", name };
}

/** The parameters of a list where the system pages by `offset`: at most 1,000 rows, `offset` rows from the start. */
export const listInput = z.object({
  limit: z.coerce.number().int().min(1).max(1000).optional().describe("Nombre de lignes au plus (1000 par défaut)."),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).optional().describe("Nombre de lignes à passer."),
});
