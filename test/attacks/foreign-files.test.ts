import type postgres from "postgres";
import { describe, expect, it } from "vitest";
import { ImportRefusal } from "../../functions/_shared/import/refusal.ts";
import type { LeadField as ImportField } from "../../functions/leads/imports/lead-fields.ts";
import { runImport } from "../import/reading.ts";
import { rolledBack, testDatabase } from "../support/sql.ts";
import { workbookOf } from "../support/workbook.ts";

// Files that nobody made for us: what other tools export, with names and encodings of their own. What is stored is what the
// file says, or the file is refused with what to do about it; nothing is stored in the wrong field.

const { sql } = await testDatabase();
type Values = Partial<Record<ImportField, string>>;

/** Imports a file, and answers the leads that it brought: what each of them has. */
async function broughtBy(file: string | Uint8Array, set: Values = {}) {
  return rolledBack(sql, async (transaction) => {
    await transaction`delete from leads.leads`;
    const [supplier] = await transaction<{ id: string }[]>`
      insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', 'files@import.test', 'active') returning id`;
    // The import begins transactions of its own; here they are parts of the one that is rolled back.
    const inside = Object.assign(transaction, { begin: transaction.savepoint }) as unknown as postgres.Sql;
    const { report, ignored, reading } = await runImport(inside, {
      supplierId: supplier?.id as string,
      fileName: "leads",
      open: () => [typeof file === "string" ? new TextEncoder().encode(file) : file],
      wish: { asked: new Map(), saved: new Map(), set: new Map(Object.entries(set)) as Map<ImportField, string> },
      onDuplicate: "skip",
      dryRun: false,
    });
    const [found] = await transaction<{ leads: Record<string, unknown>[] }[]>`
      select coalesce(json_agg(json_strip_nulls(json_build_object('firstName', nullif(l.first_name, ''), 'lastName', k.last_name, 'email', k.email,
        'phone', k.phone, 'phone2', k.phone2, 'company', l.company, 'sector', l.sector, 'region', l.region, 'price', nullif(l.price_cents, 0),
        'score', nullif(l.score, 0), 'notes', k.notes, 'collectedAt', platform.iso_timestamp(l.collected_at))) order by l.id desc), '[]') as leads
      from leads.leads l join leads.lead_contacts k on k.lead_id = l.id`;
    return { leads: found?.leads ?? [], refused: report.reasons.map(({ code }) => code), ignored, reading };
  });
}

const refusalOf = async (file: string | Uint8Array, set?: Values) => {
  const error = await broughtBy(file, set).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(ImportRefusal);
  return error as ImportRefusal;
};

describe("exports without a sector or a region come in with --set", () => {
  const isolation = { sector: "Isolation" };
  const bretagne = { sector: "Isolation", region: "Bretagne" };

  it.each<[string, string, Values, Record<string, unknown>]>([
    [
      "Facebook Lead Ads",
      "id\tcreated_time\tplatform\tquel_est_votre_projet_?\tfull_name\tphone_number\temail\tpost_code\nl:1\t2026-11-02T10:00:00+01:00\tfb\tcombles\tMAQUETTE Omar\tp:+33639981401\tomar@example.com\tz:29200\n",
      isolation,
      {
        ...{ firstName: "Omar", lastName: "MAQUETTE", email: "omar@example.com", phone: "+33 6 39 98 14 01" },
        ...{ region: "Bretagne", collectedAt: "2026-11-02T09:00:00Z" },
      },
    ],
    [
      "Google Contacts",
      "Name,Given Name,Family Name,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value,Phone 2 - Value,Address 1 - Postal Code\nOmar Maquette,Omar,Maquette,-,omar@example.com,-,0199001810,97400\n",
      isolation,
      {
        firstName: "Omar",
        lastName: "Maquette",
        email: "omar@example.com",
        phone: "+33 1 99 00 18 10",
        region: "La Réunion",
      },
    ],
    [
      "Outlook",
      "Title,First Name,Last Name,Company,Business Phone,Mobile Phone,E-mail Address,Home Postal Code\nM.,Omar,Maquette,Maquette SARL,01 99 00 18 10,06 39 98 18 10,omar@example.com,35000\n",
      isolation,
      {
        ...{
          firstName: "Omar",
          lastName: "Maquette",
          company: "Maquette SARL",
          phone: "+33 6 39 98 18 10",
          phone2: "+33 1 99 00 18 10",
        },
        ...{ email: "omar@example.com", region: "Bretagne" },
      },
    ],
    [
      "Typeform, whose times are UTC",
      "#,Quel est votre nom ?,Quel est votre prénom ?,Votre adresse e-mail,Quel est votre budget ?,Submit Date (UTC)\n1,Maquette,Omar,omar@example.com,15000,2026-07-01 10:00:00\n",
      bretagne,
      {
        firstName: "Omar",
        lastName: "Maquette",
        email: "omar@example.com",
        region: "Bretagne",
        collectedAt: "2026-07-01T10:00:00Z",
      },
    ],
    [
      "Google Forms, whose times are those of Paris",
      'Horodateur;Nom et prénom;Email;Code postal\n01/07/2026 10:00:00;"Maquette, Omar";omar@example.com;29200\n',
      isolation,
      {
        firstName: "Omar",
        lastName: "Maquette",
        email: "omar@example.com",
        region: "Bretagne",
        collectedAt: "2026-07-01T08:00:00Z",
      },
    ],
    [
      "a form of a site, with a date that is none of the past",
      "Date,your-name,your-email,your-message\nlundi matin,MAQUETTE Omar,omar@example.com,Rappelez-moi\n",
      bretagne,
      { firstName: "Omar", lastName: "MAQUETTE", email: "omar@example.com", region: "Bretagne", notes: "Rappelez-moi" },
    ],
  ])("%s", async (_tool, file, set, lead) => {
    const { leads, refused } = await broughtBy(file, set);
    expect({ leads, refused }).toEqual({ leads: [{ sector: "Isolation", ...lead }], refused: [] });
    const refusal = await refusalOf(file);
    expect(refusal.code).toBe("missing_columns");
    expect(refusal.message).toContain('--set "sector=…"');
  });

  it("a row that has its own value keeps it", async () => {
    const file = "Nom,Email,Secteur,Région\nA,a@example.com,PV,\nB,b@example.com,,PACA\n";
    const { leads } = await broughtBy(file, bretagne);
    expect(leads.map(({ sector, region }) => [sector, region])).toEqual([
      ["Énergie Solaire", "Bretagne"],
      ["Isolation", "PACA"],
    ]);
  });

  it("a value that nobody knows is refused row by row, as one in the file is", async () => {
    const { leads, refused } = await broughtBy("Nom,Email,Région\nA,a@example.com,PACA\n", { sector: "Voyance" });
    expect({ leads, refused }).toEqual({ leads: [], refused: ["unknown_sector"] });
  });
});

