import process from "node:process";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { publicOrigin } from "./public-url.ts";

/**
 * Lets pages of other origins call: any page without credentials, since a token is nothing that a browser adds by itself,
 * and those of the origins in `WEB_ORIGINS` (separated by commas) with the cookie of the session.
 */
export function crossOrigin(exposeHeaders: string[]): MiddlewareHandler {
  const options = { exposeHeaders, maxAge: 3600 };
  const anybody = cors({ ...options, origin: "*" });
  const known = cors({ ...options, origin: (origin) => origin, credentials: true });
  const origins = webOrigins();
  return (c, next) => (origins.has(c.req.header("origin") ?? "") ? known(c, next) : anybody(c, next));
}

/** Whether a page sends this that is neither of this origin nor of one in `WEB_ORIGINS`. No page can leave out or change what says so. */
export function isForeign(headers: Headers): boolean {
  const origin = headers.get("origin");
  return origin !== null && origin !== publicOrigin(headers) && !webOrigins().has(origin);
}

function webOrigins(): Set<string> {
  return new Set((process.env.WEB_ORIGINS ?? "").split(",").flatMap((origin) => origin.trim() || []));
}
