import bcrypt from "bcryptjs";
import type { AuthConfig } from "../auth-config.ts";
import { AuthRefusal } from "./errors.ts";
import { voidCodes } from "./one-time.ts";
import type { Sql } from "./users.ts";

/** The cost of bcrypt: GoTrue's own, unless STACK_PASSWORD_ROUNDS names another, as its tests do to be quick. */
const rounds = Number(process.env.STACK_PASSWORD_ROUNDS) || 10;

/** Of no password: an unknown address takes as long to refuse as a known one. */
export const noHash = bcrypt.hashSync("", rounds);

/** Why a password is too weak, as GoTrue says it. */
export type Weakness = { message: string; reasons: string[] };

/** What a password lacks of what the project asks for; undefined where it lacks nothing. */
export function weaknessOf(config: AuthConfig, password: string): Weakness | undefined {
  const { minimumPasswordLength, requiredCharacters } = config;
  const lacks: [string, string][] = [];
  if (Buffer.byteLength(password) < minimumPasswordLength) {
    lacks.push(["length", `Password should be at least ${minimumPasswordLength} characters.`]);
  }
  if (requiredCharacters.some((set) => ![...set].some((character) => password.includes(character)))) {
    const sets = requiredCharacters.join(", ");
    lacks.push(["characters", `Password should contain at least one character of each: ${sets}.`]);
  }
  if (lacks.length === 0) return undefined;
  return { message: lacks.map(([, message]) => message).join(" "), reasons: lacks.map(([reason]) => reason) };
}

/** Throws AuthRefusal 422 `weak_password`, 400 `validation_failed`. */
export function requireStrong(config: AuthConfig, password: string): void {
  requireHashable(password);
  const weakness = weaknessOf(config, password);
  if (!weakness) return;
  const { message, reasons } = weakness;
  throw new AuthRefusal(422, "weak_password", message, { weak_password: { reasons } });
}

/** Throws AuthRefusal 400 `validation_failed`. */
export async function hashPassword(password: string): Promise<string> {
  requireHashable(password);
  return bcrypt.hash(password, rounds);
}

/** bcrypt reads 72 bytes; what comes after would be no part of the password. */
function requireHashable(password: string): void {
  if (Buffer.byteLength(password) <= 72) return;
  throw new AuthRefusal(400, "validation_failed", "Password cannot be longer than 72 characters");
}

/**
 * Ends what an old password has opened, but for the session `kept`: sessions, what was mailed, and the codes that a followed
 * link has left with a page.
 */
export async function endOldPassword(sql: Sql, userId: string, kept: string | null = null): Promise<void> {
  await voidCodes(sql, userId);
  await sql`delete from auth.sessions where user_id = ${userId} and id is distinct from ${kept}::uuid`;
  await sql`delete from auth.flow_state where user_id = ${userId}`;
}
