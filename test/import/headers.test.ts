import { describe, expect, it } from "vitest";
import type { ImportRefusal } from "../../functions/_shared/import/refusal.ts";
import type { LeadField as ImportField } from "../../functions/leads/imports/lead-fields.ts";
import { workbookOf } from "../support/workbook.ts";
import { mapOf, readAll, stagedRows } from "./reading.ts";

// Which column is which field, by its name alone: exports of the tools that leads come from, and names that mislead.

/** The columns by field, and what is left out; sector and region are given where the header has none. */
async function understood(header: string, delimiter = ",") {
  const cells = header.split(delimiter).map(() => "x");
  const { plan } = await readAll(`${header}\n${cells.join(delimiter)}\n`, {
    set: new Map([
      ["sector", "Isolation"],
      ["region", "Bretagne"],
    ]),
  });
  return {
    columns: Object.fromEntries(
      [...plan.columns].map(([field, columns]) => [field, columns.map((column) => plan.header[column]).join(" + ")]),
    ),
    ignored: plan.ignored,
  };
}

describe("an export of", () => {
  it.each<[string, string, Partial<Record<ImportField, string>>]>([
    [
      "Brevo",
      "CONTACT ID,EMAIL,FIRSTNAME,LASTNAME,SMS,LANDLINE_NUMBER,ADDED_TIME",
      {
        ...{ email: "EMAIL", firstName: "FIRSTNAME", lastName: "LASTNAME", collectedAt: "ADDED_TIME" },
        ...{ phone: "LANDLINE_NUMBER", phone2: "SMS" },
      },
    ],
    [
      "Facebook, German",
      "id,created_time,vollständiger_name,telefonnummer,e-mail-adresse,postleitzahl",
      {
        ...{ collectedAt: "created_time", fullName: "vollständiger_name", phone: "telefonnummer" },
        ...{ email: "e-mail-adresse", postcode: "postleitzahl" },
      },
    ],
    [
      "Facebook, Italian",
      "id,created_time,nome_e_cognome,numero_di_telefono,e-mail,cap",
      {
        ...{ collectedAt: "created_time", fullName: "nome_e_cognome", phone: "numero_di_telefono" },
        ...{ email: "e-mail", postcode: "cap" },
      },
    ],
    [
      "Calendly",
      "User Name,User Email,Invitee Name,Invitee First Name,Invitee Last Name,Invitee Email,Text Reminder Number,Event Created Date & Time",
      {
        ...{ fullName: "Invitee Name", firstName: "Invitee First Name", lastName: "Invitee Last Name" },
        ...{ email: "Invitee Email", phone: "Text Reminder Number", collectedAt: "Event Created Date & Time" },
      },
    ],
    [
      "Jotform and WPForms",
      "Name: First,Name: Last,E-mail,Postal / Zip Code,Comment or Message,Entry Date",
      {
        ...{ firstName: "Name: First", lastName: "Name: Last", email: "E-mail", postcode: "Postal / Zip Code" },
        ...{ notes: "Comment or Message", collectedAt: "Entry Date" },
      },
    ],
    [
      "Outlook, French",
      "Prénom,Nom,Tél. mobile,Adresse de messagerie",
      { firstName: "Prénom", lastName: "Nom", phone: "Tél. mobile", email: "Adresse de messagerie" },
    ],
    [
      "LinkedIn and Google Forms, French",
      "Lead créé le,Nom de famille,Adresse e-mail,Code Postal de votre logement",
      {
        ...{ collectedAt: "Lead créé le", lastName: "Nom de famille", email: "Adresse e-mail" },
        ...{ postcode: "Code Postal de votre logement" },
      },
    ],
    [
      "Facebook, English",
      "id,created_time,ad_id,ad_name,campaign_name,form_name,is_organic,platform,are_you_the_owner_of_your_home?,full_name,phone_number,email,post_code,city,lead_status",
      {
        collectedAt: "created_time",
        fullName: "full_name",
        phone: "phone_number",
        email: "email",
        postcode: "post_code",
        city: "city",
      },
    ],
    [
      "Facebook, French",
      "id,created_time,platform,êtes-vous_propriétaire_?,nom_complet,numéro_de_téléphone,e-mail,code_postal,ville",
      {
        collectedAt: "created_time",
        fullName: "nom_complet",
        phone: "numéro_de_téléphone",
        email: "e-mail",
        postcode: "code_postal",
        city: "ville",
      },
    ],
    [
      "Google Ads",
      "Lead ID,Campaign ID,Campaign Name,Form ID,GCLID,Lead Submit Time,User Email,Full Name,User Phone,Postal Code,City",
      {
        collectedAt: "Lead Submit Time",
        email: "User Email",
        fullName: "Full Name",
        phone: "User Phone",
        postcode: "Postal Code",
        city: "City",
      },
    ],
    [
      "LinkedIn",
      "Lead Type,Lead ID,Campaign Name,Form name,Lead Created At,First Name,Last Name,Email Address,Phone Number,Work Email,Company Name,Job Title,Industry,State/Region,City",
      {
        ...{
          collectedAt: "Lead Created At",
          firstName: "First Name",
          lastName: "Last Name",
          email: "Email Address + Work Email",
        },
        ...{ phone: "Phone Number", company: "Company Name", sector: "Industry", region: "State/Region", city: "City" },
      },
    ],
    [
      "HubSpot, French",
      "ID de fiche,Prénom,Nom de famille,Adresse e-mail,Numéro de téléphone,Numéro de téléphone mobile,Propriétaire du contact,Date de création,Nom de l'entreprise,État/Région,Ville,Code postal",
      {
        ...{
          firstName: "Prénom",
          lastName: "Nom de famille",
          email: "Adresse e-mail",
          phone: "Numéro de téléphone",
          phone2: "Numéro de téléphone mobile",
        },
        ...{
          collectedAt: "Date de création",
          company: "Nom de l'entreprise",
          region: "État/Région",
          city: "Ville",
          postcode: "Code postal",
        },
      },
    ],
    [
      "Pipedrive",
      "Person - Name,Person - Email - Work,Person - Phone - Work,Person - Phone - Mobile,Organization - Name,Deal - Value,Lead - Title",
      {
        fullName: "Person - Name",
        email: "Person - Email - Work",
        phone: "Person - Phone - Work",
        phone2: "Person - Phone - Mobile",
        company: "Organization - Name",
      },
    ],
    [
      "Pipedrive, French",
      "Personne - Prénom,Personne - Nom de famille,Personne - E-mail - Travail,Personne - Téléphone - Portable,Organisation - Nom,Affaire - Valeur",
      {
        firstName: "Personne - Prénom",
        lastName: "Personne - Nom de famille",
        email: "Personne - E-mail - Travail",
        phone: "Personne - Téléphone - Portable",
        company: "Organisation - Nom",
      },
    ],
    [
      "Salesforce",
      "First Name,Last Name,Title,Company / Account,Lead Source,Mailing City,State/Province,Zip/Postal Code,Phone,Mobile,Email,Lead Status,Create Date,Lead Owner",
      {
        ...{
          firstName: "First Name",
          lastName: "Last Name",
          company: "Company / Account",
          source: "Lead Source",
          city: "Mailing City",
          region: "State/Province",
        },
        ...{
          postcode: "Zip/Postal Code",
          phone: "Phone",
          phone2: "Mobile",
          email: "Email",
          collectedAt: "Create Date",
        },
      },
    ],
    [
      "Outlook",
      "Title,First Name,Middle Name,Last Name,Suffix,Company,Business Fax,Business Phone,Home Phone,Mobile Phone,E-mail Address,E-mail 2 Address,Home City,Home State,Home Postal Code",
      {
        ...{
          firstName: "First Name",
          lastName: "Last Name",
          company: "Company",
          phone: "Mobile Phone",
          phone2: "Business Phone + Home Phone",
        },
        ...{
          email: "E-mail Address + E-mail 2 Address",
          city: "Home City",
          region: "Home State",
          postcode: "Home Postal Code",
        },
      },
    ],
    [
      "Google Contacts",
      "Name,Given Name,Additional Name,Family Name,Nickname,Birthday,Notes,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Value,Address 1 - City,Address 1 - Region,Address 1 - Postal Code,Organization 1 - Title",
      {
        ...{
          fullName: "Name",
          firstName: "Given Name",
          lastName: "Family Name",
          notes: "Notes",
          email: "E-mail 1 - Value",
          phone: "Phone 1 - Value",
        },
        ...{
          phone2: "Phone 2 - Value",
          city: "Address 1 - City",
          region: "Address 1 - Region",
          postcode: "Address 1 - Postal Code",
        },
      },
    ],
    [
      "Contact Form 7",
      "form_id,Date,your-name,your-email,your-tel,your-message,cp",
      {
        collectedAt: "Date",
        fullName: "your-name",
        email: "your-email",
        phone: "your-tel",
        notes: "your-message",
        postcode: "cp",
      },
    ],
    [
      "Typeform, French",
      "#,Quel est votre prénom ?,Quel est votre nom ?,Quelle est votre adresse e-mail ?,Votre numéro de téléphone,Quel est votre code postal ?,Dans quelle région habitez-vous ?,Quel est le montant de votre facture ?,Submit Date (UTC)",
      {
        ...{
          firstName: "Quel est votre prénom ?",
          lastName: "Quel est votre nom ?",
          email: "Quelle est votre adresse e-mail ?",
          phone: "Votre numéro de téléphone",
        },
        ...{
          postcode: "Quel est votre code postal ?",
          region: "Dans quelle région habitez-vous ?",
          collectedAt: "Submit Date (UTC)",
        },
      },
    ],
    [
      "Typeform, English",
      "What's your first name?,What is your last name?,What's your email address?,Please enter your phone number,Submitted At",
      {
        ...{
          firstName: "What's your first name?",
          lastName: "What is your last name?",
          email: "What's your email address?",
        },
        ...{ phone: "Please enter your phone number", collectedAt: "Submitted At" },
      },
    ],
    [
      "Google Forms",
      "Horodateur,Nom et prénom,Email (obligatoire),Téléphone *,Ville",
      {
        collectedAt: "Horodateur",
        fullName: "Nom et prénom",
        email: "Email (obligatoire)",
        phone: "Téléphone *",
        city: "Ville",
      },
    ],
  ])("%s", async (_tool, header, columns) => {
    expect((await understood(header)).columns).toEqual(columns);
  });
});

