import { readFileSync } from "node:fs";
import { domainToASCII } from "node:url";
import fc from "fast-check";
import type postgres from "postgres";
import { describe, expect, it } from "vitest";
import { credentials, registrationOf } from "../../functions/_shared/accounts/inputs.ts";
import { mapOf, runImport } from "../import/reading.ts";
import { bring, someone, stage, type Written } from "../support/imports.ts";
import { idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// Values that look like one thing and are another, by every road on which one comes in: signs that nobody sees, domains in
// other scripts, second telephones, names in one, spellings of places, days that are not yet.

const { sql } = await testDatabase();
await openMarket(sql);

const zwsp = "\u200b";
const hidden = ["\u200b", "\u200e", "\u202c", "\u2060", "\ufeff", "\u00ad", "\u0007", "\u{e0041}"];

/** The leads that rows of a file became, with their contacts, in the order of the rows; or why they did not. */
async function read(rows: Written[]): Promise<Record<string, unknown>[]> {
  return rolledBack(sql, async (at) => {
    const id = await stage(at, rows);
    await at`select leads.check_import_rows(${id}, 2, 1000)`;
    return [...(await at`select * from leads.import_checked where import_id = ${id} order by line`)];
  });
}
const readOne = async (row: Written) => (await read([someone(row)]))[0] ?? {};

const create = (at: Sql, lead: object) => at`select * from public.lead_create(${at.json(lead as never)})`;
const good = { lastName: "Martin", email: "form@import.test", sector: "Isolation", region: "Bretagne" };

describe("a telephone or an e-mail is no name", () => {
  const none = [
    "06 39 98 13 18",
    "+33639981318",
    "durand@import.test",
    "M. Durand 06.39.98.13.18",
    "d＠import.test",
    "０６３９９８１３１８",
  ];
  const names = ["Durand 2", "Durand (75012)", "Jean-Noël d'Œuvre", "Durand 1984", "@lex", "王"];

  it.each(none)("« %s » is refused in a file", async (said) => {
    expect(await readOne({ last_name: said })).toMatchObject({ problems: "lastName/invalid_name" });
    expect(await readOne({ first_name: said })).toMatchObject({ problems: "firstName/invalid_name" });
    expect(await readOne({ last_name: "", full_name: said })).toMatchObject({ problems: "lastName/invalid_name" });
  });

  it.each(names)("« %s » is one", async (said) => {
    expect(await readOne({ first_name: said, last_name: said })).toMatchObject({ problems: "", last_name: said });
  });

  it.each(["firstName", "lastName"])("nor in a form, when it is filled in or changed (%s)", async (field) => {
    await rolledBack(sql, async (at) => {
      await become(at, "fournisseurA");
      const problem = [
        { field, code: "invalid_name", message: expect.stringContaining(`« ${none[0]} » n'est pas un nom`) },
      ];
      const refused = async (work: Promise<unknown>) => {
        const { code, slug, hint } = await refusal(work);
        expect([code, slug, JSON.parse(hint ?? "[]")]).toEqual(["PT422", "invalid_fields", problem]);
      };
      const wrong = { [field]: none[0] };
      await refused(at.savepoint((inner) => create(inner, { ...good, ...wrong })));
      const [lead] = await create(at, good);
      await refused(at.savepoint((inner) => inner`select * from public.lead_update(${lead?.id}, ${at.json(wrong)})`));
    });
  });

  it("nor where somebody writes the tables himself", async () => {
    for (const [table, key, column] of [
      ["leads", "id", "first_name"],
      ["lead_contacts", "lead_id", "last_name"],
    ] as const) {
      const change = rolledBack(sql, async (at) => {
        await bring(at, [someone({})], "A");
        await at`update leads.${at(table)} set ${at(column)} = ${none[0] as string} where ${at(key)} in
          (select id from leads.leads where supplier_id = ${idOf("supplierA")})`;
      });
      expect(await refusal(change)).toMatchObject({ code: "PT422", slug: "invalid_fields" });
    }
  });
});

describe("signs that nobody sees", () => {
  it.each(hidden)("%j is in no name, e-mail or telephone of a file", async (sign) => {
    const { last_name, email, phone, city } = await readOne({
      ...{
        last_name: `Dup${sign}ont${sign}`,
        email: `zw${sign}person@import.test${sign}`,
        phone: `06 39 98${sign} 13 18`,
      },
      city: `${sign}Le\u00a0Mans\u2009`,
    });
    const seen = { last_name: "Dupont", email: "zwperson@import.test", phone: "+33 6 39 98 13 18", city: "Le Mans" };
    expect({ last_name, email, phone, city }).toEqual(seen);
  });

  it("make no second person of a form either", async () => {
    await rolledBack(sql, async (at) => {
      await become(at, "fournisseurA");
      const [lead] = await create(at, { ...good, firstName: "Zo\u0065\u0301", lastName: `Mar${zwsp}tin` });
      expect(lead).toMatchObject({ firstName: "Zoé", lastName: "Martin" });
      const again = create(at, { ...good, email: `form${zwsp}@import.test` });
      expect(await refusal(again)).toMatchObject({ code: "PT409", slug: "duplicate_lead" });
    });
  });

  it("do not come by PUT", async () => {
    await rolledBack(sql, async (at) => {
      await become(at, "fournisseurA");
      const [lead] = await create(at, good);
      const [changed] =
        await at`select * from public.lead_update(${lead?.id}, ${at.json({ company: `A${zwsp}B\u00a0\u00a0C` })})`;
      expect(changed).toMatchObject({ company: "AB C" });
    });
  });

  it("do not come by a sign-up's metadata, nor by whoever writes a profile, a supplier or billing details himself", async () => {
    await rolledBack(sql, async (at) => {
      const data = { firstName: `\u202eEve${zwsp}`, lastName: "\u2003Roy", company: zwsp, phone: `06${zwsp}` };
      const [user] = await at`insert into auth.users (id, email, raw_user_meta_data)
        values (gen_random_uuid(), 'signs@example.test', ${at.json(data)}) returning id`;
      const profile = () =>
        at`select first_name, last_name, company, phone from platform.profiles where id = ${user?.id}`;
      expect([...(await profile())]).toEqual([{ first_name: "Eve", last_name: "Roy", company: null, phone: "06" }]);
      await at`update platform.profiles set company = ${`Acme${zwsp}`} where id = ${user?.id}`;
      expect((await profile())[0]).toMatchObject({ company: "Acme" });
      const [supplier] =
        await at`update leads.suppliers set company = ${`Ac\u00a0me${zwsp}`} where id = ${idOf("supplierA")} returning company`;
      expect(supplier).toEqual({ company: "Ac me" });
      const [details] = await at`insert into leads.billing_details (buyer_id, name, address)
        values (${user?.id}, ${`Roy${zwsp}`}, ${"1\u00a0rue\r\nBrest"}) returning name, address`;
      expect(details).toEqual({ name: "Roy", address: "1 rue\nBrest" });
    });
  });

  it("are no name, and no other address, where an account is made", () => {
    const account = { email: `A${zwsp}nne@EXÄMPLE.de`, password: "demo-Password-1", lastName: "Roy", role: "acheteur" };
    expect(registrationOf(["acheteur"]).safeParse({ ...account, firstName: zwsp }).success).toBe(false);
    expect(registrationOf(["acheteur"]).parse({ ...account, firstName: "Anne" }).email).toBe("anne@xn--exmple-cua.de");
    expect(credentials.parse({ email: "Anne@xn--exmple-cua.de", password: "x" }).email).toBe("anne@xn--exmple-cua.de");
  });

  it("a cleaned text stays as it is, and holds none of them", async () => {
    const unit = fc.constantFrom(...hidden, " ", "\u00a0", "\n", "\t", "\r", "e", "\u0301", "é", "’", "0");
    await fc.assert(
      fc.asyncProperty(fc.string({ unit, maxLength: 12 }), fc.boolean(), async (text, lines) => {
        const [row] = await sql`select c.text, platform.clean_text(c.text, ${lines}) as again
          from (select platform.clean_text(${text}, ${lines}) as text) c`;
        expect(row?.again).toBe(row?.text);
        if (row?.text !== null) expect(row?.text).not.toMatch(/[\p{Cf}\u00a0\t\r]|^\s|\s$|e\u0301/u);
      }),
      { numRuns: 200, seed: 7 },
    );
  });
});

describe("what stands for nothing", () => {
  it.each(["-", "--", "—", "N/A", "n/a", "NULL", "null", "#N/A", "#REF!", "?", ".", "undefined", '=""', "="])(
    "%s is no name and no telephone",
    async (nothing) => {
      expect(await readOne({ last_name: nothing })).toMatchObject({ problems: "lastName/required" });
      expect(await readOne({ phone: nothing })).toMatchObject({ problems: "", phone: null });
    },
  );

  it.each(["Null", "None", "Nil", "Nan", "Aucun", "Na", "Nancy"])("%s is a name", async (last_name) => {
    expect(await readOne({ last_name })).toMatchObject({ problems: "", last_name });
  });

  it.each<[Written, object]>([
    [
      { last_name: '="Dupontel"', phone: '="0639981316"' },
      { last_name: "Dupontel", phone: "+33 6 39 98 13 16" },
    ],
    [{ region: "", postcode: "z:35000" }, { region: "Bretagne" }],
    [
      { price: "25 euros", score: "80 %" },
      { price_cents: 2500, score: 80 },
    ],
    [
      { price: "25€ HT", score: "80/100" },
      { price_cents: 2500, score: 80 },
    ],
  ])("%j is understood", async (row, kept) => {
    expect(await readOne(row)).toMatchObject({ problems: "", ...kept });
  });
});

describe("e-mails", () => {
  it.each([
    ["müller@exämple.de", "müller@xn--exmple-cua.de"],
    ["contact@plomberie-rene\u0301.example", "contact@xn--plomberie-ren-nhb.example"],
    ["Jean Dupont <jean.angle@example.com>", "jean.angle@example.com"],
    ["mailto:person@example.com?subject=devis", "person@example.com"],
    ['"trail.dot@example.com."', "trail.dot@example.com"],
    ["a＠例え．jp", "a@xn--r8jz45g.jp"],
  ])("%s is kept as %s", async (email, kept) => {
    expect(await readOne({ email })).toMatchObject({ problems: "", email: kept });
  });

  it.each(["a@example.com, b@example.com", "a@exa mple.fr", "a@-é.fr-", "a@é!.fr", "@é.fr", "a@b@é.fr"])(
    "%s is refused",
    async (email) => {
      expect(await readOne({ email })).toMatchObject({ problems: "email/invalid_email" });
    },
  );

  it("domains are coded as the network has them, and read as they are written", async () => {
    const label = fc.string({ unit: fc.constantFrom(..."aeé漢字üñ0пр"), minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(label, async (text) => {
        const domain = `${text}.example`;
        const [row] =
          await sql`select platform.ascii_domain(${domain}) as ascii, platform.shown_email('a@' || platform.ascii_domain(${domain})) as shown`;
        expect(row).toEqual({ ascii: domainToASCII(domain), shown: `a@${domain}` });
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it("a domain by either spelling is one person, shown as he writes it", async () => {
    await rolledBack(sql, async (at) => {
      const [one, other] = [someone({ email: "idn@exämple.de" }), someone({ email: "idn@xn--exmple-cua.de" })];
      expect(await bring(at, [one, other])).toMatchObject({ inserted: 1, duplicates: { inFile: 1 } });
      const [found] = await at`select leads.gdpr_export('IDN@EXÄMPLE.de') as person`;
      expect(found?.person).toMatchObject({ person: "idn@exämple.de", leads: [{ email: "idn@exämple.de" }] });
      await become(at, "fournisseurA");
      expect(await at`select email from public.leads where email like 'idn@%'`).toEqual([{ email: "idn@exämple.de" }]);
    });
  });
});

describe("two telephones", () => {
  const [first, second] = ["+33 6 39 98 18 10", "+33 1 99 00 18 10"];

  it.each<[string, Written, (string | null)[]]>([
    ["in two columns", { phone: "06 39 98 18 10", phone2: "01 99 00 18 10" }, [first, second]],
    ["in one cell", { phone: "06 39 98 18 10 / 01 99 00 18 10" }, [first, second]],
    ["the first a dash", { phone: "-", phone2: "06 39 98 18 10" }, [first, null]],
    ["twice the same", { phone: "0639981810", phone2: "+33639981810" }, [first, null]],
    ["of three the first two", { phone: "0639981810; 0199001810; 0699001810" }, [first, second]],
    ["with an extension", { phone: "06 39 98 18 10 poste 12", phone2: "Tél : 01 99 00 18 10 #4" }, [first, second]],
    ["of advertisers", { phone: "p:+33639981810", phone2: "tel:+33-1-99-00-18-10" }, [first, second]],
  ])("%s", async (_name, row, phones) => {
    const { phone, phone2, problems } = await readOne(row);
    expect({ problems, phones: [phone, phone2] }).toEqual({ problems: "", phones });
  });

  it("of which one is none refuse the row, and say which", async () => {
    expect(await readOne({ phone: "0639981810", phone2: "06 12" })).toMatchObject({ problems: "phone2/invalid_phone" });
  });

  it("find a person whose first is another's second: in the file, among leads, by a form", async () => {
    await rolledBack(sql, async (at) => {
      const known = someone({ phone: first, phone2: second });
      expect(
        await bring(at, [known, someone({ phone: second }), someone({ phone: "0699001811", phone2: first })]),
      ).toMatchObject({
        ...{ inserted: 1, duplicates: { inFile: 2 } },
      });
      expect(await bring(at, [someone({ phone: second })])).toMatchObject({
        inserted: 0,
        duplicates: { ofSupplier: 1 },
      });
      expect(await bring(at, [someone({ phone2: first })], "B")).toMatchObject({
        inserted: 0,
        duplicates: { onPlatform: 1 },
      });
      await become(at, "fournisseurA");
      expect(await refusal(create(at, { ...good, phone2: second }))).toMatchObject({ slug: "duplicate_lead" });
    });
  });

  it("are shown to those who have the contact, and no stranger sees that there are two", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [someone({ last_name: "Deux", phone: first, phone2: second })]);
      const [{ id } = { id: "" }] = await at<
        { id: string }[]
      >`select lead_id as id from leads.lead_contacts where last_name = 'Deux'`;
      await at`update leads.leads set status = 'qualified', qualification_status = 'qualified' where id = ${id}`;
      const shown = () => at`select phone, phone2 from public.leads where id = ${id}`;
      for (const stranger of ["anon", "acheteurA"] as const) {
        await become(at, stranger);
        expect([...(await shown())]).toEqual([{ phone: "+33 6 •• •• •• 10", phone2: null }]);
        await at`reset role`;
      }
      await become(at, "fournisseurA");
      expect([...(await shown())]).toEqual([{ phone: first, phone2: second }]);
    });
  });

  it("are both found, erased and refused from then on", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [someone({ last_name: "Deux", phone: first, phone2: second })]);
      const [found] = await at`select leads.gdpr_export(${second}) as person`;
      expect(found?.person).toMatchObject({ leads: [{ lastName: "Deux", phone: first, phone2: second }] });
      await at`select leads.gdpr_erase(${second}, true)`;
      expect(await at`select from leads.lead_contacts where phone2 is not null or phone = ${first}`).toHaveLength(0);
      for (const phones of [{ phone: first }, { phone: "0699001811", phone2: first }, { phone2: second }]) {
        expect(await bring(at, [someone(phones)])).toMatchObject({ inserted: 0, invalid: 1 });
      }
    });
  });
});

