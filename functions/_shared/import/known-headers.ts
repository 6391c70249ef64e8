import { headerKey, type ImportField } from "./fields.ts";

// What columns are called in lists made by people and in exports (Facebook, Google and LinkedIn lead forms, HubSpot,
// Pipedrive, Brevo, Calendly, Salesforce, Outlook, Google Contacts, contact forms, Typeform), French and English,
// Facebook's in its other languages too. For each field from the
// most precise names to the vaguest: of two columns for one field the more precise one counts. They are compared by
// headerKey. Not here, since they mislead: amount, budget, total (the customer's), état (of the file), contact, client,
// statut, id, civilité, note of an unknown scale.
const names: Record<ImportField, readonly string[]> = {
  firstName: ["firstName, prénom, prénoms, first name, given name, forename, name first, vorname"],
  lastName: [
    "lastName, nom de famille, nom d'usage, last name, surname, family name, name last, nachname, familienname, cognome, apellidos, apellido",
    "nom",
    "nom de naissance, nom de jeune fille, maiden name",
  ],
  fullName: [
    "fullName, nom complet, full name, nom prénom, nom et prénom, prénom nom, prénom et nom, first and last name, " +
      "nom du contact, nom du prospect, personne nom, person name, contact name, lead name, display name, " +
      "vollständiger name, vor- und nachname, nome e cognome, nome completo, nombre completo, nombre y apellidos, volledige naam",
    "name",
  ],
  email: [
    "email, e-mail, mail, courriel, adresse e-mail, adresse mail, adresse électronique, email address, adresse de messagerie, e-mail adresse, correo electrónico, indirizzo e-mail",
  ],
  phone: [
    "phone, téléphone, tél, téléphone portable, téléphone mobile, téléphone fixe, tél portable, tél mobile, tél fixe, " +
      "numéro de téléphone, numéro de téléphone mobile, numéro de portable, n° de téléphone, n° tél, portable, mobile, fixe, gsm, " +
      "phone number, telephone number, mobile phone, mobile phone number, cell phone, cell, whatsapp, whatsapp number, " +
      "landline number, landline, text reminder number, telefonnummer, telefon, handynummer, numero di telefono, telefono, cellulare, " +
      "número de teléfono, teléfono, telefoonnummer",
    "sms",
  ],
  phone2: ["phone2, second téléphone, autre téléphone"],
  company: [
    "company, société, entreprise, raison sociale, nom de la société, nom de l'entreprise, company name, organisation, organization, " +
      "organisation nom, organization name, nom de l'organisation, société compte, company account",
    "account name, nom du compte, établissement, enseigne",
  ],
  sector: ["sector, secteur", "secteur d'activité, activité, domaine, thématique", "industry"],
  region: [
    "region, région, nom de la région",
    "state region, état région, state province, état province, state, province, " + "state province text only",
    "département, dept, dpt, n° de département, numéro de département, code département, nom du département",
  ],
  postcode: [
    "postcode, code postal, cp, zip, zip code, zipcode, postal code, post code, zip postal code, postal zip code, " +
      "postleitzahl, plz, cap, código postal",
  ],
  city: ["city, ville, commune, localité, town"],
  source: [
    "source, origine, provenance, lead source, origine de la piste, origine du lead, source du lead",
    "utm source",
  ],
  channel: ["channel, canal, canal d'acquisition, canal marketing, medium", "utm medium"],
  score: ["score, note qualité, score qualité, lead score, quality score, hubspot score"],
  price: ["price, prix, prix de vente, prix unitaire, prix ht, prix euros, prix €, prix du lead, selling price, tarif"],
  isExclusive: ["isExclusive, exclusif, exclusive, exclusivité, lead exclusif, is exclusive, exclusivity"],
  notes: [
    "notes, note, remarque, remarques, commentaire, commentaires, observations, comment, comments, message, comment or message",
  ],
  summary: ["summary, résumé, résumé du lead, accroche, texte du catalogue, présentation du lead, headline, pitch"],
  collectedAt: [
    "collectedAt, recueilli le, collecté le, date de collecte, date du lead, created time, created at, submitted at, " +
      "submit date, submit time, submission date, date submitted, date de soumission, soumis le, date d'envoi, envoyé le, " +
      "date de la demande, date de demande, horodateur, horodatage, timestamp, lead created at, lead créé le, entry date, " +
      "event created date time",
    "create date, created date, date created, date de création, date d'inscription, date de réception, reçu le, date d'entrée, heure de création, " +
      "date d'ajout, date ajout, added time, optin time",
    "date",
  ],
  consentTextVersion: [
    "consentTextVersion, version du texte de consentement, version du consentement, version consentement, texte de consentement, " +
      "version du texte, consent text version, consent version, consent text",
  ],
  consentUrl: [
    "consentUrl, url du consentement, url de consentement, url consentement, page du consentement, consent page, consent source url",
  ],
  consentIp: [
    "consentIp, ip du consentement, ip consentement, adresse ip du consentement, adresse ip, ip, consent ip address, ip address",
  ],
  consentAt: [
    "consentAt, consentement le, date du consentement, date de consentement, date consentement, consent date, consent time, consent timestamp, consented at",
  ],
  consentRecipients: [
    "consentRecipients, destinataires, destinataires du consentement, destinataires consentement, recipients",
  ],
};

