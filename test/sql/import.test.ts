import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { bring, merge, type Report, someone, stage, type Written } from "../support/imports.ts";
import { idOf, openMarket } from "../support/market.ts";
import { asActor, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql } = await testDatabase();
await openMarket(sql);

/** The one row of a query. */
async function one(rows: PromiseLike<readonly Record<string, unknown>[]>): Promise<Record<string, unknown>> {
  const found = await rows;
  expect(found).toHaveLength(1);
  return { ...found[0] };
}

describe("values are brought into the form in which leads keep them", () => {
  const kept = (row: Written) =>
    rolledBack(sql, async (at) => {
      const id = await stage(at, [row]);
      return one(at`select email, phone, score, price_cents, is_exclusive from leads.import_values(${id})`);
    });

  it.each([
    ["06 12 34 56 78", "+33 6 12 34 56 78"],
    ["06.12.34.56.78", "+33 6 12 34 56 78"],
    ["06\u00a012\u202f34-56/78", "+33 6 12 34 56 78"],
    ["+33612345678", "+33 6 12 34 56 78"],
    ["+33 (0)6 12 34 56 78", "+33 6 12 34 56 78"],
    ["+330612345678", "+33 6 12 34 56 78"],
    ["0033 6 12 34 56 78", "+33 6 12 34 56 78"],
    ["33612345678", "+33 6 12 34 56 78"],
    ["612345678", "+33 6 12 34 56 78"],
    ["612345678.0", "+33 6 12 34 56 78"],
    ["01 99 00 12 34", "+33 1 99 00 12 34"],
    ["0262 12 34 56", "+262 262 12 34 56"],
    ["0692 12 34 56", "+262 692 12 34 56"],
    ["0693123456", "+262 693 12 34 56"],
    ["693123456", "+262 693 12 34 56"],
    ["+262 692 12 34 56", "+262 692 12 34 56"],
    ["+262 0692 12 34 56", "+262 692 12 34 56"],
    ["+33 692 12 34 56", "+262 692 12 34 56"],
    ["0639 12 34 56", "+262 639 12 34 56"],
    ["06 39 98 12 34", "+33 6 39 98 12 34"],
    ["0269 61 23 45", "+262 269 61 23 45"],
    ["0590 12 34 56", "+590 590 12 34 56"],
    ["0691 12 34 56", "+590 691 12 34 56"],
    ["0594 12 34 56", "+594 594 12 34 56"],
    ["0694 12 34 56", "+594 694 12 34 56"],
    ["0596 12 34 56", "+596 596 12 34 56"],
    ["0697 12 34 56", "+596 697 12 34 56"],
    ["+32 470 12 34 56", "+32 470123456"],
    ["+352 621 123 456", "+352 621123456"],
    ["+1 (415) 555-2671", "+1 4155552671"],
    ["0044 7700 900123", "+44 7700900123"],
    ["3,36E+10", null],
    ["06 12 34 56", null],
    ["06 12 34 56 789", null],
    ["+33 6 12 34 56", null],
    ["00 00 00 00 00", null],
    ["06 12 34 56 78 / 07 12 34 56 78", "+33 6 12 34 56 78"],
    ["inconnu", null],
  ])("telephone %s: %s", async (phone, wanted) => {
    expect((await kept({ phone })).phone).toBe(wanted);
  });

  it.each([
    ["Jean.Dupont@Example.COM", "jean.dupont@example.com"],
    ["\u00a0jean+ads@mail.example.fr ", "jean+ads@mail.example.fr"],
    ["jean.dupont", null],
    ["jean@dupont", null],
    ["jean@@dupont.fr", null],
    ["jean dupont@example.fr", null],
    ["jean..dupont@example.fr", null],
    ["jean@-example.fr", null],
    ["hélène@example.fr", "hélène@example.fr"],
    [`${"a".repeat(250)}@example.fr`, null],
  ])("e-mail %s: %s", async (email, wanted) => {
    expect((await kept({ email })).email).toBe(wanted);
  });

  it.each([
    ["12", 1200],
    ["12,5", 1250],
    ["12.50", 1250],
    ["45 €", 4500],
    ["45,90 EUR", 4590],
    ["1 234,50 €", 123450],
    ["1.234,50", 123450],
    ["1,234.50", 123450],
    ["", 0],
    ["1.234", null],
    ["-5", null],
    ["gratuit", null],
  ])("price %s: %s cents", async (price, wanted) => {
    expect((await kept({ price })).price_cents).toBe(wanted);
  });

  it.each([
    ["85", 85],
    ["85,4", 85],
    ["100", 100],
    ["", 0],
    ["101", null],
    ["100,4", null],
    ["-1", null],
    ["bon", null],
  ])("score %s: %s", async (score, wanted) => {
    expect((await kept({ score })).score).toBe(wanted);
  });

  it.each([
    ["Oui", true],
    ["yes", true],
    ["TRUE", true],
    ["1", true],
    ["non", false],
    ["No", false],
    ["false", false],
    ["0", false],
    ["", false],
    ["peut-être", null],
  ])("isExclusive %s: %s", async (is_exclusive, wanted) => {
    expect((await kept({ is_exclusive })).is_exclusive).toBe(wanted);
  });

  it.each([
    ["sector", "énergie solaire", "Énergie Solaire"],
    ["sector", "PV", "Énergie Solaire"],
    ["sector", "Mutuelle-Santé", "Mutuelle Santé"],
    ["sector", "Voyance", null],
    ["region", "ILE DE FRANCE", "Île-de-France"],
    ["region", "Provence-Alpes-Côte d’Azur", "PACA"],
    ["region", "auvergne rhone alpes", "Auvergne-Rhône-Alpes"],
    ["region", "Wallonie", null],
  ])("%s « %s »: %s", async (kind, spelling, name) => {
    const found = await sql`select spelling, name from leads.resolve_names(${kind}, array[${spelling}])`;
    expect([...found]).toEqual([{ spelling, name }]);
  });
});

