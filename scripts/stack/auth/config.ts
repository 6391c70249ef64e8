import type { AuthConfig } from "../auth-config.ts";

/** What the process needs to know; every value comes from the orchestrator by environment. */
export interface AuthServerConfig {
  /** Connection string of the database's superuser. */
  dbUrl: string;
  /** Public base of the gateway, `http://127.0.0.1:54321`. */
  apiUrl: string;
  jwtSecret: string;
  publishableKey: string;
  secretKey: string;
  litePort: number;
  studioPort: number;
  mailPort: number;
  /** Where mails are taken by SMTP: those of functions, and of an Auth that is another process. */
  smtpPort: number;
  /** Whether Auth is another process. */
  otherAuth: boolean;
  /** Folder below which stored files are kept. */
  dataDir: string;
  auth: AuthConfig;
}

/**
 * Reads the configuration from `STACK_*` variables.
 *
 * @throws Error that names the variable that is missing or no port
 */
export function readConfig(env: NodeJS.ProcessEnv): AuthServerConfig {
  const text = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set`);
    return value;
  };
  const port = (name: string): number => {
    const value = Number(text(name));
    if (!Number.isInteger(value) || value < 1 || value > 65535) throw new Error(`${name} is not a port`);
    return value;
  };
  return {
    dbUrl: text("STACK_DB_URL"),
    apiUrl: text("STACK_API_URL").replace(/\/$/, ""),
    jwtSecret: text("STACK_JWT_SECRET"),
    publishableKey: text("STACK_PUBLISHABLE_KEY"),
    secretKey: text("STACK_SECRET_KEY"),
    litePort: port("STACK_LITE_PORT"),
    studioPort: port("STACK_STUDIO_PORT"),
    mailPort: port("STACK_MAIL_PORT"),
    smtpPort: port("STACK_SMTP_PORT"),
    otherAuth: env.STACK_OTHER_AUTH === "true",
    dataDir: text("STACK_DATA_DIR"),
    auth: JSON.parse(text("STACK_AUTH")) as AuthConfig,
  };
}