describe("of two columns", () => {
  it.each<[string, Partial<Record<ImportField, string>>, string[]]>([
    ["Nom,Nom de famille,Email", { lastName: "Nom de famille", email: "Email" }, ["Nom"]],
    ["Nom de naissance,Nom,Email", { lastName: "Nom", email: "Email" }, ["Nom de naissance"]],
    ["Name,First Name,Email", { lastName: "Name", firstName: "First Name", email: "Email" }, []],
    ["Name,Email", { fullName: "Name", email: "Email" }, []],
    ["Nom,Email,Industry,Secteur", { lastName: "Nom", email: "Email", sector: "Secteur" }, ["Industry"]],
    ["Nom,Email,Département,Région", { lastName: "Nom", email: "Email", region: "Région + Département" }, []],
    [
      "Nom,Email,Address 1 - Region,Région",
      { lastName: "Nom", email: "Email", region: "Région + Address 1 - Region" },
      [],
    ],
    ["Nom,Email,Département", { lastName: "Nom", email: "Email", region: "Département" }, []],
    ["Nom,Email,Date,Created Time", { lastName: "Nom", email: "Email", collectedAt: "Created Time" }, ["Date"]],
  ])("%s", async (header, columns, ignored) => {
    expect(await understood(header)).toEqual({ columns, ignored });
  });

  it("a second telephone is kept where this run names the first", async () => {
    const { plan } = await readAll("nom,perso,tél,secteur,région\nA,06,01,PV,PACA\n", {
      asked: mapOf({ perso: "phone" }),
    });
    expect([plan.columns.get("phone"), plan.columns.get("phone2")]).toEqual([[1], [2]]);
  });
});