describe("a row that cannot become a lead is explained", () => {
  const rejects = (rows: Written[]) =>
    rolledBack(sql, async (at) => {
      const id = await stage(at, rows);
      await merge(at, id);
      return [
        ...(await at`select line, field, code, message from leads.import_rejects where import_id = ${id} order by line`),
      ];
    });

  it.each<[string, Written, string, string, string]>([
    ["no last name", { last_name: " " }, "lastName", "required", "Le nom manque."],
    ["no way to reach him", { email: "" }, "email", "contact_required", "Il faut un e-mail ou un téléphone."],
    [
      "a bad e-mail beside a good telephone",
      { email: "x@y", phone: "0612345678" },
      "email",
      "invalid_email",
      "« x@y » n'est pas une adresse e-mail.",
    ],
    [
      "a bad telephone beside a good e-mail",
      { phone: "06 12" },
      "phone",
      "invalid_phone",
      "« 06 12 » n'est pas un numéro de téléphone.",
    ],
    [
      "a telephone rounded by a spreadsheet",
      { phone: "3.36E+10" },
      "phone",
      "damaged_phone",
      "Le tableur a arrondi ce numéro (3.36E+10) : mettez la colonne au format texte et exportez de nouveau.",
    ],
    ["no sector", { sector: "" }, "sector", "required", "Le secteur manque."],
    ["an unknown sector", { sector: "Voyance" }, "sector", "unknown_sector", "Le secteur « Voyance » est inconnu."],
    ["no region", { region: "" }, "region", "required", "La région manque."],
    ["an unknown region", { region: "Wallonie" }, "region", "unknown_region", "La région « Wallonie » est inconnue."],
    [
      "a score out of range",
      { score: "120" },
      "score",
      "invalid_score",
      "Le score « 120 » n'est pas un nombre de 0 à 100.",
    ],
    ["no price", { price: "gratuit" }, "price", "invalid_price", "Le prix « gratuit » n'est pas un montant en euros."],
    ["neither yes nor no", { is_exclusive: "bof" }, "isExclusive", "invalid_boolean", "« bof » n'est ni oui ni non."],
    [
      "a name without end",
      { company: "x".repeat(201) },
      "company",
      "too_long",
      "La valeur est trop longue (201 caractères).",
    ],
    [
      "a row that was not read well",
      { defect: "too_many_cells" },
      "ligne",
      "too_many_cells",
      "La ligne a plus de cellules que l'en-tête : un séparateur est-il dans une valeur sans guillemets ?",
    ],
  ])("%s", async (_what, traits, field, code, message) => {
    expect(await rejects([someone(), someone(traits)])).toEqual([{ line: 3, field, code, message }]);
  });

  it("by all its problems, the first one leading", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone({ last_name: "", email: "x", score: "abc" })]);
      await merge(at, id);
      const row = await one(at`select field, problems from leads.import_rejects where import_id = ${id}`);
      expect(row.field).toBe("lastName");
      expect((row.problems as { field: string; code: string }[]).map(({ field, code }) => `${field} ${code}`)).toEqual([
        "lastName required",
        "email invalid_email",
        "score invalid_score",
      ]);
    });
  });
});

