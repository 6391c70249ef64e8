import { publishableKey, supabaseUrl, userAuthorization } from "./keys.ts";
import { fromPostgrest, type PostgrestError } from "./postgrest-errors.ts";
import { serviceUnavailable } from "./problem.ts";

/** The published SQL object that answers an endpoint. */
export type SqlObject = { kind: "view" | "rpc"; name: string };

/**
 * Asks PostgREST with the caller's own token, or as anon without one, so that the database decides what is seen.
 * Always by GET: for HEAD, PostgREST does not run a function, and so would not see that it refuses.
 * Returns the answer unread, to be streamed. Throws a Problem for every other status than 2xx.
 */
export async function askDatabase(object: SqlObject, args: URLSearchParams, caller: Headers): Promise<Response> {
  const authorization = userAuthorization(caller);
  const response = await send(urlOf(object, args), { headers: headersOf(caller, authorization) });
  if (response.ok) return response;
  const error = await readError(response);
  const problem = fromPostgrest(response.status, error, authorization !== undefined);
  // The code alone: PostgreSQL's texts quote values, which may be somebody's data.
  if (problem.status >= 500) console.error(`${object.name}: PostgREST answered ${response.status} ${error.code ?? ""}`);
  throw problem;
}

/** `fetch` of one of the project's own services; throws a Problem (503) where nothing answers. */
export async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw serviceUnavailable();
  }
}

function urlOf(object: SqlObject, args: URLSearchParams): string {
  const path = object.kind === "rpc" ? `rpc/${object.name}` : object.name;
  const query = args.size > 0 ? `?${args}` : "";
  return `${supabaseUrl()}/rest/v1/${path}${query}`;
}

function headersOf(caller: Headers, authorization: string | undefined): Record<string, string> {
  // Identity: a compressed answer would be unpacked here only to be packed again for the caller.
  const headers: Record<string, string> = { apikey: publishableKey(), "Accept-Encoding": "identity" };
  if (authorization) headers.Authorization = authorization;
  for (const name of ["prefer", "x-request-id"]) {
    const value = caller.get(name);
    if (value) headers[name] = value;
  }
  return headers;
}

async function readError(response: Response): Promise<PostgrestError> {
  try {
    return (await response.json()) as PostgrestError;
  } catch {
    return {};
  }
}
