import type { LeadField } from "./lead-fields.ts";

// What columns are called in lists made by people and in exports (Facebook, Google and LinkedIn lead forms, HubSpot,
// Pipedrive, Brevo, Calendly, Salesforce, Outlook, Google Contacts, contact forms, Typeform), French and English,
// Facebook's in its other languages too. Not here, since they mislead: amount, budget, total (the customer's), état (of
// the file), contact, client, statut, id, civilité, note of an unknown scale.
export const leadAliases: Record<LeadField, readonly string[]> = {
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