describe("a good row becomes a lead", () => {
  it("with its contact apart, and only masks in what the catalogue shows", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [
        someone({
          first_name: " Zoé ",
          email: "Zoe@import.test",
          phone: "06 12 34 56 70",
          sector: "pv",
          score: "80",
          price: "12,50",
          is_exclusive: "oui",
          notes: "Joindre au 06 12 34 56 71",
          summary: " Toiture de 120 m² ",
          company: "Atelier Mart1n",
        }),
      ]);
      await merge(at, id);
      const lead = await one(at`
        select id = reference::uuid as same_key, supplier_id, first_name, last_name_mask, email_mask, phone_mask, sector, region, score, price_cents,
          is_exclusive, status, qualification_status, summary, hidden_fields, search_text from leads.leads where import_id = ${id}`);
      expect(lead).toEqual({
        ...{ same_key: true, supplier_id: idOf("supplierA"), first_name: "Zoé", last_name_mask: "M." },
        ...{ email_mask: "z•••@•••", phone_mask: "+33 6 •• •• •• 70", sector: "Énergie Solaire", region: "Bretagne" },
        ...{ score: 80, price_cents: 1250, is_exclusive: true, status: "new", qualification_status: "pending" },
        ...{ summary: "Toiture de 120 m²", hidden_fields: ["company"], search_text: "zoe  energie solaire" },
      });
      const contact = await one(at`
        select c.supplier_id, c.last_name, c.email, c.phone, c.notes, c.search_text from leads.lead_contacts c join leads.leads l on l.id = c.lead_id where l.import_id = ${id}`);
      expect(contact).toEqual({
        ...{
          supplier_id: idOf("supplierA"),
          last_name: "Martin",
          email: "zoe@import.test",
          phone: "+33 6 12 34 56 70",
        },
        ...{ notes: "Joindre au 06 12 34 56 71", search_text: "martin atelier mart1n" },
      });
    });
  });

  it.each([
    { company: "Martin et fils" },
    { company: "M.A.R.T.I.N." },
    { company: "Nitram" },
    { company: "Atelier 06 12 34 56 70" },
    { company: "zéro six douze trente-quatre cinquante-six soixante-dix" },
    { company: "Мartin" },
    { company: "joindre (at) exemple" },
    { first_name: "Zoé Martin" },
    { city: "Brest, chez Martin" },
    { source: "0612345670" },
    { channel: "zozoline29 @ import" },
    { channel: "\u0001\u0001martin" },
    { company: "zozoline29" },
    { last_name: "Roy", company: "R o y" },
    { last_name: "Le Goff-Martin", company: "Goff & Cie" },
  ] as Written[])("%j is hidden, and the row comes in", async (traits) => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [
        someone({ first_name: "Zoé", email: "zozoline29@import.test", phone: "0612345670", ...traits }),
      ]);
      expect(await merge(at, id)).toMatchObject({ inserted: 1 });
      const field = Object.keys(traits).find((name) => name !== "last_name");
      const [lead] = await at`select hidden_fields, id from leads.leads where import_id = ${id}`;
      expect(lead?.hidden_fields).toEqual([field]);
      // As the table itself says.
      const [asked] =
        await at`select leads.look_at_texts(l, c) as said from leads.leads l join leads.lead_contacts c on c.lead_id = l.id where l.id = ${lead?.id}`;
      expect(asked?.said).toEqual([field]);
    });
  });

  it("one look tells of any texts what looking closely does", async () => {
    const pieces =
      "Martin mar tin nitram Goff roy Le Leroy dup du pont one l 1 0 i ï é œ Ma\u0301 arobas www. (at) @ M\u0430rtin zéro six douze trente quatre" +
      " deux one two four sept nonante 12 34 56 06 78 000 2026 rue bis , . - & / ; : ? ) ' d' zozo line jean petit Nantes Bordeaux m2";
    const said = fc
      .array(fc.tuple(fc.constantFrom(...pieces.split(" ")), fc.constantFrom("", " ", " ", "-", "\n")), {
        maxLength: 4,
      })
      .map((parts) => parts.flat().join(""));
    const text = fc.option(said);
    const names = [
      "Martin",
      "Roy",
      "Le Goff-Martin",
      "d'Estaing",
      "O'Du Pont",
      "Li",
      "",
      "Cœur-X",
      "Ménard",
      "Мартин",
      "Mar2",
      "mar\ntin",
    ];
    const boxes = ["martin", "zozoline29", "j.petit", "jean-roy", "0lga", "goff", "Ma.Rtin", "six.pont", "éole.petit"];
    const row = fc.record({
      ...{ first: text, company: text, city: text, source: text, channel: text },
      last: fc.option(fc.constantFrom(...names)),
      email: fc.option(fc.constantFrom(...boxes).map((box) => `${box}@import.test`)),
      phone: fc.option(fc.constant("+33 6 12 34 56 78")),
    });
    const rows = fc.sample(row, { numRuns: 3000, seed: 1 });
    const looked = await sql`
      select r.*, leads.fields_to_hide(first, company, city, source, channel, last, email, array[phone, null]) as quick,
        leads.look_closely_at_fields(first, company, city, source, channel, last, email, array[phone, null]) as close
      from jsonb_to_recordset(${sql.json(rows)})
        r (first text, company text, city text, source text, channel text, last text, email text, phone text)`;
    expect(looked.filter(({ quick, close }) => `${quick}` !== `${close}`)).toEqual([]);
    const answers = new Set(looked.map(({ close }) => `${close}`));
    for (const answer of ["null", "company", "first_name,company", "first_name,company,city,source,channel"])
      expect(answers).toContain(answer);
  });

  it("what is cut in pieces is hidden whole", async () => {
    await rolledBack(sql, async (at) => {
      const pieces: Written[] = [
        { company: "06 12", city: "34 56", source: "70" },
        { company: "zéro six", city: "douze", source: "trente-quatre", channel: "cinquante-six" },
        { company: "Les Mar", first_name: "tin" },
      ];
      const id = await stage(
        at,
        pieces.map((piece, n) => someone({ phone: `061234567${n}`, ...piece })),
      );
      await merge(at, id);
      const found = await at`select hidden_fields from leads.leads where import_id = ${id}`;
      for (const { hidden_fields } of found) expect(hidden_fields).toHaveLength(5);
      expect(found).toHaveLength(pieces.length);
    });
  });

  it.each([
    { company: "Leroy Bâtiment", last_name: "Roy" },
    { company: "Atelier 2000", city: "Saint-Denis", source: "Formulaire web", channel: "Google Ads" },
    { company: "Aux trois épis, six rue Neuve" },
  ] as Written[])("%j is shown", async (traits) => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone({ first_name: "Zoé", phone: "0612345670", ...traits })]);
      await merge(at, id);
      expect(await one(at`select hidden_fields from leads.leads where import_id = ${id}`)).toEqual({
        hidden_fields: null,
      });
    });
  });

  it("unless what it would have everybody read names the person", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone({ summary: "M. Mart1n, 120 m²" }), someone({ summary: "120 m²" })]);
      expect(await merge(at, id)).toMatchObject({ inserted: 1, invalid: 1 });
      const [reject] = await at`select line, field, code from leads.import_rejects where import_id = ${id}`;
      expect(reject).toEqual({ line: 2, field: "summary", code: "contact_in_text" });
    });
  });

  it("and a summary that names who the lead becomes by an update goes", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone({ summary: "Un rocher dans le jardin" });
      const first = await stage(at, [row]);
      await merge(at, first);
      const { summary: _, ...rest } = row;
      expect(await merge(at, await stage(at, [{ ...rest, last_name: "Rocher" }]), "update")).toMatchObject({
        updated: 1,
      });
      expect(await one(at`select summary from leads.leads where import_id = ${first}`)).toEqual({ summary: null });
    });
  });

  it("and the first row of the file is the newest of them", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(
        at,
        ["Un", "Deux", "Trois"].map((first_name) => someone({ first_name })),
      );
      await merge(at, id);
      const rows = await at`select first_name from leads.leads where import_id = ${id} order by id desc`;
      expect(rows.map(({ first_name }) => first_name)).toEqual(["Un", "Deux", "Trois"]);
    });
  });
});

