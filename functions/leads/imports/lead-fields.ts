import type { ImportField } from "../../_shared/import/kind.ts";

/** The fields of a lead that a file may bring, as the API names them. */
export const leadFields = {
  firstName: { column: "first_name", type: "text" },
  lastName: { column: "last_name", type: "text" },
  // « Name » is the whole name of a person, but for a file that has the first name beside it and no other name.
  fullName: { column: "full_name", type: "text", vaguely: { field: "lastName", beside: "firstName" } },
  email: { column: "email", type: "text", several: true },
  phone: { column: "phone", type: "text", reads: "phone", second: "phone2", several: true },
  phone2: { column: "phone2", type: "text" },
  company: { column: "company", type: "text" },
  sector: { column: "sector", type: "text", forAll: true },
  region: { column: "region", type: "text", several: true, forAll: true },
  postcode: { column: "postcode", type: "text", several: true },
  city: { column: "city", type: "text", several: true },
  source: { column: "source", type: "text" },
  channel: { column: "channel", type: "text" },
  score: { column: "score", type: "number" },
  price: { column: "price", type: "amount" },
  isExclusive: { column: "is_exclusive", type: "text" },
  notes: { column: "notes", type: "text" },
  summary: { column: "summary", type: "text" },
  collectedAt: { column: "collected_at", type: "date", reads: "moment" },
  consentTextVersion: { column: "consent_text_version", type: "text" },
  consentUrl: { column: "consent_url", type: "text" },
  consentIp: { column: "consent_ip", type: "text" },
  consentAt: { column: "consent_at", type: "date" },
  consentRecipients: { column: "consent_recipients", type: "text" },
} as const satisfies Record<string, ImportField>;

export type LeadField = keyof typeof leadFields;

/** What the fields are called in French, in files too. */
export const leadLabels: Record<LeadField, string> = {
  firstName: "prénom",
  lastName: "nom",
  fullName: "nom complet",
  email: "e-mail",
  phone: "téléphone",
  phone2: "second téléphone",
  company: "société",
  sector: "secteur",
  region: "région",
  postcode: "code postal",
  city: "ville",
  source: "source",
  channel: "canal",
  score: "score",
  price: "prix",
  isExclusive: "exclusif",
  notes: "notes",
  summary: "résumé",
  collectedAt: "recueilli le",
  consentTextVersion: "version du texte de consentement",
  consentUrl: "page du consentement",
  consentIp: "IP du consentement",
  consentAt: "date du consentement",
  consentRecipients: "destinataires du consentement",
};
