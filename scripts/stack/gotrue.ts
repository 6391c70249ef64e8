import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { AuthConfig, MailTemplate } from "./auth-config.ts";
import type { StackKeys } from "./keys.ts";
import { freePort } from "./ports.ts";
import { databaseUrl } from "./postgres.ts";
import type { Supervisor } from "./supervisor.ts";
import { until } from "./until.ts";

// Supabase's own Auth server in the place of the embedded one: a binary that the person has built or been given. It keeps
// its own schema, gets section [auth] of config.toml by its environment, and sends its mails to the stack's catcher.

/** What GoTrue is started with. */
export type GoTrueOptions = {
  binary: string;
  dataDir: string;
  apiUrl: string;
  keys: Pick<StackKeys, "jwtSecret">;
  auth: AuthConfig;
  ports: { db: number; mail: number };
  /** Where the stack takes mails by SMTP. */
  smtpPort: number;
};

/** The binary's path. Throws where there is none. */
export function authBinary(path: string): string {
  const binary = resolve(path);
  if (!existsSync(binary)) throw new Error(`There is no auth binary ${binary}`);
  return binary;
}

/** Brings schema auth to what the binary expects. Throws with what it printed where it fails. */
export async function migrateGoTrue(options: GoTrueOptions): Promise<void> {
  const child = spawn(options.binary, ["migrate"], {
    ...{ cwd: options.dataDir, env: goTrueEnv(options, 0) },
    timeout: 60_000,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (printed += part));
  const code = await new Promise((done, fail) => child.once("error", fail).once("close", done));
  if (code !== 0) throw new Error(`${options.binary} migrate failed (${code})\n${printed.slice(-2000)}`);
}

/** Starts GoTrue; resolves with its port when it answers. */
export async function startGoTrue(supervisor: Supervisor, options: GoTrueOptions): Promise<number> {
  const port = await freePort();
  const child = supervisor.start({
    name: "GoTrue",
    command: options.binary,
    args: ["serve"],
    env: goTrueEnv(options, port),
    logFile: join(options.dataDir, "logs", "gotrue.log"),
  });
  await until(() => isHealthy(port), child);
  return port;
}

async function isHealthy(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok;
  } catch {
    return false;
  }
}

const templateNames: Record<MailTemplate, string> = {
  confirmation: "CONFIRMATION",
  recovery: "RECOVERY",
  magic_link: "MAGIC_LINK",
  invite: "INVITE",
  email_change: "EMAIL_CHANGE",
  reauthentication: "REAUTHENTICATION",
};

/** Section [auth] as GoTrue reads it, and the rest of what it needs. */
export function goTrueEnv(options: GoTrueOptions, port: number): NodeJS.ProcessEnv {
  const { apiUrl, keys, auth, ports, smtpPort } = options;
  const base = `${apiUrl}/auth/v1`;
  const mails = (Object.keys(templateNames) as MailTemplate[]).flatMap((name) => [
    [`GOTRUE_MAILER_TEMPLATES_${templateNames[name]}`, `http://127.0.0.1:${ports.mail}/templates/${name}`],
    [`GOTRUE_MAILER_SUBJECTS_${templateNames[name]}`, auth.mails[name].subject],
  ]);
  const links = ["INVITE", "CONFIRMATION", "RECOVERY", "EMAIL_CHANGE"];
  const others = Object.entries(process.env).filter(([name]) => !/^(GOTRUE_|API_|DATABASE_|PG|PORT$)/.test(name));
  return {
    ...Object.fromEntries(others),
    ...Object.fromEntries(mails),
    ...Object.fromEntries(links.map((name) => [`GOTRUE_MAILER_URLPATHS_${name}`, `${base}/verify`])),
    API_EXTERNAL_URL: base,
    GOTRUE_API_HOST: "127.0.0.1",
    GOTRUE_API_PORT: String(port),
    GOTRUE_DB_DRIVER: "postgres",
    GOTRUE_DB_DATABASE_URL: databaseUrl(ports.db, "supabase_auth_admin"),
    GOTRUE_DB_NAMESPACE: "auth",
    GOTRUE_LOG_LEVEL: "warn",
    GOTRUE_SITE_URL: auth.siteUrl,
    GOTRUE_URI_ALLOW_LIST: auth.redirectUrls.join(","),
    GOTRUE_JWT_SECRET: keys.jwtSecret,
    GOTRUE_JWT_EXP: String(auth.jwtExpiry),
    GOTRUE_JWT_AUD: "authenticated",
    GOTRUE_JWT_DEFAULT_GROUP_NAME: "authenticated",
    GOTRUE_JWT_ADMIN_ROLES: "service_role",
    GOTRUE_JWT_ISSUER: base,
    GOTRUE_DISABLE_SIGNUP: String(!auth.enableSignup),
    GOTRUE_EXTERNAL_EMAIL_ENABLED: String(auth.enableEmail),
    GOTRUE_EXTERNAL_PHONE_ENABLED: "false",
    GOTRUE_PASSWORD_MIN_LENGTH: String(auth.minimumPasswordLength),
    // A colon parts the sets; one that belongs to a set is escaped.
    GOTRUE_PASSWORD_REQUIRED_CHARACTERS: auth.requiredCharacters.map((set) => set.replaceAll(":", "\\:")).join(":"),
    GOTRUE_SECURITY_REFRESH_TOKEN_ROTATION_ENABLED: String(auth.refreshTokenRotation),
    GOTRUE_SECURITY_REFRESH_TOKEN_REUSE_INTERVAL: String(auth.refreshTokenReuseInterval),
    GOTRUE_SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION: String(auth.securePasswordChange),
    GOTRUE_MAILER_AUTOCONFIRM: String(!auth.enableConfirmations),
    GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED: String(auth.doubleConfirmChanges),
    GOTRUE_MAILER_OTP_LENGTH: String(auth.otpLength),
    GOTRUE_MAILER_OTP_EXP: String(auth.otpExpiry),
    GOTRUE_SMTP_HOST: "127.0.0.1",
    GOTRUE_SMTP_PORT: String(smtpPort),
    GOTRUE_SMTP_ADMIN_EMAIL: "auth@localhost",
    GOTRUE_SMTP_MAX_FREQUENCY: `${auth.mailInterval}s`,
    GOTRUE_RATE_LIMIT_EMAIL_SENT: "360000",
    ...(auth.sessionLength === undefined ? {} : { GOTRUE_SESSIONS_TIMEBOX: `${auth.sessionLength}s` }),
    ...(auth.sessionIdle === undefined ? {} : { GOTRUE_SESSIONS_INACTIVITY_TIMEOUT: `${auth.sessionIdle}s` }),
    GOTRUE_MFA_MAX_ENROLLED_FACTORS: String(auth.maxFactors),
    GOTRUE_MFA_TOTP_ENROLL_ENABLED: String(auth.totp.enroll),
    GOTRUE_MFA_TOTP_VERIFY_ENABLED: String(auth.totp.verify),
  };
}