describe("a name in one", () => {
  it.each([
    ["DUPONT Jean", "Jean", "DUPONT"],
    ["Jean DUPONT", "Jean", "DUPONT"],
    ["Mme DE LA FONTAINE Anne Marie", "Anne Marie", "DE LA FONTAINE"],
    ["M. Pierre de la TOUR", "Pierre", "de la TOUR"],
    ["Dupont, Jean", "Jean", "Dupont"],
    ["Dr O'BRIEN Sean", "Sean", "O'BRIEN"],
    ["Cher", null, "Cher"],
  ])("%s is parted", async (full_name, first_name, last_name) => {
    expect(await readOne({ last_name: "", full_name })).toMatchObject({
      problems: "",
      first_name,
      last_name,
      name_unsplit: false,
    });
  });

  it.each([
    "Élodie Martin",
    "JEAN DUPONT",
    "Jean DUPONT Pierre",
    "Anne Marie Roy",
    "Dupont, Jean, Paul",
    "DUPONT Jean épouse Martin",
    "DUPONT Jean et Martin Sophie",
    "DUPONT (chez Durand) Paul",
    "SARL Martin Frères",
  ])("%s tells nothing: none of it is public, and somebody is to part it", async (full_name) => {
    const masked = { first_name: null, last_name: full_name, last_name_mask: `${full_name[0]}.`, name_unsplit: true };
    expect(await readOne({ last_name: "", full_name })).toMatchObject({ problems: "", ...masked });
  });

  it("does not take apart again what is known in two", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone({ first_name: "Jean", last_name: "Dupont" });
      await bring(at, [row]);
      await bring(at, [{ ...row, first_name: "", last_name: "", full_name: "Jean Dupont" }], "A", "update");
      expect([
        ...(await at`select l.first_name, k.last_name, l.last_name_mask, k.name_unsplit from leads.leads l
          join leads.lead_contacts k on k.lead_id = l.id where k.email = ${row.email ?? ""}`),
      ]).toEqual([{ first_name: "Jean", last_name: "Dupont", last_name_mask: "D.", name_unsplit: false }]);
    });
  });
});

