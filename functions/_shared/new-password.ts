import * as z from "zod";

/**
 * A password that somebody chooses, or an admin for him: Auth takes any from an admin. bcrypt reads 72 bytes; what comes after
 * would be no part of it.
 */
export const newPassword = z
  .string()
  .min(8, "Le mot de passe doit avoir au moins 8 caractères.")
  .refine((value) => new TextEncoder().encode(value).length <= 72, "Le mot de passe est trop long (72 octets au plus).")
  .refine(
    (value) => /\p{L}/u.test(value) && /[^\p{L}\s]/u.test(value),
    "Le mot de passe doit avoir au moins une lettre, et un chiffre ou un signe.",
  )
  .refine((value) => !value.includes("\0"), "Un caractère de ce mot de passe n'est pas accepté.")
  .describe("8 caractères au moins, dont une lettre et un chiffre ou un signe ; 72 octets au plus.");