describe("a proof of consent", () => {
  const proof: Written = {
    ...{ consent_text_version: " 2026-01 ", consent_url: "https://exemple.test/formulaire", consent_ip: "203.0.113.7" },
    ...{ consent_at: "10/02/2026 14:30", consent_recipients: "Roy SARL; Partenaires" },
  };
  const proofs = (at: Sql) => at`
    select text_version, url, host(ip) as ip, platform.iso_timestamp(given_at) as given_at, recipients, k.supplier_id = l.supplier_id as own
    from leads.lead_consents k join leads.leads l on l.id = k.lead_id where text_version = '2026-01' and l.supplier_id = ${idOf("supplierA")}
      and l.reference <> 'sold-a'`;
  const kept = {
    ...{ text_version: "2026-01", url: "https://exemple.test/formulaire", ip: "203.0.113.7", own: true },
    ...{ given_at: "2026-02-10T13:30:00Z", recipients: ["Roy SARL", "Partenaires"] },
  };

  it("is kept with the lead that the row becomes; rows without one are leads without one", async () => {
    await rolledBack(sql, async (at) => {
      expect(await bring(at, [someone(), someone(proof), someone({ consent_ip: " " })])).toMatchObject({ inserted: 3 });
      expect([...(await proofs(at))]).toEqual([kept]);
    });
  });

  it("is kept with the lead that the row brings up to date", async () => {
    await rolledBack(sql, async (at) => {
      const known = someone();
      await bring(at, [known]);
      expect(await bring(at, [{ ...known, ...proof }], "A", "update")).toMatchObject({ updated: 1 });
      expect([...(await proofs(at))]).toEqual([kept]);
    });
  });

  it("is nobody's when the row is a duplicate, and the next import's rows are read afresh", async () => {
    await rolledBack(sql, async (at) => {
      const known = someone();
      await bring(at, [known]);
      expect(await bring(at, [{ ...known, ...proof }])).toMatchObject({ inserted: 0 });
      await bring(at, [someone()]);
      expect([...(await proofs(at))]).toEqual([]);
    });
  });

  it.each([
    ["2026-02-10T14:30:00Z", "2026-02-10T14:30:00Z"],
    ["2026-02-10 14:30:00+02:00", "2026-02-10T12:30:00Z"],
    ["2026-02-10 14:30", "2026-02-10T13:30:00Z"],
    ["2026-07-10", "2026-07-09T22:00:00Z"],
    ["10/02/2026 14:30:15", "2026-02-10T13:30:15Z"],
  ])("of %s is of %s", async (consent_at, wanted) => {
    await rolledBack(sql, async (at) => {
      await bring(at, [someone({ ...proof, consent_at })]);
      expect([...(await proofs(at))]).toEqual([{ ...kept, given_at: wanted }]);
    });
  });

  it.each<[Written, string, string]>([
    [{ consent_at: "31/02/2026" }, "consentAt", "« 31/02/2026 » n'est pas une date passée"],
    [{ consent_at: "hier" }, "consentAt", "« hier » n'est pas une date passée"],
    [{ consent_at: "2999-01-01" }, "consentAt", "« 2999-01-01 » n'est pas une date passée"],
    [{ consent_ip: "300.1.1.1" }, "consentIp", "« 300.1.1.1 » n'est pas une adresse IP."],
    [{ consent_ip: "10.0.0.0/8" }, "consentIp", "« 10.0.0.0/8 » n'est pas une adresse IP."],
    [{ consent_url: "exemple.test" }, "consentUrl", "« exemple.test » n'est pas l'adresse d'une page."],
    [{ consent_recipients: " ; " }, "consentRecipients", "«  ;  » ne nomme pas de destinataire."],
    [
      { consent_text_version: "" },
      "consentTextVersion",
      "La preuve de consentement est incomplète : la version du texte manque.",
    ],
    [{ consent_at: "" }, "consentAt", "La preuve de consentement est incomplète : la date manque."],
  ])("with %j is refused with its row", async (traits, field, message) => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone({ ...proof, ...traits })]);
      expect(await merge(at, id)).toMatchObject({ inserted: 0, invalid: 1 });
      const reject = await one(at`select field, code, message from leads.import_rejects where import_id = ${id}`);
      expect(reject).toEqual({ field, code: "invalid_consent", message: expect.stringContaining(message) });
    });
  });
});