describe("names that mislead", () => {
  it.each([
    ...[
      "Montant",
      "Amount",
      "Budget",
      "Total",
      "Montant HT",
      "Affaire - Valeur",
      "Facture",
      "État",
      "Etat",
      "Statut",
      "Contact",
    ],
    ...[
      "Client",
      "ID",
      "Civilité",
      "Propriétaire",
      "Campaign Name",
      "Username",
      "Phone 1 - Label",
      "Business Fax",
      "Date de naissance",
    ],
    ...["Name Prefix", "Company Size", "Email Opt Out", "Adresse", "Pays", "Titre", "Type", "Nom du projet"],
  ])("%s is ignored, and said", async (name) => {
    expect((await understood(`Nom,Email,${name}`)).ignored).toEqual([name]);
  });
});

describe("what is missing", () => {
  const message = async (header: string) =>
    ((await readAll(`${header}\n${header}\n`).catch((error: unknown) => error)) as ImportRefusal).message;

  it("is asked for by a column with a similar name, or by a placeholder, never by any other column", async () => {
    expect(await message("Nom du foyer,Email,Secteur,Région")).toContain('--map "Nom du foyer=lastName"');
    expect(await message("Réf,Email,Secteur,Région,Budget")).toContain('--map "Nom de la colonne=lastName"');
    expect(await message("Campaign Name,Email,Secteur,Région")).toContain('--map "Nom de la colonne=lastName"');
    expect(await message("Nom,Email,Région,Réf")).toContain('--set "sector=…"');
  });

  it("in a workbook says which sheet was read, and how to have another", async () => {
    const file = workbookOf(
      [["Lisez-moi"], ["x"]],
      [
        ["Nom", "Email", "Région"],
        ["A", "a@b.fr", "PACA"],
      ],
    );
    const refusal = (await readAll(file).catch((error: unknown) => error)) as ImportRefusal;
    expect(refusal.message).toContain(
      'Feuille lue : « Feuille 2 » ; pour en lire une autre (« Feuille 1 ») : --sheet "Feuille 1".',
    );
  });
});

