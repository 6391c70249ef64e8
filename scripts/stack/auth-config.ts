import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { goDuration } from "./go-duration.ts";

// Section [auth] of supabase/config.toml, as the embedded Auth obeys it. What is left out is as the Supabase CLI has it.

const lower = "abcdefghijklmnopqrstuvwxyz";
const letters = [lower, lower.toUpperCase()] as const;
const digits = "0123456789";
const symbols = "!@#$%^&*()_+-=[]{};'\\:\"|<>?,./`~";

/** Sets of characters of each of which a password has one at least, by the name of what the project asks for. */
const passwordRequirements = {
  "": [],
  letters_digits: [letters.join(""), digits],
  lower_upper_letters_digits: [...letters, digits],
  lower_upper_letters_digits_symbols: [...letters, digits, symbols],
} satisfies Record<string, string[]>;

/** The mails that a project words itself, and their subjects where it does not. */
const mailSubjects = {
  confirmation: "Confirm Your Signup",
  recovery: "Reset Your Password",
  magic_link: "Your Magic Link",
  invite: "You have been invited",
  email_change: "Confirm Email Change",
  reauthentication: "Confirm reauthentication",
};

export type MailTemplate = keyof typeof mailSubjects;
const mailTemplates = Object.keys(mailSubjects) as MailTemplate[];

const seconds = z.string().transform((text, context) => {
  const read = goDuration(text);
  if (read !== undefined && read >= 0) return read;
  context.addIssue(`"${text}" is no duration`);
  return z.NEVER;
});

const template = z.object({ subject: z.string().optional(), content_path: z.string().optional() });

/** Every key that the embedded Auth obeys. */
const obeyed = z.object({
  site_url: z.url().default("http://127.0.0.1:3000"),
  additional_redirect_urls: z.array(z.string()).default([]),
  jwt_expiry: z.int().min(1).default(3600),
  enable_refresh_token_rotation: z.boolean().default(true),
  refresh_token_reuse_interval: z.int().min(0).default(10),
  enable_signup: z.boolean().default(true),
  minimum_password_length: z.int().min(6).default(6),
  password_requirements: z.enum(Object.keys(passwordRequirements) as (keyof typeof passwordRequirements)[]).default(""),
  email: z
    .object({
      enable_signup: z.boolean().default(true),
      double_confirm_changes: z.boolean().default(true),
      enable_confirmations: z.boolean().default(false),
      secure_password_change: z.boolean().default(false),
      max_frequency: seconds.prefault("1s"),
      otp_length: z.int().min(6).max(10).default(6),
      otp_expiry: z.int().min(1).default(3600),
      template: z.partialRecord(z.enum(mailTemplates), template).default({}),
    })
    .prefault({}),
  sessions: z.object({ timebox: seconds.optional(), inactivity_timeout: seconds.optional() }).prefault({}),
  mfa: z
    .object({
      max_enrolled_factors: z.int().min(0).default(10),
      totp: z
        .object({ enroll_enabled: z.boolean().default(false), verify_enabled: z.boolean().default(false) })
        .prefault({}),
    })
    .prefault({}),
});

/** The keys that it does not obey on purpose, since the stack has its own of what they say. */
const own: Record<string, string> = {
  enabled: "the project is nothing without Auth",
  jwt_secret: "keys are made with the data folder",
  jwt_issuer: "the issuer is the API's own address",
  signing_keys_path: "tokens are signed with the secret that PostgREST checks",
  publishable_key: "keys are made with the data folder",
  secret_key: "keys are made with the data folder",
  anon_key: "keys are made with the data folder",
  service_role_key: "keys are made with the data folder",
  rate_limit: "attempts are counted by the project's own rules (platform.take_attempts)",
  "email.smtp": "mails are caught, not sent",
};

/** Of what these keys say it has nothing: whoever turns one on is told at the start. */
const missing = [
  ...[
    "enable_anonymous_sign_ins",
    "enable_manual_linking",
    "captcha",
    "hook",
    "sms",
    "external",
    "web3",
    "third_party",
  ],
  ...["oauth_server", "passkey", "webauthn", "email.notification", "mfa.phone", "mfa.web_authn"],
];

