import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Command } from "commander";
import { Hono } from "hono";
import { resolveTarget } from "../../cli/target.ts";
import { projectRoot } from "../stack/project.ts";

/*
 * npm run example:web
 * Serves examples/web for the running stack, on an address of its own. Beside the page lie supabase-js, as the package
 * has it for browsers, and config.js, which a real front end has from its build: the project's URL and publishable key.
 */

const program = new Command("example:web")
  .description("a front end in plain HTML and supabase-js, for the running stack")
  .option("--data-dir <dir>", "data folder of the running stack (default: .stack of the project)")
  .option("--port <n>", "port of the page; 0: any free one", "54330")
  .action(serve);
await program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

function serve({ dataDir, port }: { dataDir?: string; port: string }): void {
  // The environment may name a project elsewhere; this page is for the stack on this machine.
  const { apiUrl, publishableKey } = resolveTarget({ dataDir }, {});
  const config = `export const config = ${JSON.stringify({ url: apiUrl, publishableKey })};\n`;
  const supabaseJs = dirname(createRequire(import.meta.url).resolve("@supabase/supabase-js/package.json"));
  const app = new Hono()
    .get("/config.js", (c) => c.body(config, 200, { "Content-Type": "text/javascript" }))
    .get("/supabase.js", serveStatic({ root: join(supabaseJs, "dist", "umd"), path: "supabase.js" }))
    .get("*", serveStatic({ root: join(projectRoot, "examples", "web") }));
  const server = createServer(getRequestListener(app.fetch));
  server.once("error", (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  server.listen(Number(port), "127.0.0.1", () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
}
