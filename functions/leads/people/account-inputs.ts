import * as z from "zod";
import { newPassword } from "../../_shared/new-password.ts";

/** A name is more than signs that nobody sees; what of them is in it is taken off where it is kept. */
const name = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .refine((value) => value === "" || /[^\p{C}\p{Z}\p{M}]/u.test(value), "Une valeur est attendue.");
const optionalText = z.string().trim().max(200).nullish();

/** As `leads.email_of` has it: without signs that nobody sees, the domain as the network knows it. */
function plainAddress(value: string): string {
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

export const role = z.enum(["admin", "fournisseur", "agent", "acheteur"]);

export const credentials = z.strictObject({ email, password: z.string().min(1).max(1000) });

export const registration = z.strictObject({
  email,
  password: newPassword,
  ...person,
  role: z.enum(["fournisseur", "acheteur"], "Choisissez fournisseur ou acheteur."),
});

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

export const newUser = z.strictObject({
  email,
  password: newPassword.optional().describe("Sans lui, la personne reçoit un lien pour en choisir un."),
  ...person,
  role,
});

export const newRole = z.strictObject({ role });

export const newLimit = z.strictObject({
  allowed: z.int().min(1).max(1000),
  periodSeconds: z
    .int()
    .min(1)
    .max(31 * 24 * 3600),
});

const reference = z.string().min(1).max(100);
export const idInput = z.object({ id: reference });

export const usersInput = z.object({
  search: z.string().max(200).optional().describe("Nom, société ou e-mail ; accents et casse sont ignorés."),
  role: z
    .preprocess((value) => (value === "all" ? undefined : value), z.enum([...role.options, "none"]).optional())
    .describe("Rôle, « all », ou « none » : les comptes sans rôle."),
  limit: z.coerce.number().int().min(1).max(1000).default(100).describe("Nombre de lignes au plus."),
  offset: z.coerce.number().int().min(0).max(1_000_000_000).default(0).describe("Nombre de lignes à passer."),
});

/** The names in SQL: `limit` and `offset` are PostgREST's own, and an answer has a column `role`. */
export const usersSqlNames = { role: "role_filter", limit: "page_size", offset: "page_offset" };

export type Credentials = z.infer<typeof credentials>;
export type Registration = z.infer<typeof registration>;
export type Reset = z.infer<typeof reset>;
export type NewUser = z.infer<typeof newUser>;

/** Body of `POST /api/admin/users/:id/erase`. */
export const erasure = z.strictObject({
  oppose: z.boolean().optional().describe("Refuser désormais cette personne dans tout fichier et tout formulaire."),
});
