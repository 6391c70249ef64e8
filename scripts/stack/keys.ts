import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "./private-file.ts";

/** The secrets of one stack. The two keys are what callers send; the two tokens are what they stand for. */
export type StackKeys = {
  jwtSecret: string;
  publishableKey: string;
  secretKey: string;
  /** 32 bytes in base64 with which functions and the CLI seal bank accounts; the database never has it. */
  ibanEncryptionKey: string;
  /** 32 bytes in base64 with which functions and the CLI seal the secrets of webhooks. */
  secretsEncryptionKey: string;
  /** JWT of role `anon`, for what wants a token where hosted Supabase has the older `anon` key. */
  anonToken: string;
  /** JWT of role `service_role`. */
  serviceRoleToken: string;
};

type StoredKeys = Pick<
  StackKeys,
  "jwtSecret" | "publishableKey" | "secretKey" | "ibanEncryptionKey" | "secretsEncryptionKey"
>;

/** The keys of a data folder, made at random the first time and kept in keys.json, which only its owner can read. */
export function loadKeys(dataDir: string): StackKeys {
  const path = join(dataDir, "keys.json");
  const known = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Partial<StoredKeys>) : {};
  // A folder of an earlier version lacks the keys that came later.
  const stored: StoredKeys = { ...newKeys(), ...known };
  if (Object.keys(stored).length > Object.keys(known).length) writePrivateFile(path, JSON.stringify(stored, null, 2));
  return {
    ...stored,
    anonToken: roleToken("anon", stored.jwtSecret),
    serviceRoleToken: roleToken("service_role", stored.jwtSecret),
  };
}

function newKeys(): StoredKeys {
  return {
    jwtSecret: randomBytes(32).toString("hex"),
    publishableKey: apiKey("sb_publishable"),
    secretKey: apiKey("sb_secret"),
    ibanEncryptionKey: randomBytes(32).toString("base64"),
    secretsEncryptionKey: randomBytes(32).toString("base64"),
  };
}

function apiKey(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString("base64url")}_${randomBytes(6).toString("base64url")}`;
}

// The same at every start, as PostgREST caches tokens and people paste them; the secret is what keeps them apart.
function roleToken(role: string, secret: string): string {
  return signJwt({ iss: "supabase", role, iat: 1735689600, exp: 2082758400 }, secret);
}

/** A JWT signed with HS256. */
export function signJwt(claims: Record<string, unknown>, secret: string): string {
  const body = [{ alg: "HS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}

/** Whether a text is a JWT of HS256 that was signed with this secret and has not expired. */
export function isSignedJwt(token: string, secret: string): boolean {
  const [head = "", claims = "", signature = "", ...more] = token.split(".");
  const expected = createHmac("sha256", secret).update(`${head}.${claims}`).digest();
  const given = Buffer.from(signature, "base64url");
  const isSigned = more.length === 0 && given.length === expected.length && timingSafeEqual(given, expected);
  if (!isSigned) return false;
  const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { exp?: number };
  return JSON.parse(Buffer.from(head, "base64url").toString()).alg === "HS256" && (exp ?? Infinity) * 1000 > Date.now();
}