describe("where a lead is", () => {
  it.each([
    ["35000", "Bretagne"],
    ["1000", "Auvergne-Rhône-Alpes"],
    ["20200", "Corse"],
    ["2A004", "Corse"],
    ["2B033", "Corse"],
    ["20A00", null],
    ["97410", "La Réunion"],
    ["97600", "Mayotte"],
    ["F-75008", "Île-de-France"],
    ["98800", null],
    ["B-1000", null],
    ["123456", null],
  ])("the postcode %s says %s", async (postcode, region) => {
    const problems = region ? "" : "postcode/unknown_postcode";
    expect(await readOne({ region: "", postcode })).toMatchObject({ problems, region });
  });

  it("a region that is written counts more than a postcode, and a Belgian's four digits are no French department", async () => {
    expect(await readOne({ region: "Corse", postcode: "35000" })).toMatchObject({ region: "Corse" });
    expect(await readOne({ region: "", postcode: "1000", phone: "+32 470 12 34 56" })).toMatchObject({ region: null });
  });

  it.each(["regions", "sectors"])("every usual spelling of %s is known", async (kind) => {
    const spellings = readFileSync(new URL(`spellings/${kind}.txt`, import.meta.url), "utf8")
      .trim()
      .split("\n");
    const pairs = spellings.map((line) => line.split(" = "));
    const found =
      await sql`select spelling, name from leads.resolve_names(${kind.slice(0, -1)}, ${pairs.map(([spelling]) => spelling ?? "")})`;
    expect(Object.fromEntries(found.map(({ spelling, name }) => [spelling, name]))).toEqual(Object.fromEntries(pairs));
  });

  it("what is unknown is refused with what is nearest", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone({ sector: "Isolatoin" }), someone({ region: "Bretange" })]);
      await at`select leads.merge_import(${id})`;
      const messages = await at`select message from leads.import_rejects where import_id = ${id} order by line`;
      expect(messages.map(({ message }) => message)).toEqual([
        "Le secteur « Isolatoin » est inconnu. Vouliez-vous dire « Isolation » ?",
        "La région « Bretange » est inconnue. Vouliez-vous dire « Bretagne » ?",
      ]);
    });
  });

  it("filters understand what files do", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [someone({ region: "Finistère", sector: "PV" })]);
      await become(at, "fournisseurA");
      const found =
        await at`select region, sector from public.leads_search(region => '29', sector => 'panneaux solaires')`;
      expect(new Set(found.map(({ region, sector }) => `${region}, ${sector}`))).toEqual(
        new Set(["Bretagne, Énergie Solaire"]),
      );
    });
  });
});