/** How people sign up and in; what takes time is in seconds. */
export type AuthConfig = {
  siteUrl: string;
  /** Patterns of the other pages that a mailed link may lead to. */
  redirectUrls: string[];
  jwtExpiry: number;
  refreshTokenRotation: boolean;
  /** For so long a refresh token that was used answers what it answered. */
  refreshTokenReuseInterval: number;
  enableSignup: boolean;
  /** Whether addresses and passwords are taken at all. */
  enableEmail: boolean;
  minimumPasswordLength: number;
  /** Sets of characters of each of which a password has one at least. */
  requiredCharacters: string[];
  /** An account is worth nothing before the mailed link was followed. */
  enableConfirmations: boolean;
  /** A change of address wants the word of both. */
  doubleConfirmChanges: boolean;
  /** A new password wants a fresh session, or a code that is mailed. */
  securePasswordChange: boolean;
  /** So much time passes between two mails of a kind to one account. */
  mailInterval: number;
  otpLength: number;
  otpExpiry: number;
  /** A session ends so long after it began, and so long after it was last used. */
  sessionLength: number | undefined;
  sessionIdle: number | undefined;
  maxFactors: number;
  totp: { enroll: boolean; verify: boolean };
  mails: Record<MailTemplate, { subject: string; html: string }>;
};

/**
 * Reads section [auth]. Throws where a value is none that its key may have, or names a template that is not there.
 *
 * @param root the project's folder, from which the paths of templates start
 */
export function readAuthConfig(auth: Record<string, unknown>, root: string): AuthConfig {
  const read = obeyed.safeParse(auth);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw new Error(`supabase/config.toml: auth.${issue?.path.join(".")}: ${issue?.message}`);
  }
  const { email, mfa, sessions, ...rest } = read.data;
  const worded = (name: MailTemplate) => {
    const { subject = mailSubjects[name], content_path } = email.template[name] ?? {};
    return [name, { subject, html: content_path ? readFileSync(join(root, content_path), "utf8") : plainMail }];
  };
  return {
    siteUrl: rest.site_url,
    redirectUrls: rest.additional_redirect_urls,
    jwtExpiry: rest.jwt_expiry,
    refreshTokenRotation: rest.enable_refresh_token_rotation,
    refreshTokenReuseInterval: rest.refresh_token_reuse_interval,
    enableSignup: rest.enable_signup,
    enableEmail: email.enable_signup,
    minimumPasswordLength: rest.minimum_password_length,
    requiredCharacters: passwordRequirements[rest.password_requirements],
    enableConfirmations: email.enable_confirmations,
    doubleConfirmChanges: email.double_confirm_changes,
    securePasswordChange: email.secure_password_change,
    mailInterval: email.max_frequency,
    otpLength: email.otp_length,
    otpExpiry: email.otp_expiry,
    sessionLength: sessions.timebox,
    sessionIdle: sessions.inactivity_timeout,
    maxFactors: mfa.max_enrolled_factors,
    totp: { enroll: mfa.totp.enroll_enabled, verify: mfa.totp.verify_enabled },
    mails: Object.fromEntries(mailTemplates.map(worded)) as AuthConfig["mails"],
  };
}

const plainMail = `<p><a href="{{ .ConfirmationURL }}">{{ .ConfirmationURL }}</a></p><p>{{ .Token }}</p>`;

/** The keys that are turned on, of what the embedded Auth has not or does not know. */
export function unservedKeys(auth: Record<string, unknown>): string[] {
  const walk = (table: Record<string, unknown>, shape: Record<string, unknown>, before: string): string[] =>
    Object.entries(table).flatMap(([name, value]) => {
      const path = before + name;
      if (path in own) return [];
      const inner = shape[name];
      if (missing.includes(path) || inner === undefined) return isOn(value) ? [path] : [];
      const keys = shapeOf(inner);
      return isTable(value) && keys ? walk(value, keys, `${path}.`) : [];
    });
  return walk(auth, obeyed.shape, "");
}

/** A table with switches is on where one of them is, any other where something in it is. */
function isOn(value: unknown): boolean {
  if (!isTable(value)) return value !== false && value !== "";
  const switches = Object.entries(value).filter(
    ([name, inner]) => name.includes("enable") && typeof inner === "boolean",
  );
  return switches.length > 0 ? switches.some(([, on]) => on) : Object.values(value).some(isOn);
}

/** The keys of a table's schema, whatever stands around it. */
function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  if (schema instanceof z.ZodObject) return schema.shape;
  return schema instanceof z.ZodPrefault ? shapeOf(schema.unwrap()) : undefined;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
