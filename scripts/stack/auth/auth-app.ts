import { App } from "@supabase/lite";
import { Hono } from "hono";
import postgres from "postgres";
import { accountRoutes } from "./account-routes.ts";
import { adminRoutes } from "./admin-routes.ts";
import { minimumPasswordLength } from "./admin-users.ts";
import type { AuthServerConfig } from "./config.ts";
import { answerError } from "./errors.ts";
import { factorRoutes } from "./factor-routes.ts";
import { connectLite } from "./lite-connection.ts";
import type { Mailbox } from "./mailbox.ts";
import { createMailer, requestedRedirect } from "./mailer.ts";
import { oddAuthRequests, wordless } from "./odd-requests.ts";

/** Routes below `/auth/v1`, as GoTrue answers them, and what ends their connections. */
export function createAuthApp(config: AuthServerConfig, mailbox: Mailbox): { app: Hono; close(): Promise<void> } {
  const role = "supabase_auth_admin";
  const connection = connectLite(config.dbUrl, { role });
  const connect = (role: string, max: number) =>
    postgres(config.dbUrl, { max, onnotice: () => undefined, connection: { role, TimeZone: "UTC" } });
  const [sql, limits] = [connect(role, 5), connect("service_role", 3)];
  const lite = new App({
    connection,
    auth: {
      enabled: true,
      jwt_secret: config.jwtSecret,
      jwt_expiry: config.auth.jwtExpiry,
      site_url: config.siteUrl,
      minimum_password_length: minimumPasswordLength,
      enable_signup: config.auth.enableSignup,
      enable_refresh_token_rotation: true,
      email: { enable_signup: true, enable_confirmations: config.auth.enableConfirmations },
    },
    // The gateway in front has checked the key and put a token in its place.
    options: { server: { apiKeys: false } },
  });
  lite._mailer = createMailer(config, mailbox);
  const context = { config, sql, limits, mailbox, lite: async (request: Request) => lite.fetch(request) };

  const app = new Hono().basePath("/auth/v1").onError(answerError);
  // What falls through at a path that exists came with another method.
  app.notFound((c) =>
    wordless(
      c,
      app.routes.some((route) => route.method !== "ALL" && route.path === c.req.path),
    ),
  );
  app.use("*", (c, next) => requestedRedirect.run(c.req.query("redirect_to"), next));
  app.use("*", oddAuthRequests);
  app.route("/", adminRoutes(context));
  app.route("/", factorRoutes(context));
  app.route("/", accountRoutes(context));
  return {
    app,
    close: async () => {
      await Promise.all([connection.close(), sql.end(), limits.end()]);
    },
  };
}
