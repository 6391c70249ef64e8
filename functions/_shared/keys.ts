import type { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import process from "node:process";
import { tokenRefused } from "./problem.ts";

/** The project's base URL as the function reaches it, without a trailing slash. */
export function supabaseUrl(): string {
  return setting("SUPABASE_URL").replace(/\/+$/, "");
}

/** The key that makes a call anonymous unless it carries a user's token; hosted projects name it in one of two ways. */
export function publishableKey(): string {
  const named = process.env.SUPABASE_PUBLISHABLE_KEYS;
  const key = named ? (JSON.parse(named) as Record<string, string>).default : undefined;
  return key ?? setting("SUPABASE_ANON_KEY");
}

/** Whether a call carries one of the project's secret keys, in either place. */
export function isSecretKey(headers: Headers): boolean {
  const named = JSON.parse(process.env.SUPABASE_SECRET_KEYS ?? "{}") as Record<string, string>;
  const keys = [...Object.values(named), process.env.SUPABASE_SERVICE_ROLE_KEY].filter((key) => key !== undefined);
  const given = [headers.get("apikey"), headers.get("authorization")?.replace(/^bearer\s+/i, "")];
  return given.some((text) => text && keys.some((key) => isSame(text, key)));
}

/** Compares in a time that does not tell how much of the text is right. */
function isSame(text: string, other: string): boolean {
  const [a, b] = [text, other].map((each) => createHash("sha256").update(each).digest());
  return timingSafeEqual(a as Buffer, b as Buffer);
}

/** The headers that make a call the project's own, beyond row-level security. Never with anything of the caller's. */
export function secretHeaders(): Record<string, string> {
  const named = process.env.SUPABASE_SECRET_KEYS;
  const key =
    (named ? (JSON.parse(named) as Record<string, string>).default : undefined) ?? setting("SUPABASE_SERVICE_ROLE_KEY");
  // The older kind of key is a token as well, and is wanted in both places.
  return key.startsWith("sb_") ? { apikey: key } : { apikey: key, Authorization: `Bearer ${key}` };
}

/** Whether a call was sent with the project's secret key, as `apikey`. */
export function hasSecretKey(headers: Headers): boolean {
  const [own, theirs] = [secretHeaders().apikey, headers.get("apikey")].map((key) =>
    new TextEncoder().encode(key ?? ""),
  );
  return own !== undefined && theirs !== undefined && own.length === theirs.length && timingSafeEqual(own, theirs);
}

const operators = new WeakSet<Headers>();

/** Makes a call the operators' own, whom `hasSecretKey` has shown to be theirs: no header that is sent can say so. */
export function asOperators(request: Request): Request {
  operators.add(request.headers);
  return request;
}

export function isOperators(headers: Headers): boolean {
  return operators.has(headers);
}

/**
 * The caller's `Authorization` header where it holds a user's token. supabase-js sends its own key there while nobody
 * is signed in; a key is not a token, and a secret key must not pass for a user. Throws a Problem (401) for what cannot be one.
 */
export function userAuthorization(headers: Headers): string | undefined {
  const value = headers.get("authorization");
  if (value && !isPlain(value)) throw tokenRefused(false);
  return value && !/^bearer\s+sb_/i.test(value) ? value : undefined;
}

/** Whether a header's value is ASCII: PostgREST falls over one that is no UTF-8, and nothing that it is sent holds more. */
export function isPlain(value: string): boolean {
  return /^[ -~]*$/.test(value);
}

/** The token in it. */
export function userToken(headers: Headers): string | undefined {
  return userAuthorization(headers)?.replace(/^bearer\s+/i, "");
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is not set`);
  return value;
}
