import * as z from "zod";
import { newPassword } from "../new-password.ts";

type Roles = readonly string[];

/** A name is more than signs that nobody sees; what of them is in it is taken off where it is kept. */
const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((value) => value === "" || /[^\p{C}\p{Z}\p{M}]/u.test(value), "Une valeur est attendue.");
const optionalText = z.string().trim().max(200).nullish();

/** As the database has an address: without signs that nobody sees, the domain as the network knows it. */
export function plainAddress(value: string): string {
  const address = value
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .normalize("NFC")
    .trim()
    .toLowerCase();
  const at = address.lastIndexOf("@") + 1;
  const domain = `http://${address.slice(at)}`;
  return /[^ -~]/.test(domain) && URL.canParse(domain) ? address.slice(0, at) + new URL(domain).hostname : address;
}

const email = z
  .string()
  .max(254)
  .transform(plainAddress)
  .pipe(z.email())
  .describe("Majuscules et minuscules se valent.");

const person = { firstName: name, lastName: name, company: optionalText, phone: optionalText };
const knownPassword = z.string().min(1).max(1000);

export const credentials = z.strictObject({ email, password: knownPassword });

const identifier = z.string().trim().min(1).max(254).optional();

/** An e-mail address or another identifier that the system knows, under any of the names that clients send it by. */
export const anyCredentials = z.strictObject({
  identifier: identifier.describe("Adresse e-mail ou téléphone."),
  email: identifier,
  phone: identifier,
  password: knownPassword,
});

/** What a person sends who registers. */
export function registrationOf(roles: Roles) {
  return z.strictObject({
    email,
    password: newPassword,
    ...person,
    role: z.enum(roles as [string, ...string[]], `Choisissez ${roles.join(" ou ")}.`),
  });
}

export const refresh = z.strictObject({
  refreshToken: z.string().min(1).max(4000).optional().describe("Sans lui, la session du cookie."),
});

export const forgotten = z.strictObject({ email });

const linkToken = z.string().min(20).max(4000);
export const reset = z.strictObject({
  token: linkToken.optional().describe("Le paramètre `token` du lien reçu."),
  tokenHash: linkToken.optional().describe("Le même, sous son autre nom."),
  accessToken: linkToken.optional().describe("Ou le jeton auquel le lien a mené (`#access_token=…`)."),
  password: newPassword,
});

export const changedPassword = z.strictObject({ currentPassword: knownPassword, newPassword });

/** What an admin sends who makes a member. */
export function newMemberOf(roles: Roles) {
  return z.strictObject({
    email,
    password: newPassword.optional().describe("Sans lui, la personne reçoit un lien pour en choisir un."),
    ...person,
    role: roleOf(roles),
  });
}

export function newRoleOf(roles: Roles) {
  return z.strictObject({ role: roleOf(roles) });
}

export function roleOf(roles: Roles) {
  return z.enum(roles as [string, ...string[]]);
}

export const newLimit = z.strictObject({
  allowed: z.int().min(1).max(1000),
  periodSeconds: z
    .int()
    .min(1)
    .max(31 * 24 * 3600),
});

export const idInput = z.object({ id: z.string().min(1).max(100) });

/** What narrows the list of members. */
export function membersFilter(roles: Roles) {
  return z.object({
    search: z.string().max(200).optional().describe("Nom, société ou e-mail ; accents et casse sont ignorés."),
    role: z
      .preprocess((value) => (value === "all" ? undefined : value), z.enum([...roles, "none"]).optional())
      .describe("Rôle, « all », ou « none » : les comptes sans rôle."),
  });
}

export const membersPage = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("Nombre de lignes au plus."),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0).describe("Nombre de lignes à passer."),
});

/** The names in SQL: `limit` and `offset` are PostgREST's own, and an answer has a field `role`. */
export const membersSqlNames = { role: "role_filter", limit: "page_size", offset: "page_offset" };
