import { fr } from "zod/locales";
import type { FieldProblem } from "./problem.ts";
import { invalidParameters } from "./problem.ts";
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
  // First wins: a path parameter over a query parameter of its name, and the first of a repeated parameter.
  const parsed = route.input.safeParse(Object.fromEntries(given.reverse()), { error: french });
  if (!parsed.success) throw invalidParameters(parsed.error.issues.map(fieldProblem));
  for (const [name, value] of Object.entries(parsed.data)) {
    if (value !== undefined) args.set(route.sqlNames?.[name] ?? name, String(value));
  }
  return args;
}

function fieldProblem(issue: { path: PropertyKey[]; code: string; message: string }): FieldProblem {
  return { field: issue.path.join("."), code: issue.code, message: issue.message };
}
