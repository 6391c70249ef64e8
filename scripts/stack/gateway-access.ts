import type { IncomingMessage } from "node:http";
import { isSignedJwt, type StackKeys } from "./keys.ts";

/** Which key stands for which token. */
export type AccessRules = { tokens: ReadonlyMap<string, string>; anonAuthorization: string };

/** The header to send on (undefined: as it came), or why not. */
export type Access =
  | { authorization?: string | undefined; isAnon?: boolean }
  | { refusal: { message: string; hint: string } };

// What is asked for without a key: the links in mails, and Storage, which wants a token where it wants to know who asks.
const open = [/^\/auth\/v1\/(verify|authorize|callback|\.well-known\/)/, /^\/storage\/v1\//];

/** The keys of a stack, and the two older ones that are tokens already. */
export function accessRules(keys: StackKeys): AccessRules {
  const { anonToken, serviceRoleToken } = keys;
  return {
    anonAuthorization: `Bearer ${anonToken}`,
    tokens: new Map([
      [keys.publishableKey, `Bearer ${anonToken}`],
      [keys.secretKey, `Bearer ${serviceRoleToken}`],
      [anonToken, `Bearer ${anonToken}`],
      [serviceRoleToken, `Bearer ${serviceRoleToken}`],
    ]),
  };
}

/**
 * What a request may be sent on with: a user's token wins over the key, a key alone acts as the role that it stands for.
 * The token itself is checked by the service that gets it.
 */
export function authorize(incoming: IncomingMessage, { tokens, anonAuthorization }: AccessRules): Access {
  const { authorization } = incoming.headers;
  const key = apiKey(incoming);
  const token = key === undefined ? undefined : tokens.get(key);
  if (token === undefined && isOpen(incoming)) return {};
  if (key === undefined) {
    return {
      refusal: { message: "No API key found in request", hint: "No `apikey` request header or url param was found." },
    };
  }
  if (token === undefined) {
    return {
      refusal: { message: "Invalid API key", hint: "Double check your Supabase `anon` or `service_role` API key." },
    };
  }
  // supabase-js repeats its key as a bearer token while nobody is signed in.
  const hasOwnToken = authorization !== undefined && authorization !== "" && authorization !== `Bearer ${key}`;
  const isAnon = (hasOwnToken ? authorization : token) === anonAuthorization;
  return hasOwnToken ? { isAnon } : { authorization: token, isAnon };
}

function isOpen({ url = "" }: IncomingMessage): boolean {
  return open.some((pattern) => pattern.test(url));
}

function apiKey({ headers, url = "" }: IncomingMessage): string | undefined {
  const { apikey } = headers;
  if (typeof apikey === "string" && apikey !== "") return apikey;
  if (!url.includes("apikey=")) return undefined;
  return new URLSearchParams(url.slice(url.indexOf("?") + 1)).get("apikey") ?? undefined;
}

/** Says why a function is not called; undefined where it is. */
export type FunctionAccess = (slug: string, incoming: IncomingMessage) => { code: string; message: string } | undefined;

/**
 * Wants a token of the project for every function but the open ones, as a hosted project does: a publishable key is
 * none. A browser asks beforehand without one.
 */
export function functionAccess(open: readonly string[], jwtSecret: string): FunctionAccess {
  return (slug, { method, headers: { authorization } }) => {
    if (open.includes(slug) || method === "OPTIONS") return undefined;
    if (!authorization) return { code: "UNAUTHORIZED_NO_AUTH_HEADER", message: "Missing authorization header" };
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1] ?? "";
    if (isSignedJwt(token, jwtSecret)) return undefined;
    return { code: "UNAUTHORIZED_INVALID_JWT_FORMAT", message: "Invalid JWT" };
  };
}