describe("duplicates are counted apart and left alone", () => {
  const counts = ({ inserted, duplicates }: Report) => ({ inserted, ...duplicates });
  const none = { inserted: 0, total: 0, inFile: 0, ofSupplier: 0, alreadySold: 0, onPlatform: 0 };

  it.each<[string, Written, Written]>([
    ["e-mail, whatever its case", { email: "same@import.test" }, { email: "SAME@import.test" }],
    ["telephone, however it is written", { phone: "06 12 34 56 72" }, { phone: "+33612345672" }],
  ])("by %s", async (_what, first, second) => {
    await rolledBack(sql, async (at) => {
      expect(counts(await bring(at, [someone(first), someone(second)]))).toEqual({
        ...none,
        inserted: 1,
        total: 1,
        inFile: 1,
      });
      expect(counts(await bring(at, [someone(second)]))).toEqual({ ...none, total: 1, ofSupplier: 1 });
      expect(counts(await bring(at, [someone(second)], "B"))).toEqual({ ...none, total: 1, onPlatform: 1 });
    });
  });

  it("a refused row is no first one", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone();
      expect(await bring(at, [{ ...row, sector: "Voyance" }, row])).toMatchObject({
        inserted: 1,
        invalid: 1,
        duplicates: { total: 0 },
      });
    });
  });

  it("the same file again adds nothing", async () => {
    await rolledBack(sql, async (at) => {
      const file = [
        someone({ phone: "0612345673" }),
        someone({ phone: "0612345674" }),
        someone({ phone: "0612345674" }),
        someone({ sector: "?" }),
      ];
      expect(await bring(at, file)).toMatchObject({ read: 4, inserted: 2, invalid: 1, duplicates: { total: 1 } });
      expect(await bring(at, file)).toMatchObject({
        read: 4,
        inserted: 0,
        invalid: 1,
        duplicates: { total: 3, inFile: 1, ofSupplier: 2 },
      });
    });
  });

  it("a lead that was withdrawn unsold may come in again, one that was sold may not", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone();
      await bring(at, [row]);
      await at`update leads.leads set withdrawn_at = now() where id in (select lead_id from leads.lead_contacts where email = ${row.email ?? ""})`;
      expect(await bring(at, [row])).toMatchObject({ inserted: 1 });
      await at`update leads.leads set withdrawn_at = now(), sold_at = now() where id in (select lead_id from leads.lead_contacts where email = ${row.email ?? ""})`;
      expect(await bring(at, [row])).toMatchObject({ inserted: 0, duplicates: { ofSupplier: 1 } });
    });
  });
});

