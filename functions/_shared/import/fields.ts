/** The fields of a lead that a file may bring, as the API names them, with the column of `leads.import_rows`. */
export const importFields = {
  firstName: "first_name",
  lastName: "last_name",
  fullName: "full_name",
  email: "email",
  phone: "phone",
  phone2: "phone2",
  company: "company",
  sector: "sector",
  region: "region",
  postcode: "postcode",
  city: "city",
  source: "source",
  channel: "channel",
  score: "score",
  price: "price",
  isExclusive: "is_exclusive",
  notes: "notes",
  summary: "summary",
  collectedAt: "collected_at",
  consentTextVersion: "consent_text_version",
  consentUrl: "consent_url",
  consentIp: "consent_ip",
  consentAt: "consent_at",
  consentRecipients: "consent_recipients",
} as const;

export type ImportField = keyof typeof importFields;

/** A proof of consent is whole or none: a file brings all of these fields, or they mean nothing. */
export const consentFields = [
  "consentTextVersion",
  "consentUrl",
  "consentIp",
  "consentAt",
  "consentRecipients",
] as const;

/** What the columns are called in French, for people. */
export const fieldLabels: Record<ImportField, string> = {
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

/** Whether `name` is one of the fields. */
export function isImportField(name: string): name is ImportField {
  return Object.hasOwn(importFields, name);
}

/** By field: a value for all rows. */
export type FieldValues = ReadonlyMap<ImportField, string>;
/** The same as it is kept with an import. */
export type KeptValues = Partial<Record<ImportField, string>>;

/** What was kept of an import's values, for reading its file again. */
export function fieldValues(kept: KeptValues = {}): FieldValues {
  return new Map(Object.entries(kept) as [ImportField, string][]);
}

/** What is to be kept of an import's values; undefined where there are none. */
export function keptValues(values: FieldValues = new Map()): KeptValues | undefined {
  return values.size === 0 ? undefined : Object.fromEntries(values);
}

const longestValue = 200;

/** `FIELD=VALUE`, a value that all rows get where the file has none; undefined where it is not that. */
export function readFieldValue(text: string): [ImportField, string] | undefined {
  const at = text.indexOf("=");
  const field = text.slice(0, Math.max(at, 0)).trim();
  const value = text.slice(at + 1).trim();
  return isImportField(field) && value !== "" && value.length <= longestValue ? [field, value] : undefined;
}

/** The cells in which names are looked for may be as long as they like; no name is. */
const longestName = 1000;

/** What is compared of a column's name: its letters and digits, in lower case and without accents. */
export function headerKey(name: string): string {
  return name
    .slice(0, longestName)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/[^a-z0-9]/g, "");
}

/** Columns that a file of refused rows carries for its reader; they bring nothing back. */
export const rejectColumns = { line: "ligne", reason: "motif" } as const;
const rejectKeys = new Set<string>(Object.values(rejectColumns));

/** Whether the column is one that a file of refused rows has added. */
export function isRejectColumn(name: string): boolean {
  return rejectKeys.has(headerKey(name));
}
