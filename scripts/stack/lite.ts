import { existsSync } from "node:fs";
import { join } from "node:path";
import type { AuthConfig } from "./auth-config.ts";
import type { StackKeys } from "./keys.ts";
import { freePort } from "./ports.ts";
import { projectRoot, typescriptArgs } from "./project.ts";
import type { Log, Supervisor } from "./supervisor.ts";

/** What the process of auth, storage, Studio and mails is started with. */
export type LiteOptions = {
  dataDir: string;
  dbUrl: string;
  apiUrl: string;
  keys: StackKeys;
  ports: { studio: number; mail: number };
  auth: AuthConfig;
  /** Where mails are taken by SMTP. */
  smtpPort: number;
  /** Whether Auth is another process. */
  otherAuth: boolean;
  log: Log;
};

/**
 * Starts auth, storage, Studio and the mail catcher; resolves with the port of the first two when they listen.
 * A process of their own: hashing passwords would hold up every request that passes the gateway.
 */
export async function startLite(supervisor: Supervisor, options: LiteOptions): Promise<number> {
  const file = join(projectRoot, "scripts", "stack", "auth", "server.ts");
  const port = await freePort();
  if (!existsSync(file)) return port;
  let listens: () => void = () => undefined;
  const listening = new Promise<void>((resolve) => {
    listens = resolve;
  });
  const child = supervisor.start({
    name: "auth",
    command: process.execPath,
    args: typescriptArgs(file),
    env: {
      ...process.env,
      STACK_DB_URL: options.dbUrl,
      STACK_API_URL: options.apiUrl,
      STACK_JWT_SECRET: options.keys.jwtSecret,
      STACK_PUBLISHABLE_KEY: options.keys.publishableKey,
      STACK_SECRET_KEY: options.keys.secretKey,
      STACK_LITE_PORT: String(port),
      STACK_STUDIO_PORT: String(options.ports.studio),
      STACK_MAIL_PORT: String(options.ports.mail),
      STACK_SMTP_PORT: String(options.smtpPort),
      STACK_OTHER_AUTH: String(options.otherAuth),
      STACK_DATA_DIR: options.dataDir,
      STACK_AUTH: JSON.stringify(options.auth),
    },
    onLine: (line) => (line.trim() === "listening" ? listens() : options.log(`[auth] ${line}`)),
  });
  const gone = child.exited.then((how) => Promise.reject(new Error(`auth ended while starting (${how})`)));
  await Promise.race([listening, gone]);
  return port;
}
