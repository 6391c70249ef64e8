import { existsSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join, resolve } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";

/**
 * A built front end, as a web server answers it: its files, and its page for every other address, which the page itself
 * knows. Throws where the folder has no page.
 */
export function webFiles(folder: string): RequestListener {
  const root = resolve(folder);
  if (!existsSync(join(root, "index.html"))) throw new Error(`${root} has no index.html: build the front end first`);
  const app = new Hono()
    .use(async (c, next) => {
      await next();
      c.header("X-Content-Type-Options", "nosniff");
      // A new build is seen at once; what a page keeps for long has another name each time.
      c.header("Cache-Control", "no-cache");
    })
    .use(serveStatic({ root }))
    // A file that is missing is missing; an address of the page's own has no ending.
    .get("*", (c, next) => (/\.\w+$/.test(c.req.path) ? next() : serveStatic({ root, path: "index.html" })(c, next)));
  return getRequestListener(app.fetch);
}
