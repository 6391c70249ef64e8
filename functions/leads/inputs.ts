import * as z from "zod";
import { isStorable, notStorable } from "../_shared/arguments.ts";
import { exportFormats } from "../_shared/export/formats.ts";
import { callingRules, leadStatus } from "./schemas.ts";

/** A filter that the word `all` switches off, as the front end sends it. */
function orAll<T extends z.ZodType>(filter: T) {
  return z.preprocess((value) => (value === "all" ? undefined : value), filter.optional());
}

/** A text that PostgreSQL can hold; of bodies that is asked for every text. */
export function text(longest: number) {
  return z.string().max(longest).refine(isStorable, notStorable);
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

/** The same list as a file: whole, unless `limit` is given. */
export const leadsFileInput = z.object({
  format: z
    .enum(["json", ...exportFormats])
    .default("json")
    .describe("« csv » ou « xlsx » : toute la liste en un fichier."),
  excel: z
    .enum(["true", "false"])
    .default("false")
    .describe("Pour csv : tel qu'un tableur français l'ouvre (point-virgule, virgule décimale, en-têtes en français)."),
});

/** `limit` goes by another name, since PostgREST keeps that one for itself. */
export const leadsSqlNames = { minScore: "min_score", limit: "page_size" };

/** The audio record whose recording is asked for. */
export const recordingInput = z.object({ id: text(100).describe("Par exemple « AUD-001 ».") });

/** The lead that a path names. */
export const leadIdInput = z.object({ id: text(100).describe("Identifiant du lead.") });

// Of a body only the shape is looked at here; what its values may be is said in SQL, field by field. A number may come
// as a text, as a form sends it.
const written = z.string().max(20_000).nullable().optional();
const number = z
  .union([z.number(), z.string().max(50)])
  .nullable()
  .optional();
const flag = z
  .union([z.boolean(), z.string().max(10)])
  .nullable()
  .optional();

const consentInput = z
  .strictObject({
    textVersion: z.string(),
    url: z.string(),
    ip: z.string(),
    givenAt: z.string().describe("Sans fuseau, heure de Paris."),
    recipients: z.array(z.string()).max(50),
  })
  .nullable()
  .optional()
  .describe("Preuve du consentement : version du texte lu, page, adresse IP, instant, destinataires.");

const leadFields = {
  firstName: written,
  lastName: written,
  email: written,
  phone: written,
  phone2: written.describe("Second téléphone de la personne."),
  company: written,
  sector: written,
  region: written,
  city: written,
  source: written,
  channel: written,
  score: number,
  price: number.describe("En euros."),
  isExclusive: flag,
  notes: written.describe("Vues avec le contact seulement."),
  summary: written.describe(
    "Ce que le catalogue dit du lead, et que `notes` montre à qui n'a pas le contact ; refusé s'il nomme la personne.",
  ),
  collectedAt: written.describe("Quand la personne a laissé ses coordonnées ; sans fuseau, heure de Paris."),
  consent: consentInput,
};

/** Body of `POST /api/leads`. */
export const newLeadInput = z.strictObject({
  ...leadFields,
  fournisseur: z.string().max(254).optional().describe("E-mail ou référence du fournisseur ; pour l'admin seul."),
});

/** Body of `PUT /api/leads/:id`: what is not given stays. What GET shows beside may come back unchanged. */
export const changedLeadInput = z.strictObject({
  ...leadFields,
  id: z.string().optional(),
  status: z.string().optional(),
  qualificationStatus: z.string().optional(),
  createdAt: z.string().optional(),
  updatedAt: z.string().optional().describe("Celui de la lecture ; vaut `If-Match`."),
  hasAudioRecording: z.boolean().optional(),
});

/** Body of `POST /api/leads/:id/qualify`. */
export const reportInput = z.strictObject({
  result: z.string().describe("qualified, not_qualified ou callback."),
  durationSeconds: z.number().describe("Durée de l'appel."),
  callbackAt: z
    .string()
    .nullable()
    .optional()
    .describe("Pour callback : quand rappeler, d'ici un an ; sans fuseau, heure de Paris."),
  notes: written.describe("Vues avec le contact seulement."),
  summary: written.describe(
    "Ce que le catalogue dira du lead, par l'agent à qui il est confié ; refusé s'il nomme la personne.",
  ),
  recordingPath: z.string().max(500).nullable().optional().describe("Chemin d'un enregistrement déposé."),
  recordingConsent: z.boolean().nullable().optional().describe("Vrai pour garder l'enregistrement."),
  refused: z
    .boolean()
    .nullable()
    .optional()
    .describe("Si la personne refuse d'être démarchée ; vaut vrai pour not_qualified, si rien n'est dit."),
});

/** Body of `PUT /api/admin/calling-rules`: what is not given stays. */
export const callingRulesInput = callingRules.partial();

/** Body of `POST /api/leads/:id/recording`. */
export const recordingUploadInput = z.strictObject({
  extension: z.string().max(10).optional().describe("mp3 (par défaut), wav, m4a, ogg ou webm."),
});