describe("on request a duplicate brings the supplier's own lead up to date", () => {
  const row = someone({ first_name: "Zoé", company: "Avant", score: "10", price: "5" });
  const news = { ...row, phone: "0612345675", company: "Après", score: "", price: "6" };
  const lead = (at: Sql) =>
    one(at`select l.company, l.score, l.price_cents, l.phone_mask, c.phone from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
      where c.email = ${row.email ?? ""}`);
  const before = { company: "Avant", score: 10, price_cents: 500, phone_mask: null, phone: null };

  it("where a cell says something", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [row]);
      expect(await bring(at, [news], "A", "update")).toMatchObject({
        read: 1,
        inserted: 0,
        updated: 1,
        duplicates: { total: 0 },
      });
      expect(await lead(at)).toEqual({
        ...{
          company: "Après",
          score: 10,
          price_cents: 600,
          phone_mask: "+33 6 •• •• •• 75",
          phone: "+33 6 12 34 56 75",
        },
      });
    });
  });

  it("but neither score nor price nor exclusivity once an agent has qualified it", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [row]);
      await at`update leads.leads l set qualified_at = now() from leads.lead_contacts c where c.lead_id = l.id and c.email = ${row.email ?? ""}`;
      await bring(at, [{ ...news, score: "99", is_exclusive: "oui" }], "A", "update");
      expect(await lead(at)).toMatchObject({ company: "Après", score: 10, price_cents: 500 });
      expect(await one(at`select is_exclusive from leads.leads where company = 'Après'`)).toEqual({
        is_exclusive: false,
      });
    });
  });

  it("not where it is another supplier's", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [row]);
      expect(await bring(at, [news], "B", "update")).toMatchObject({ updated: 0, duplicates: { onPlatform: 1 } });
      expect(await lead(at)).toEqual(before);
    });
  });

  it("not where somebody has bought it", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [row]);
      await at`insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents)
        select lead_id, ${idOf("acheteurA")}, supplier_id, 500 from leads.lead_contacts where email = ${row.email ?? ""}`;
      expect(await bring(at, [news], "A", "update")).toMatchObject({ updated: 0, duplicates: { ofSupplier: 1 } });
      expect(await lead(at)).toEqual(before);
    });
  });

  it("not where the row means two leads", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [row, someone({ phone: news.phone })]);
      expect(await bring(at, [news], "A", "update")).toMatchObject({ updated: 0, duplicates: { ofSupplier: 1 } });
      expect(await lead(at)).toEqual(before);
    });
  });
});

