import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { serveStatic } from "@hono/node-server/serve-static";
import { App } from "@supabase/lite";
import { type Context, Hono } from "hono";
import postgres from "postgres";
import type { AuthServerConfig } from "./config.ts";
import { connectLite } from "./lite-connection.ts";
import { onlyLocal } from "./local-only.ts";

/** Studio, the table browser inside @supabase/lite, and the API that its page calls. */
export function createStudioApp(config: AuthServerConfig): { app: Hono; close(): Promise<void> } {
  const connection = connectLite(config.dbUrl, { max: 3 });
  const sql = postgres(config.dbUrl, { max: 1, onnotice: () => undefined });
  const schemas: string[] = ["public"];
  // As on Supabase, who opens Studio is the owner of the database, not a role of the API. Its page sends no key in
  // admin mode; the key added below leads to the resolver, which names that role.
  const owner = async () => ({ type: "publishable" as const, claims: { role: "postgres" } });
  const lite = new App({
    connection,
    api: { enabled: true, schemas },
    studio: { enabled: true },
    auth: { enabled: false, publishable_key: config.publishableKey },
    options: { server: { admin: true, apiKeys: { resolver: owner } } },
  });

  const app = new Hono();
  app.use("*", onlyLocal);
  app.use("*", async (c, next) => {
    await next();
    c.res.headers.delete("Access-Control-Allow-Origin");
    c.header("X-Frame-Options", "DENY");
  });
  const files = dirname(fileURLToPath(import.meta.resolve("@supabase/lite")));
  app.use("/static/*", serveStatic({ root: files }));
  app.get("/favicon.ico", serveStatic({ path: join(files, "static", "favicon.ico") }));
  app.get("/comments.js", serveStatic({ path: fileURLToPath(new URL("studio-comments.js", import.meta.url)) }));
  // The page asks for this and nothing more; @supabase/lite would add the database's password.
  app.get("/_system/info", (c) =>
    c.json({ admin: true, config: { auth: { publishable_key: config.publishableKey } } }),
  );
  app.get("/_system/introspect", async (c) => {
    // Migrations run while this process lives; what it remembers of the catalogue is read anew with each page.
    const rows = await sql<{ name: string }[]>`
      select nspname as name from pg_namespace where nspname !~ '^(pg_|information_schema$)' order by 1`;
    lite.config.api?.schemas?.splice(0, Number.POSITIVE_INFINITY, ...rows.map((row) => row.name));
    await connection.clearSchemaCache();
    return lite.fetch(c.req.raw);
  });
  app.all("/rest/v1/*", (c) => {
    const headers = new Headers(c.req.raw.headers);
    headers.set("apikey", "owner");
    headers.delete("Authorization");
    return lite.fetch(new Request(c.req.raw, { headers }));
  });
  // Left to itself it opens on public, which has no tables here; what follows the point would name one.
  const opening = async (c: Context) => c.redirect(`/editor/${await schemaWithTables(sql)}.`);
  app.get("/", opening);
  app.get("/editor", opening);
  app.get("*", async (c) => {
    const page = await (await lite.fetch(c.req.raw)).text();
    return c.html(page.replace("</body>", '<script type="module" src="/comments.js"></script></body>'));
  });
  return {
    app,
    close: async () => {
      await Promise.all([connection.close(), sql.end()]);
    },
  };
}

/** The project's schema with the most tables, or public if it has some. */
async function schemaWithTables(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ name: string }[]>`
    select relnamespace::regnamespace::text as name from pg_class
    where relkind in ('r', 'p') and relnamespace::regnamespace::text !~ '^(pg_|information_schema|auth|storage|supabase_)'
    group by relnamespace order by relnamespace = 'public'::regnamespace desc, count(*) desc, 1 limit 1`;
  return row?.name ?? "public";
}
