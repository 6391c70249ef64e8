import type * as z from "zod";
import { fr } from "zod/locales";
import type { FieldProblem } from "./problem.ts";
import { invalidBody, invalidParameters } from "./problem.ts";
import type { Route } from "./route.ts";

const french = fr().localeError;

/**
 * The arguments of a route's SQL object, by their SQL names, out of a request's query and path. An empty parameter
 * counts as absent and an unknown one is passed over. Throws a Problem (400) that names every bad field.
 */
export function readArguments(
  route: Route,
  query: URLSearchParams,
  pathParameters: Record<string, string>,
): URLSearchParams {
  const args = new URLSearchParams();
  if (!route.input) return args;
  const given = [...Object.entries(pathParameters), ...query].filter(([, value]) => value !== "");
  if (route.strict) refuseUnknown(route.input, given);
  // First wins: a path parameter over a query parameter of its name, and the first of a repeated parameter.
  const parsed = route.input.safeParse(Object.fromEntries(given.reverse()), { error: french });
  if (!parsed.success) throw invalidParameters(parsed.error.issues.map(fieldProblem));
  for (const [name, value] of Object.entries(parsed.data)) {
    if (value !== undefined) args.set(route.sqlNames?.[name] ?? name, String(value));
  }
  return args;
}

function refuseUnknown(input: z.ZodObject, given: [string, string][]): void {
  const unknown = given.filter(([name]) => !name.startsWith("_") && !(name in input.shape));
  if (unknown.length === 0) return;
  throw invalidParameters(
    unknown.map(([field]) => ({ field, code: "unknown_parameter", message: "Ce paramètre n'existe pas." })),
  );
}

/** The request headers that a route passes on as SQL arguments, by their SQL names. */
export function readHeaders(route: Pick<Route, "headers">, headers: Headers): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [header, name] of Object.entries(route.headers ?? {})) {
    const value = headers.get(header);
    // RFC 9110, section 13.1.1: any version is as good, as without the header.
    if (value && !(header === "If-Match" && value.trim() === "*")) found[name] = value;
  }
  return found;
}

/** Whether PostgreSQL can hold a text: one without a character zero, and without half a character, which JSON can write. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/** The message to a text that cannot be held. */
export const notStorable = "Un caractère de ce texte n'est pas accepté";

/** A value of the shape that `schema` says. Throws a Problem (400) that names every bad field, and every unknown one. */
export function readFields(schema: z.ZodType, value: unknown): Record<string, unknown> {
  const unstorable = textProblems(value, []);
  if (unstorable.length > 0) throw invalidBody(unstorable);
  const parsed = schema.safeParse(value, { error: french });
  if (parsed.success) return parsed.data as Record<string, unknown>;
  throw invalidBody(parsed.error.issues.flatMap(bodyProblems));
}

// Deeper than any body is meant to be; each level costs a call.
const deepest = 32;

function textProblems(value: unknown, path: string[]): FieldProblem[] {
  if (path.length > deepest) throw invalidBody([]);
  if (typeof value === "string" && !isStorable(value)) {
    return [{ field: path.join("."), code: "invalid_text", message: `${notStorable}.` }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...textProblems(key, [...path, key]),
    ...textProblems(inner, [...path, key]),
  ]);
}

function bodyProblems(issue: z.core.$ZodIssue): FieldProblem[] {
  if (issue.code !== "unrecognized_keys") return [fieldProblem(issue)];
  return issue.keys.map((key) => ({
    field: [...issue.path, key].join("."),
    code: "unknown_field",
    message: "Ce champ n'existe pas.",
  }));
}

function fieldProblem(issue: { path: PropertyKey[]; code: string; message: string }): FieldProblem {
  return { field: issue.path.join("."), code: issue.code, message: issue.message };
}