describe("columns that mislead", () => {
  it("the customer's budget is no selling price, and is said to be ignored", async () => {
    const { leads, ignored } = await broughtBy(
      "Nom;Email;Secteur;Région;Montant;Budget;Total\nA;a@example.com;PV;PACA;15000;9;8\n",
    );
    expect(leads).toEqual([{ lastName: "A", email: "a@example.com", sector: "Énergie Solaire", region: "PACA" }]);
    expect(ignored).toEqual(["Montant", "Budget", "Total"]);
  });

  it("the name of a company, a form or a campaign is nobody's name", async () => {
    const file =
      "Campaign Name,Form name,Organisation - Nom,Contact,Email,Secteur,Région\nPAC,F,X SARL,Y,a@example.com,PV,PACA\n";
    expect((await refusalOf(file)).message).toContain('--map "Nom de la colonne=lastName"');
  });

  it("the state of a file is no region", async () => {
    expect((await refusalOf("Nom,Email,Secteur,État,Statut\nA,a@example.com,PV,Nouveau,Froid\n")).code).toBe(
      "missing_columns",
    );
  });

  it("of a landline and a mobile both stay, whichever is empty", async () => {
    const file =
      "nom,email,Téléphone fixe,Téléphone mobile,secteur,région\nA,a@example.com,01 99 00 18 10,06 39 98 18 10,PV,PACA\nB,b@example.com,-,06 39 98 18 11,PV,PACA\n";
    expect((await broughtBy(file)).leads.map(({ phone, phone2 }) => [phone, phone2])).toEqual([
      ["+33 1 99 00 18 10", "+33 6 39 98 18 10"],
      ["+33 6 39 98 18 11", undefined],
    ]);
  });
});

describe("workbooks", () => {
  const head = ["Nom", "Email", "Secteur", "Région", "Notes", "Prix", "Score", "Téléphone"];
  const row = (name: string) => [name, `${name}@example.com`, "PV", "PACA", "x"];

  it("a cover and a list of choices are not read for the leads", async () => {
    const cover = [["Export des leads du mois"], ["Contact : nous"]];
    const choices = [
      ["Secteur", "Région", "Nom"],
      ["Isolation", "Bretagne", "liste"],
    ];
    const { leads, reading } = await broughtBy(workbookOf(cover, choices, [head, row("A")]));
    expect([leads.length, reading?.sheet]).toEqual([1, "Feuille 3"]);
  });

  it("times, percentages, prices and telephones are what the cells show, or all of their digits", async () => {
    const cells = [
      ...["A", "a@example.com", "PV", "PACA", { t: "n" as const, v: 0.604166666666667, z: "h:mm" }],
      ...[
        { t: "n" as const, v: 25, z: '0" euros"' },
        { t: "n" as const, v: 0.8, z: "0%" },
      ],
      { t: "n" as const, v: 33639981401, z: "0.00E+00" },
    ];
    const texts = [
      "B",
      "b@example.com",
      "PV",
      "PACA",
      { t: "n" as const, v: 1.25, z: "[h]:mm:ss" },
      "25 euros",
      "80 %",
      639981402,
    ];
    const { leads, refused } = await broughtBy(workbookOf([head, cells, texts]));
    expect(refused).toEqual([]);
    expect(leads.map(({ notes, price, score, phone }) => [notes, price, score, phone])).toEqual([
      ["14:30", 2500, 80, "+33 6 39 98 14 01"],
      ["30:00:00", 2500, 80, "+33 6 39 98 14 02"],
    ]);
  });
});