describe("the day on which a lead was collected", () => {
  it.each([
    ["2026-02-10T14:30:00+01:00", "2026-02-10T13:30:00.000Z"],
    ["10/02/2026 14h30", "2026-02-10T13:30:00.000Z"],
    ["10/02/26", "2026-02-09T23:00:00.000Z"],
    ["1770730200", "2026-02-10T13:30:00.000Z"],
  ])("%s", async (collected_at, wanted) => {
    expect(await readOne({ collected_at })).toMatchObject({ problems: "", collected_at: new Date(wanted) });
  });

  it.each(["2099-01-01", "01/01/1950", "31/31/2026", "hier"])("%s is refused", async (collected_at) => {
    expect(await readOne({ collected_at })).toMatchObject({ problems: "collectedAt/invalid_time" });
  });

  it("makes an old lead cheaper, and is not moved forward by another file", async () => {
    await rolledBack(sql, async (at) => {
      await at`update leads.credit_rules set value = 10 where kind = 'age_decay'`;
      const row = someone({ price: "100", collected_at: new Date(Date.now() - 95 * 86_400_000).toISOString() });
      await bring(at, [row]);
      await bring(at, [{ ...row, collected_at: new Date().toISOString() }], "A", "update");
      const [age] = await at`select now() - l.collected_at > interval '94 days' as old from leads.leads l
        join leads.lead_contacts k on k.lead_id = l.id where k.email = ${row.email ?? ""}`;
      expect(age).toEqual({ old: true });
    });
  });
});

