import * as z from "zod";
import { leadStatus } from "./schemas.ts";

/** A filter that the word `all` switches off, as the front end sends it. */
function orAll<T extends z.ZodType>(filter: T) {
  return z.preprocess((value) => (value === "all" ? undefined : value), filter.optional());
}

/** A text that PostgreSQL can hold: it has no character zero. */
function text(longest: number) {
  return z
    .string()
    .max(longest)
    .refine((value) => !value.includes("\0"), "Un caractère de ce texte n'est pas accepté");
}

/** The catalogue's filters and its page (document, 3.1). */
export const leadsInput = z.object({
  search: text(200).optional().describe("Nom, prénom, société ou secteur ; accents et casse sont ignorés."),
  sector: orAll(text(100)).describe("Nom du secteur, ou « all »."),
  region: orAll(text(100)).describe("Nom de la région, ou « all »."),
  minScore: orAll(z.coerce.number().min(0).max(100)).describe("Score minimum, de 0 à 100."),
  status: orAll(leadStatus).describe("Statut, ou « all »."),
  limit: z.coerce.number().int().min(1).max(1000).default(1000).describe("Nombre de leads au plus."),
  cursor: text(100).optional().describe("Donné par l'en-tête `Link` de la page précédente."),
});

/** `limit` goes by another name, since PostgREST keeps that one for itself. */
export const leadsSqlNames = { minScore: "min_score", limit: "page_size" };

/** The audio record whose recording is asked for. */
export const recordingInput = z.object({ id: text(100).describe("Par exemple « AUD-001 ».") });
