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

/** What is compared of a column's name: its letters and digits, in lower case and without accents. */
export function headerKey(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/œ/g, "oe")
    .replace(/[^a-z0-9]/g, "");
}

// One line a field, French first. They are compared by headerKey.
const aliases: Record<ImportField, string> = {
  firstName: "firstName, prénom, prénoms, first name, given name, forename",
  lastName: "lastName, nom, nom de famille, nom de naissance, last name, surname, family name, name",
  fullName: "fullName, nom complet, full name",
  email: "email, e-mail, mail, courriel, adresse e-mail, adresse mail, adresse électronique, email address",
  phone:
    "phone, téléphone, tél, téléphone portable, téléphone mobile, téléphone fixe, tél portable, tél mobile, tél fixe, " +
    "numéro de téléphone, n° de téléphone, n° tél, portable, mobile, fixe, phone number, telephone number, mobile phone, cell phone, cell",
  phone2: "phone2, second téléphone, autre téléphone",
  company:
    "company, société, entreprise, raison sociale, nom de la société, nom de l'entreprise, company name, organisation, organization",
  sector: "sector, secteur, secteur d'activité, activité, domaine, industry",
  region: "region, région, nom de la région, state",
  postcode: "postcode, code postal, cp, zip, zip code, postal code",
  city: "city, ville, commune, localité, town",
  source: "source, origine, provenance, lead source",
  channel: "channel, canal, canal d'acquisition, canal marketing, medium",
  score: "score, note qualité, score qualité, lead score, quality score",
  price: "price, prix, prix de vente, prix unitaire, prix ht, prix euros, prix €, tarif, montant, amount",
  isExclusive: "isExclusive, exclusif, exclusive, exclusivité, lead exclusif, is exclusive, exclusivity",
  notes: "notes, note, remarque, remarques, commentaire, commentaires, observations, comment, comments, message",
  summary: "summary, résumé, résumé du lead, accroche, texte du catalogue, présentation du lead, headline, pitch",
  collectedAt: "collectedAt, recueilli le, date de collecte, created time",
  consentTextVersion:
    "consentTextVersion, version du texte de consentement, version du consentement, version consentement, texte de consentement, " +
    "version du texte, consent text version, consent version, consent text",
  consentUrl:
    "consentUrl, url du consentement, url de consentement, url consentement, page du consentement, consent page, consent source url",
  consentIp:
    "consentIp, ip du consentement, ip consentement, adresse ip du consentement, adresse ip, ip, consent ip address, ip address",
  consentAt:
    "consentAt, consentement le, date du consentement, date de consentement, date consentement, consent date, consent time, consent timestamp, consented at",
  consentRecipients:
    "consentRecipients, destinataires, destinataires du consentement, destinataires consentement, recipients",
};

/** The field that each known name of a column stands for, by its key. */
export const knownHeaders: ReadonlyMap<string, ImportField> = new Map(
  Object.entries(aliases).flatMap(([field, names]) =>
    names.split(", ").map((name): [string, ImportField] => [headerKey(name), field as ImportField]),
  ),
);

/** Columns that a file of refused rows carries for its reader; they bring nothing back. */
export const rejectColumns = { line: "ligne", reason: "motif" } as const;
const rejectKeys = new Set<string>(Object.values(rejectColumns));

/** Whether the column is one that a file of refused rows has added. */
export function isRejectColumn(name: string): boolean {
  return rejectKeys.has(headerKey(name));
}