describe("files as programs write them", () => {
  const outcome = async (text: string) =>
    rolledBack(sql, async (transaction) => {
      const inside = Object.assign(transaction, { begin: transaction.savepoint }) as unknown as postgres.Sql;
      const { report } = await runImport(inside, {
        ...{ supplierId: idOf("supplierA"), fileName: "leads.csv", open: () => [new TextEncoder().encode(text)] },
        ...{ wish: { asked: mapOf({}), saved: mapOf({}) }, onDuplicate: "skip", dryRun: false },
      });
      const contacts =
        await transaction`select k.last_name, k.phone, k.phone2 from leads.leads l join leads.lead_contacts k on k.lead_id = l.id
        join leads.imports i on i.id = l.import_id and i.reference = ${report.import} order by l.id desc`;
      return { invalid: report.invalid, contacts: [...contacts] };
    });

  it("two columns of telephones: a blank, a dash or nothing in the first is none, and both numbers are kept", async () => {
    const text = `Nom;Téléphone fixe;Téléphone mobile;Secteur;Région
Deux;01 99 00 01 11;06 39 98 01 11;Isolation;Bretagne
Tiret;-;06 39 98 01 12;Isolation;Bretagne
Espace; ;06 39 98 01 13;Isolation;Bretagne
Seul;06 39 98 01 14;;Isolation;Bretagne`;
    expect(await outcome(text)).toEqual({
      invalid: 0,
      contacts: [
        { last_name: "Deux", phone: "+33 1 99 00 01 11", phone2: "+33 6 39 98 01 11" },
        { last_name: "Tiret", phone: "+33 6 39 98 01 12", phone2: null },
        { last_name: "Espace", phone: "+33 6 39 98 01 13", phone2: null },
        { last_name: "Seul", phone: "+33 6 39 98 01 14", phone2: null },
      ],
    });
  });
});
