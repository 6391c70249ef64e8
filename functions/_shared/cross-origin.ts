import process from "node:process";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/**
 * Lets pages of other origins call: any page without credentials, since a token is nothing that a browser adds by itself,
 * and those of the origins in `WEB_ORIGINS` (separated by commas) with the cookie of the session.
 */
export function crossOrigin(exposeHeaders: string[]): MiddlewareHandler {
  const options = { exposeHeaders, maxAge: 3600 };
  const anybody = cors({ ...options, origin: "*" });
  const known = cors({ ...options, origin: (origin) => origin, credentials: true });
  const origins = new Set((process.env.WEB_ORIGINS ?? "").split(",").flatMap((origin) => origin.trim() || []));
  return (c, next) => (origins.has(c.req.header("origin") ?? "") ? known(c, next) : anybody(c, next));
}
