import { secretHeaders, supabaseUrl } from "./keys.ts";
import { send } from "./postgrest.ts";
import { fromPostgrest, type PostgrestError } from "./postgrest-errors.ts";

/**
 * Calls a published function that is for the project's own functions alone, with the secret key. Returns what it
 * returned; throws a Problem for every other status than 2xx.
 */
export async function callAsService(name: string, args: object, schema = "public"): Promise<unknown> {
  const response = await send(`${supabaseUrl()}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: { ...secretHeaders(), "Content-Type": "application/json", "Content-Profile": schema },
    body: JSON.stringify(args),
  });
  const text = await response.text();
  if (response.ok) return text === "" ? undefined : JSON.parse(text);
  const problem = fromPostgrest(response.status, errorOf(text), true);
  if (problem.status >= 500) console.error(`${name}: PostgREST answered ${response.status}`);
  throw problem;
}

function errorOf(text: string): PostgrestError {
  try {
    return JSON.parse(text) as PostgrestError;
  } catch {
    return {};
  }
}
