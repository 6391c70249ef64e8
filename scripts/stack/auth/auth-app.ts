import { Hono } from "hono";
import postgres from "postgres";
import { accountRoutes } from "./account-routes.ts";
import { adminRoutes } from "./admin-routes.ts";
import type { AuthServerConfig } from "./config.ts";
import { answerError } from "./errors.ts";
import { factorRoutes } from "./factor-routes.ts";
import type { Mailbox } from "./mailbox.ts";
import { oddAuthRequests, wordless } from "./odd-requests.ts";
import { settingsRoutes } from "./settings-routes.ts";

/** Routes below `/auth/v1`, as GoTrue answers them, and what ends their connections. */
export function createAuthApp(config: AuthServerConfig, mailbox: Mailbox): { app: Hono; close(): Promise<void> } {
  const connect = (role: string, max: number) =>
    postgres(config.dbUrl, { max, onnotice: () => undefined, connection: { role, TimeZone: "UTC" } });
  const [sql, limits] = [connect("supabase_auth_admin", 5), connect("service_role", 3)];
  const context = { config, sql, limits, mailbox };

  const app = new Hono().basePath("/auth/v1").onError(answerError);
  // What falls through at a path that exists came with another method.
  app.notFound((c) =>
    wordless(
      c,
      app.routes.some((route) => route.method !== "ALL" && route.path === c.req.path),
    ),
  );
  app.use("*", oddAuthRequests);
  app.route("/", adminRoutes(context));
  app.route("/", factorRoutes(context));
  app.route("/", accountRoutes(context));
  app.route("/", settingsRoutes(config.auth));
  return {
    app,
    close: async () => {
      await Promise.all([sql.end(), limits.end()]);
    },
  };
}