describe("encodings", () => {
  const latin = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
  const list = (...names: string[]) =>
    latin(
      `Nom;Prenom;Email;Secteur;Region\r\n${names.map((name, n) => `${name};x;p${n}@example.com;PV;PACA`).join("\r\n")}\r\n`,
    );

  it.each<[string, Uint8Array, string[]]>([
    ["Macintosh", list("Lef\x8fvre", "Gar\x8don", "\x83lo\x95se"), ["Lefèvre", "Garçon", "Éloïse"]],
    ["MS-DOS", list("Lef\x8avre", "Gar\x87on", "\x90lo\x8bse"), ["Lefèvre", "Garçon", "Éloïse"]],
    [
      "Windows",
      list("Lef\xe8vre", "Gar\xe7on", "\xc9lo\xefse", "D\x92Oz\xe9"),
      ["Lefèvre", "Garçon", "Éloïse", "D’Ozé"],
    ],
    ["Windows in Poland", list("Wa\xb3\xeasa", "K\xeapi\xf1ski"), ["Wałęsa", "Kępiński"]],
  ])("%s", async (_system, file, names) => {
    expect((await broughtBy(file)).leads.map(({ lastName }) => lastName)).toEqual(names);
  });

  it("what may be read in two ways is stored in none of them", async () => {
    const refusal = await refusalOf(list("CORR\xd4T"));
    expect(refusal.code).toBe("encoding_unclear");
    expect(refusal.message).toContain("--encoding windows-1252");
  });

  it("UTF-8 that was encoded twice is read as it was meant", async () => {
    const { leads } = await broughtBy("Nom,Email,Secteur,RÃ©gion\nLefÃ¨vre,a@example.com,PV,PACA\n");
    expect(leads.map(({ lastName }) => lastName)).toEqual(["Lefèvre"]);
  });
});

describe("times", () => {
  const consent = (at: string) =>
    `nom;email;secteur;region;version du consentement;url du consentement;ip du consentement;date du consentement;destinataires\nA;a@example.com;PV;PACA;v1;https://example.com;192.0.2.1;${at};x\n`;

  it.each(["1900-01-01T10:00", "0001-01-01", "01/01/1970", "2099-01-01T10:00", "9999-12-31"])(
    "a consent of %s is no proof",
    async (at) => {
      expect((await broughtBy(consent(at))).refused).toEqual(["invalid_consent"]);
    },
  );

  it("a year of two digits is one of this century", async () => {
    const { leads } = await broughtBy(
      "Nom;Email;Secteur;Région;Recueilli le\nA;a@example.com;PV;PACA;01/07/26 10:00\n",
    );
    expect(leads.map(({ collectedAt }) => collectedAt)).toEqual(["2026-07-01T08:00:00Z"]);
  });
});

describe("the day of collection as other tools write it", () => {
  it.each([
    ["Feb 10, 2026", "2026-02-09T23:00:00Z"],
    ["February 10, 2026 2:30 pm", "2026-02-10T13:30:00Z"],
    ["10 févr. 2026", "2026-02-09T23:00:00Z"],
    ["mardi 10 février 2026 à 14h30", "2026-02-10T13:30:00Z"],
    ["1er mars 2026", "2026-02-28T23:00:00Z"],
    ["10 août 2025 12:05:00 AM", "2025-08-09T22:05:00Z"],
    ["2026/02/10 2:30:00 PM UTC+1", "2026-02-10T13:30:00Z"],
    ["2026/2/1", "2026-01-31T23:00:00Z"],
    ["10/02/2026 02:30 PM", "2026-02-10T13:30:00Z"],
    ["10/02/2026 14h", "2026-02-10T13:00:00Z"],
  ])("%s", async (written, collectedAt) => {
    const { leads } = await broughtBy(
      `nom;email;secteur;région;horodateur\nA;a@b.fr;Isolation;Bretagne;"${written}"\n`,
    );
    expect(leads).toMatchObject([{ collectedAt }]);
  });

  it.each(["10 brumaire 2026", "31 février 2026", "10/02/2026 14:30 PM", "2026/13/01"])(
    "%s is none",
    async (written) => {
      const { leads, refused } = await broughtBy(
        `nom;email;secteur;région;horodateur\nA;a@b.fr;Isolation;Bretagne;"${written}"\n`,
      );
      expect({ leads, refused }).toEqual({ leads: [], refused: ["invalid_time"] });
    },
  );
});

it("a number overseas with the code of its country and no plus", async () => {
  const { leads } = await broughtBy("nom;téléphone;secteur;région\nA;590690123456;Isolation;Guadeloupe\n");
  expect(leads).toMatchObject([{ phone: "+590 690 12 34 56" }]);
});
