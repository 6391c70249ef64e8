import { createHmac } from "node:crypto";
import { join } from "node:path";
import { App, setExperimental } from "@supabase/lite";
import type { Hono } from "hono";
import postgres from "postgres";
import type { AuthServerConfig } from "./config.ts";
import { connectLite } from "./lite-connection.ts";
import { createFileAdapter } from "./storage-files.ts";
import { storageRoutes } from "./storage-routes.ts";

function decodedPath(url: string): string {
  const { pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

const maxFileSize = 50 * 2 ** 20;

/** Routes below `/storage/v1`, as Supabase's storage service answers them, and what ends their connections. */
export async function createStorageApp(config: AuthServerConfig): Promise<{ app: Hono; close(): Promise<void> }> {
  const role = "supabase_storage_admin";
  const connection = connectLite(config.dbUrl, { role });
  const sql = postgres(config.dbUrl, { max: 2, onnotice: () => undefined, connection: { role, TimeZone: "UTC" } });
  // A signed URL is a token whose subject is a file name of the caller's choosing. Signed with the project's secret it
  // would pass elsewhere for a token of the user of that name, so storage signs with a secret of its own.
  const storageSecret = createHmac("sha256", config.jwtSecret).update("storage").digest("hex");
  const lite = new App({
    connection,
    auth: { enabled: true, jwt_secret: storageSecret },
    storage: { enabled: true, file_size_limit: `${maxFileSize}B` },
    options: { server: { apiKeys: false } },
  });
  const folder = join(config.dataDir, "storage");
  lite._storageAdapter = createFileAdapter(folder);
  await lite.init();
  // Hono leaves `@`, `?` and their like escaped in a path, and files would be called by the escapes.
  Object.assign(lite.server, { getPath: ({ url }: Request) => decodedPath(url) });
  setExperimental("storage", true);
  const routes = storageRoutes({
    sql,
    jwtSecret: config.jwtSecret,
    storageSecret,
    maxFileSize,
    folder,
    lite: async (request) => lite.fetch(request),
  });
  return {
    app: routes,
    close: async () => {
      await Promise.all([connection.close(), sql.end()]);
    },
  };
}
