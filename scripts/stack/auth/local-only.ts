import { isLoopbackHostname } from "@supabase/lite";
import type { MiddlewareHandler } from "hono";

/**
 * Refuses what a page of another site could send here. Such a page may point its own name at 127.0.0.1, so the name
 * asked for must be one of this machine; and it may post across origins, so a foreign Origin is refused as well.
 */
export const onlyLocal: MiddlewareHandler = async (c, next) => {
  const host = c.req.header("Host") ?? "";
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : "";
  const origin = c.req.header("Origin");
  const foreign = origin !== undefined && origin !== `http://${host}`;
  const site = c.req.header("Sec-Fetch-Site");
  const crossSite = site === "cross-site" && c.req.header("Sec-Fetch-Mode") !== "navigate";
  if (!isLoopbackHostname(name) || foreign || crossSite) return c.text("Only for pages of this machine\n", 403);
  await next();
};