describe("the end of an import", () => {
  it("completed: its counts, handed to the agents, the supplier told, an event, nothing staged", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone();
      const id = await stage(at, [row, row, someone({ sector: "?" })]);
      await merge(at, id);
      expect(
        await one(at`select total, valid, invalid, duplicates, status, qualification_status, handed_over_at is not null as handed_over,
          processing_time from leads.imports where id = ${id}`),
      ).toEqual({
        ...{
          total: 3,
          valid: 1,
          invalid: 1,
          duplicates: 1,
          status: "completed",
          qualification_status: "en_attente",
          handed_over: true,
        },
        processing_time: "1s",
      });
      expect(
        await one(at`select type, title, message from platform.notifications where user_id = ${idOf("fournisseurA")}`),
      ).toEqual({
        ...{ type: "success", title: "Import terminé" },
        message: "leads.csv : 1 leads reçus, 1 doublons, 1 lignes refusées sur 3.",
      });
      expect(
        (await one(at`select payload from platform.outbox where topic = 'import.completed'`)).payload,
      ).toMatchObject({ inserted: 1 });
      expect(await at`select from leads.import_rows where import_id = ${id}`).toHaveLength(0);
    });
  });

  it("completed without a lead: the agents get nothing", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone({ sector: "?" })]);
      await merge(at, id);
      expect(await one(at`select status, handed_over_at from leads.imports where id = ${id}`)).toEqual({
        status: "completed",
        handed_over_at: null,
      });
    });
  });

  it("failed: the reason, the supplier told, nothing staged", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone()]);
      await at`select leads.fail_import(${id}, 'Illisible.')`;
      expect(await one(at`select status, failure from leads.imports where id = ${id}`)).toEqual({
        status: "failed",
        failure: "Illisible.",
      });
      expect(
        await one(at`select type, message from platform.notifications where user_id = ${idOf("fournisseurA")}`),
      ).toEqual({
        ...{ type: "error", message: "leads.csv : Illisible." },
      });
      expect(await at`select from leads.import_rows where import_id = ${id}`).toHaveLength(0);
    });
  });

  it("leaves the rows of other imports staged", async () => {
    await rolledBack(sql, async (at) => {
      const other = await stage(at, [someone()], "B");
      await bring(at, [someone()]);
      expect(await at`select from leads.import_rows where import_id = ${other}`).toHaveLength(1);
    });
  });

  it("comes once: what has ended is not merged again", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone()]);
      await merge(at, id);
      expect(await refusal(at.savepoint((inner) => inner`select leads.merge_import(${id})`))).toMatchObject({
        code: "PT409",
        slug: "import_not_open",
      });
    });
  });

  it("is never reached by a suspended supplier", async () => {
    await rolledBack(sql, async (at) => {
      await at`update leads.suppliers set status = 'suspended' where id = ${idOf("supplierA")}`;
      expect(await refusal(at.savepoint((inner) => stage(inner, [])))).toMatchObject({
        code: "PT403",
        slug: "supplier_not_active",
      });
    });
  });

  it("a merge that breaks leaves no lead, no reject, no count", async () => {
    const id = await stage(sql, [someone(), someone({ sector: "?" })]);
    const counts = () =>
      one(
        sql`select (select count(*) from leads.leads)::int as leads, (select count(*) from leads.import_rejects)::int as rejects`,
      );
    const before = await counts();
    await sql`alter table leads.lead_contacts add constraint broken check (last_name <> 'Martin') not valid`;
    await expect(sql`select leads.merge_import(${id})`).rejects.toThrow("broken");
    await sql`alter table leads.lead_contacts drop constraint broken`;
    expect(await counts()).toEqual(before);
    expect(await one(sql`select status, total from leads.imports where id = ${id}`)).toEqual({
      status: "processing",
      total: 0,
    });
    await sql`select leads.fail_import(${id}, 'Test')`;
  });
});

