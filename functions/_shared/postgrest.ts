import { isOperators, isPlain, publishableKey, secretHeaders, supabaseUrl, userAuthorization } from "./keys.ts";
import { fromPostgrest, type PostgrestError } from "./postgrest-errors.ts";
import { type Problem, serviceUnavailable } from "./problem.ts";

const attemptsAtMost = 4;

/** The published SQL object that answers an endpoint; `schema` where it is not the one that PostgREST publishes first. */
export type SqlObject = { kind: "view" | "rpc" | "write"; name: string; schema?: string };

/** The arguments of an SQL object, by their SQL names. What a view or a function that reads is given, is text. */
export type SqlArguments = Record<string, unknown>;

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
  const byPost = object.kind === "write" || (object.kind === "rpc" && Object.values(args).some(looksLikeFilter));
  const ask = () => (byPost ? send(urlOf(object), writing(args, headers)) : send(urlOf(object, args), { headers }));
  for (let attempt = 1; ; attempt++) {
    const response = await ask();
    if (response.ok) return response;
    const error = await readError(response);
    // Two that waited for each other crosswise: the database ended one of them, and nothing of it was done.
    if (attempt < attemptsAtMost && /^40(P01|001)$/.test(error.code ?? "")) continue;
    throw problemOf(object, response.status, error, authorization !== undefined);
  }
}

/** Whether PostgREST would take an argument in the address for a filter on the answer: `eq.1`, `like(any).x`. */
function looksLikeFilter(value: unknown): boolean {
  return /^[a-z]+[.(]/.test(String(value));
}

function problemOf(object: SqlObject, status: number, error: PostgrestError, signedIn: boolean): Problem {
  const problem = fromPostgrest(status, error, signedIn);
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

function writing(args: SqlArguments, headers: Record<string, string>): RequestInit {
  return { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(args) };
}

function urlOf(object: SqlObject, args: SqlArguments = {}): string {
  const path = object.kind === "view" ? object.name : `rpc/${object.name}`;
  const text = Object.entries(args).map(([name, value]): [string, string] => [name, String(value)]);
  const query = text.length > 0 ? `?${new URLSearchParams(text)}` : "";
  return `${supabaseUrl()}/rest/v1/${path}${query}`;
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
