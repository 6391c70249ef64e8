// All that talks to the project. Reading and signing in are supabase-js; what changes something are the documented paths.
import { config } from "./config.js";

export const supabase = window.supabase.createClient(config.url, config.publishableKey);

/** The rows of a query, or what a function answers. Throws with the database's own, French message. */
export async function read(query) {
  const { data, error } = await query;
  if (error) throw new Error(error.message);
  return data;
}

/** Asks a path below `/api/`, as who is signed in. Throws with the message of the refusal, and its stable `code`. */
export async function call(path, options) {
  const { data, error } = await supabase.functions.invoke(`leads/api/${path}`, options);
  if (!error) return data;
  const refusal = (await error.context?.json?.().catch(() => undefined)) ?? { message: error.message };
  throw Object.assign(new Error(refusal.details?.[0]?.message ?? refusal.message), { code: refusal.code });
}

export const post = (path, body = {}) => call(path, { method: "POST", body });
export const get = (path) => call(path, { method: "GET" });

/** Who is signed in, with his role; null for the public. */
export async function whoIsSignedIn() {
  const { data } = await supabase.auth.getSession();
  return data.session ? read(supabase.rpc("users_me")) : null;
}