describe("two imports at once", () => {
  it("bring the same person once", async () => {
    const row = someone();
    const ids = [await stage(sql, [row], "A"), await stage(sql, [row], "B")];
    const reports = await Promise.all(ids.map((id) => merge(sql, id)));
    expect(reports.map(({ inserted }) => inserted).sort()).toEqual([0, 1]);
    expect(await sql`select from leads.lead_contacts where email = ${row.email ?? ""}`).toHaveLength(1);
  });
});

describe.each(["anon", "stranger", "admin", "fournisseurA", "agentA", "acheteurA"] as const)("%s", (actor) => {
  it.each([
    ["begin_import", `select leads.begin_import('${idOf("supplierA")}', 'x.csv')`],
    ["merge_import", `select leads.merge_import('${idOf("import-a")}')`],
    ["fail_import", `select leads.fail_import('${idOf("import-a")}', 'x')`],
    ["import_report", `select leads.import_report('${idOf("import-a")}')`],
  ])("may not call %s", async (_name, statement) => {
    expect(await refusal(asActor(sql, actor, (at) => at.unsafe(statement)))).toMatchObject({ code: "42501" });
  });
});

describe("whatever comes in", () => {
  const cell = (...values: string[]) => fc.constantFrom(...values);
  const row = fc.record({
    last_name: cell("Martin", "Durand", ""),
    email: cell("a@import.test", "B@import.test", "c@import.test", "x", ""),
    phone: cell("0612345601", "+33612345601", "612345602", "06", ""),
    sector: cell("Isolation", "pv", "?"),
    region: cell("Bretagne", "?", "Bretagne"),
    score: cell("", "50", "500"),
  });
  const file = fc.record({
    rows: fc.array(row, { maxLength: 8 }),
    supplier: cell("A", "B"),
    onDuplicate: cell("skip", "update"),
  });

  beforeAll(async () => {
    await sql`select leads.recount()`;
  });

  it("read = inserted + updated + duplicates + invalid, the statistics agree with a count, and the same file adds nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 3 }), (files) =>
        rolledBack(sql, async (at) => {
          for (const { rows, supplier, onDuplicate } of files) {
            const report = await bring(at, rows, supplier as "A" | "B", onDuplicate);
            const { read, inserted, updated, duplicates, invalid } = report;
            expect(read).toBe(rows.length);
            expect(inserted + updated + duplicates.total + invalid).toBe(read);
            expect(duplicates.inFile + duplicates.ofSupplier + duplicates.onPlatform).toBe(duplicates.total);
            expect((await bring(at, rows, supplier as "A" | "B", onDuplicate)).inserted).toBe(0);
          }
          expect([...(await at`select * from leads.verify_rollups()`)]).toEqual([]);
        }),
      ),
      { numRuns: 25, seed: 7 },
    );
  });
});