describe("a value for all rows", () => {
  const set = new Map<ImportField, string>([
    ["sector", "Isolation"],
    ["region", "Bretagne"],
  ]);

  it("stands in for a column that is not there, and for its empty cells alone", async () => {
    const rows = await stagedRows("nom,email,région\nA,a@b.fr,PACA\nB,b@b.fr,\nC,c@b.fr, - \nD,d@b.fr\n", { set });
    expect(rows.map(({ sector, region }) => [sector, region])).toEqual([
      ["Isolation", "PACA"],
      ["Isolation", "Bretagne"],
      ["Isolation", "Bretagne"],
      ["Isolation", "Bretagne"],
    ]);
  });

  it("is written whole, however short the file is", async () => {
    const long = "é".repeat(200);
    const rows = await stagedRows("a,b\nA,a@b.fr\n", {
      asked: mapOf({ a: "lastName", b: "email" }),
      set: new Map([...set, ["city", long], ["notes", long]] as [ImportField, string][]),
    });
    expect(rows[0]).toMatchObject({ city: long, notes: long });
  });
});

describe("a workbook of several sheets", () => {
  const leads = [
    ["Nom", "Email", "Secteur", "Région"],
    ["A", "a@b.fr", "PV", "PACA"],
  ];
  const sheetOf = async (...sheets: string[][][]) => (await readAll(workbookOf(...sheets))).reading.sheet;

  it("is read from the one with the most known columns, of equal ones from the first", async () => {
    expect(await sheetOf([["Export des leads"], ["Contact : nous"]], leads)).toBe("Feuille 2");
    expect(
      await sheetOf(
        [
          ["Secteur", "Région", "Nom"],
          ["PV", "PACA", "x"],
        ],
        leads,
      ),
    ).toBe("Feuille 2");
    expect(await sheetOf(leads, leads)).toBe("Feuille 1");
  });
});