/** What a column's name says: the field, and how precisely (0 is best). */
export type KnownHeader = { field: ImportField; rank: number };

const known: ReadonlyMap<string, KnownHeader> = new Map(
  Object.entries(names).flatMap(([field, ranks]) =>
    ranks.flatMap((list, rank) =>
      list.split(", ").map((name): [string, KnownHeader] => [headerKey(name), { field: field as ImportField, rank }]),
    ),
  ),
);

// What stands around a name, as it is left by headerKey.
const question =
  /^(?:(?:(?:dans|en|a)?quel(?:le)?s?(?:est|sont)?|what(?:s|is|are)|(?:merci(?:de|d)|veuillez|please)?(?:indiqu|precis|saisiss?|entr|renseign|enter|provid)(?:er|ez|ir|e)?)(?:votre|vos|your|le|la|the|l)?|votre|vos|your)?(?<asked>.+?)(?:habitezvous|residezvous|vivezvous|obligatoire|requis|required|facultatif|optional|utc|gmt)?$/;
const owner = /^(personne|person|contact|prospect|lead|client|invitee)(?=.)/;
const place =
  /^(?:user|home|work|business|mailing|billing|other|primary|main|personal|address|adresse|domicile|travail)?(?<name>.+?)(?:travail|domicile|bureau|pro|professionnel|professionnelle|perso|personnel|personnelle|principale?|autre|portable|mobile|work|home|other|primary|main|personal|number|(?:de|du)(?:votre|la)?(?:logement|domicile|habitation|maison|projet))?$/;
/** Of these a person may have several, at home, at work, the first, the second: where one is empty another may do. */
export const placed: ReadonlySet<ImportField> = new Set(["email", "phone", "city", "region", "postcode"]);
const longestName = 120;

/** The field that a column stands for by its name; undefined where it is not known. */
export function recognised(name: string): KnownHeader | undefined {
  if (name.length > longestName) return undefined;
  const key = headerKey(name);
  const asked = part(key, question, "asked");
  const owned = asked.replace(owner, "");
  const found = known.get(key) ?? known.get(asked) ?? known.get(owned);
  if (found) return found;
  const bare = [asked, owned]
    .map((each) => each.replace(/\d+/g, "").replace(/value$/, ""))
    .map((each) => known.get(each) ?? known.get(part(each, place, "name")))
    .find((each) => each && placed.has(each.field));
  // « Région » says more than « Address 1 - Region ».
  return bare && { ...bare, rank: bare.rank + 1 };
}

function part(key: string, pattern: RegExp, group: string): string {
  return pattern.exec(key)?.groups?.[group] ?? key;
}

/** Whether a column's name has a word in common with the names of a field: it may be the one that is looked for. */
export function resembles(name: string, field: ImportField): boolean {
  const words = wordsOf(name);
  if (words.some((word) => ofOthers.has(word))) return false;
  return names[field].some((list) => wordsOf(list).some((word) => words.includes(word)));
}

/** Names of these are not those of people. */
const ofOthers = new Set(
  "campaign campagne form formulaire adset annonce file fichier owner agent commercial conseiller user utilisateur".split(
    " ",
  ),
);

function wordsOf(text: string): string[] {
  return text
    .split(/[^\p{L}\p{N}]+/u)
    .map(headerKey)
    .filter((word) => word.length >= 3 && !/^(the|des|les|lead|date|numero|code)$/.test(word));
}
