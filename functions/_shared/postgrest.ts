import { isOperators, isPlain, publishableKey, secretHeaders, supabaseUrl, userAuthorization } from "./keys.ts";
import { fromPostgrest, type PostgrestError } from "./postgrest-errors.ts";
import { Problem, serviceUnavailable } from "./problem.ts";
import { callOf } from "./rest-call.ts";
import { isVersioned, type SqlArguments, type SqlObject, withoutVersion } from "./sql-object.ts";

const attemptsAtMost = 4;

/**
 * Asks PostgREST with the caller's own token, or as anon without one, so that the database decides what is seen; with the
 * project's key where the call is the operators' own.
 * Reads by GET, for HEAD too: for that, PostgREST does not run a function, and so would not see that it refuses. Writes by
 * POST, and reads what PostgREST would misunderstand in an address.
 * Returns the answer unread, to be streamed. Throws a Problem for every other status than 2xx.
 */
export async function askDatabase(object: SqlObject, args: SqlArguments, caller: Headers): Promise<Response> {
  const authorization = isOperators(caller) ? undefined : userAuthorization(caller);
  const headers = { ...headersOf(caller, authorization), ...profileOf(object) };
  const { path, query, ...init } = callOf(object, args, headers);
  const url = `${supabaseUrl()}/rest/v1/${path}${query}`;
  for (let attempt = 1; ; attempt++) {
    const response = await send(url, init);
    if (response.ok) return response;
    const error = await readError(response);
    // Two that waited for each other crosswise: the database ended one of them, and nothing of it was done.
    if (attempt < attemptsAtMost && /^40(P01|001)$/.test(error.code ?? "")) continue;
    // No row of this version: of another one, or none at all.
    if (error.code === "PGRST116" && isVersioned(object) && args[object.version]) {
      await askDatabase(withoutVersion(object), { [object.key]: args[object.key] }, caller);
      throw new Problem(412, "precondition_failed", "Cet objet a changé entre-temps : relisez-le.");
    }
    throw problemOf(object, response.status, error, authorization !== undefined);
  }
}

function problemOf(object: SqlObject, status: number, error: PostgrestError, signedIn: boolean): Problem {
  const problem = fromPostgrest(status, error, signedIn, object.name);
  // The code alone: PostgreSQL's texts quote values, which may be somebody's data.
  if (problem.status >= 500) console.error(`${object.name}: PostgREST answered ${status} ${error.code ?? ""}`);
  return problem;
}

/** `fetch` of one of the project's own services; throws a Problem (503) where nothing answers. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw serviceUnavailable();
  }
}

function profileOf({ schema }: SqlObject): Record<string, string> {
  return schema ? { "Accept-Profile": schema, "Content-Profile": schema } : {};
}

function headersOf(caller: Headers, authorization: string | undefined): Record<string, string> {
  // Identity: a compressed answer would be unpacked here only to be packed again for the caller.
  const key = isOperators(caller) ? secretHeaders() : { apikey: publishableKey() };
  const headers: Record<string, string> = { ...key, "Accept-Encoding": "identity" };
  if (authorization) headers.Authorization = authorization;
  const passedOn = {
    prefer: preferencesOf(caller.get("prefer") ?? ""),
    "x-request-id": caller.get("x-request-id") ?? "",
  };
  for (const [name, value] of Object.entries(passedOn)) if (value && isPlain(value)) headers[name] = value;
  return headers;
}

// Those that would have PostgREST call a function otherwise than its route does, or take back what it has done.
function preferencesOf(value: string): string {
  const unwanted = /^\s*(?:params|tx|return|resolution|missing|timezone|max-affected)\s*=/i;
  return value
    .split(",")
    .filter((one) => !unwanted.test(one))
    .join(",");
}

async function readError(response: Response): Promise<PostgrestError> {
  try {
    return (await response.json()) as PostgrestError;
  } catch {
    return {};
  }
}
