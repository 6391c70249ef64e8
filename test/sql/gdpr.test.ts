import { describe, expect, it } from "vitest";
import { type Actor, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What a person may ask for: to know what is held (article 15), to be erased (17), not to be contacted (21).

const { sql } = await testDatabase();
await openMarket(sql);

type Erasure = Record<
  "leads" | "withdrawn" | "calls" | "consents" | "refusedRows" | "buyersTold" | "opposed",
  number
> & { recordings: string[] };

const phone = "06 12 34 56 78";

async function erase(at: Sql, person: string, oppose = false): Promise<Erasure> {
  const [row] = await at<{ erasure: Erasure }[]>`select leads.gdpr_erase(${person}, ${oppose}) as erasure`;
  return row?.erasure as Erasure;
}

async function exported(at: Sql, person: string) {
  const [row] = await at`select leads.gdpr_export(${person}) as found`;
  return row?.found as Record<string, unknown> & { leads: Record<string, unknown>[] };
}

/** Looks as the actor, and is a superuser again afterwards. */
async function as<Result>(at: Sql, actor: Actor, work: () => Promise<Result>): Promise<Result> {
  await become(at, actor);
  const result = await work();
  await at`reset role`;
  await at`select set_config('request.jwt.claims', '', true)`;
  return result;
}

const shownTo = (at: Sql, actor: Actor, lead: string) =>
  as(at, actor, async () => [
    ...(await at`select "firstName", "lastName", email, phone, city, notes from public.leads where id = ${lead}`),
  ]);

/** Brings rows by supplier A, merged; the leading problem of each refused row. */
async function bring(at: Sql, rows: Record<string, string>[]): Promise<unknown[]> {
  const [begun] = await at`select leads.begin_import(${idOf("supplierA")}, 'leads.csv') as id`;
  for (const [index, row] of rows.entries()) {
    await at`insert into leads.import_rows ${at({
      ...{ import_id: begun?.id, line: index + 2, last_name: "Martin", sector: "Isolation", region: "Bretagne" },
      ...row,
    })}`;
  }
  await at`select leads.merge_import(${begun?.id}, 'skip')`;
  return [
    ...(await at`select line, field, code, message from leads.import_rejects where import_id = ${begun?.id} order by line`),
  ];
}

const opposedMessage = "Cette personne s'oppose à être contactée : retirez-la de vos fichiers.";

describe("whoever is opposed", () => {
  it("is refused in a file by e-mail and by telephone, in any spelling", async () => {
    await rolledBack(sql, async (at) => {
      await at`select leads.oppose('{claire@example.test}', '{+33 6 39 98 97 01}', 'test')`;
      const rejects = await bring(at, [
        { email: "Claire@Example.test " },
        { phone: "0033 6 39 98 97 01" },
        { email: "someone@example.test", phone: "06.39.98.97.02" },
      ]);
      expect(rejects).toEqual([
        { line: 2, field: "email", code: "opposed", message: opposedMessage },
        { line: 3, field: "phone", code: "opposed", message: opposedMessage },
      ]);
    });
  });

  it("is refused in a form", async () => {
    await rolledBack(sql, async (at) => {
      await at`select leads.oppose('{claire@example.test}', null, 'test')`;
      await become(at, "fournisseurA");
      const given = { lastName: "Roy", email: "claire@example.test", sector: "Isolation", region: "Bretagne" };
      const { code, hint } = await refusal(
        at.savepoint((inner) => inner`select public.lead_create(${at.json(given)})`).then(() => undefined),
      );
      expect(code).toBe("PT422");
      expect(JSON.parse(hint)).toEqual([{ field: "email", code: "opposed", message: opposedMessage }]);
      const changed = await refusal(
        at
          .savepoint((inner) => inner`select public.lead_update('new-a', ${at.json({ email: "claire@example.test" })})`)
          .then(() => undefined),
      );
      expect(changed).toMatchObject({ code: "PT422", slug: "invalid_fields" });
    });
  });

  it("is kept as a hash alone, with a secret that nobody is shown", async () => {
    await rolledBack(sql, async (at) => {
      await at`select leads.oppose('{claire@example.test}', null, 'test')`;
      const [kept] = await at`
        select o::text as row, o.value_hash = sha256('claire@example.test') as bare from leads.oppositions o where o.reason = 'test'`;
      expect(kept?.row).not.toContain("claire");
      expect(kept?.bare).toBe(false);
    });
  });
});

describe("an export", () => {
  it("finds the person by e-mail or telephone, in any spelling, and nobody else", async () => {
    await rolledBack(sql, async (at) => {
      expect((await exported(at, " ZOE@on-sale-a.test")).leads.map(({ id }) => id)).toEqual(["on-sale-a"]);
      expect((await exported(at, "+33612345678")).leads).toHaveLength(9);
      expect((await exported(at, "nobody@example.test")).leads).toEqual([]);
    });
  });

  it("holds contact, calls, recording, consent, origin and recipients, without the buyers' secrets", async () => {
    await rolledBack(sql, async (at) => {
      await at`update platform.profiles set company = 'Acheteur SARL', phone = '01 11 11 11 11' where id = ${idOf("acheteurA")}`;
      const sold = await exported(at, "zoe@sold-a.test");
      expect(sold.leads[0]).toMatchObject({
        ...{ firstName: "Zoé", lastName: "Secret sold-a", email: "zoe@sold-a.test", phone: "+33 6 12 34 56 78" },
        ...{
          notes: "Rappeler au 06 12 34 56 78",
          supplier: "Company A",
          import: { id: "import-a", fileName: "a.csv" },
        },
        consent: { textVersion: "2026-01", ip: "203.0.113.7" },
        recipients: [{ company: "Acheteur SARL", date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) }],
      });
      expect(JSON.stringify(sold)).not.toMatch(/acheteura@|01 11 11 11 11|price|cents/);
      const called = await exported(at, "zoe@on-sale-a.test");
      expect(called.leads[0]).toMatchObject({
        calls: [{ id: "call-a", duration: "1:30", result: "qualified", recordingConsent: true }],
        recordings: ["A.mp3"],
      });
    });
  });

  it("holds the rows of files that were refused, and the opposition", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [{ email: "a@b.test", sector: "claire@example.test" }]);
      await at`select leads.oppose('{claire@example.test}', null, 'Par courrier')`;
      expect(await exported(at, "claire@example.test")).toMatchObject({
        leads: [],
        refusedRows: [
          { fileName: "leads.csv", line: 2, messages: ["Le secteur « claire@example.test » est inconnu."] },
        ],
        opposition: { reason: "Par courrier" },
      });
    });
  });

  it.each(["", "Claire Fontaine", "claire@", "06 12"])("of « %s » is refused", async (person) => {
    for (const verb of ["export", "erase"]) {
      const { code, slug } = await refusal(sql.unsafe(`select leads.gdpr_${verb}($1)`, [person]));
      expect({ code, slug }).toEqual({ code: "PT422", slug: "invalid_person" });
    }
  });
});

describe("an erasure", () => {
  it("leaves nothing of the person in any table", async () => {
    await rolledBack(sql, async (at) => {
      await bring(at, [{ email: "x@y.test", region: "claire@example.test" }]);
      await bring(at, [
        {
          ...{
            first_name: "Clairette",
            last_name: "Fontaine-Neuve",
            email: "claire@example.test",
            phone: "06 39 98 97 01",
          },
          ...{ company: "Fontaine Neuve SARL", city: "Versailles", notes: "Joindre Clairette au 06 39 98 97 01" },
          ...{
            consent_text_version: "1",
            consent_url: "https://e.test/?mail=claire@example.test",
            consent_ip: "198.51.100.23",
          },
          ...{ consent_at: "2026-01-02T03:04:05Z", consent_recipients: "Partenaires" },
        },
      ]);
      const [lead] = await at`select lead_id as id from leads.lead_contacts where email = 'claire@example.test'`;
      await at`insert into leads.calls (lead_id, lead_name, lead_company, agent_name, duration_seconds, duration, recording_status, result)
        values (${lead?.id}, 'Clairette Fontaine-Neuve', 'Fontaine Neuve SARL', 'Agent', 60, '1:00', 'archived', 'callback')`;
      expect(await traces(at)).not.toEqual([]);
      await erase(at, "0639989701", true);
      await erase(at, "claire@example.test");
      expect(await traces(at)).toEqual([]);
    });
  });

  it("withdraws what nobody bought, and keeps what somebody bought in his list as « Effacé »", async () => {
    await rolledBack(sql, async (at) => {
      const before = [...(await at`select * from leads.sales order by buyer_id, lead_id`)];
      expect(await erase(at, phone)).toMatchObject({ leads: 9, withdrawn: 5, calls: 2, consents: 2, buyersTold: 4 });
      expect(await at`select * from leads.sales order by buyer_id, lead_id`).toEqual(before);
      const erased = { firstName: "", lastName: "Effacé", email: null, phone: null, city: null, notes: null };
      expect(await shownTo(at, "acheteurA", "sold-a")).toEqual([erased]);
      expect(await shownTo(at, "acheteurA", "shared-b")).toEqual([erased]);
      expect(await shownTo(at, "admin", "sold-a")).toEqual([erased]);
      expect(await shownTo(at, "admin", "new-a")).toEqual([]);
    });
  });

  it("takes the lead out of the catalogue and the queue, and lets nobody change it", async () => {
    await rolledBack(sql, async (at) => {
      await erase(at, phone);
      expect(await as(at, "anon", async () => [...(await at`select id from public.leads`)])).toEqual([]);
      expect(await at`select leads.next_in_queue() as lead`).toEqual([{ lead: null }]);
      await become(at, "admin");
      const change = (lead: string) =>
        refusal(
          at
            .savepoint((inner) => inner`select public.lead_update(${lead}, '{"lastName": "Zola"}')`)
            .then(() => undefined),
        );
      expect(await change("sold-a")).toMatchObject({ code: "PT409", slug: "lead_erased" });
      expect(await change("new-a")).toMatchObject({ code: "PT404" });
    });
  });

  it("keeps a firm's name, but not one that is the person's", async () => {
    const kept = await sql`select leads.company_without_person(company, 'Le Goff') as company
      from (values ('Agence Ads'), ('Plomberie LE-GOFF'), ('Goff et fils'), (null)) c (company)`;
    expect(kept.map(({ company }) => company)).toEqual(["Agence Ads", null, "Goff et fils", null]);
  });

  it("tells buyers and suppliers to erase the person too, without naming him", async () => {
    await rolledBack(sql, async (at) => {
      await erase(at, "zoe@shared-b.test");
      const told = await at`select p.email, n.type, n.title, n.message from platform.notifications n
        join platform.profiles p on p.id = n.user_id where n.title = 'Données à effacer' order by p.email`;
      expect(told.map(({ email }) => email)).toEqual([
        "acheteura@example.test",
        "fournisseurb@example.test",
        "suspendedacheteur@example.test",
      ]);
      expect(told[0]).toMatchObject({
        type: "warning",
        message:
          "La personne du lead shared-b, que vous avez acheté, a demandé l'effacement de ses données : effacez-les aussi de vos fichiers.",
      });
      const events = await at`select payload from platform.outbox where topic = 'lead.erased'`;
      expect(events).toHaveLength(1);
      expect(events[0]?.payload).toMatchObject({ lead: "shared-b" });
      expect(events[0]?.payload.buyers.toSorted()).toEqual([idOf("acheteurA"), idOf("suspendedAcheteur")].sort());
    });
  });

  it("agrees with the figures", async () => {
    await rolledBack(sql, async (at) => {
      await erase(at, phone);
      expect([...(await at`select * from leads.verify_rollups()`)]).toEqual([]);
    });
  });

  it("is noted once, without the person, and the note is never changed", async () => {
    await rolledBack(sql, async (at) => {
      const count = async () => (await at`select from leads.erasures`).length;
      const before = await count();
      expect(await erase(at, "zoe@sold-a.test", true)).toMatchObject({ leads: 1, withdrawn: 0, opposed: 2 });
      expect(await count()).toBe(before + 1);
      expect(await erase(at, "zoe@sold-a.test", true)).toMatchObject({ leads: 0, buyersTold: 0, opposed: 0 });
      expect(await count()).toBe(before + 1);
      const [noted] = await at`select e::text as row from leads.erasures e order by id desc limit 1`;
      expect(noted?.row).not.toMatch(/zoe|sold-a|612345678/i);
      for (const verb of [
        "delete from leads.erasures",
        "update leads.erasures set role = ''",
        "truncate leads.erasures",
      ]) {
        expect(await refusal(at.savepoint((inner) => inner.unsafe(verb)))).toMatchObject({ slug: "append_only" });
      }
    });
  });

  it("names the recordings until they are gone, unreported ones too", async () => {
    await rolledBack(sql, async (at) => {
      await at`insert into storage.objects (bucket_id, name) values ('recordings', ${`${idOf("agentA")}/on-sale-a/x.mp3`}),
        ('recordings', ${`${idOf("agentA")}/on-sale-b/y.mp3`})`;
      const paths = ["A.mp3", `${idOf("agentA")}/on-sale-a/x.mp3`].sort();
      expect((await erase(at, "zoe@on-sale-a.test")).recordings.toSorted()).toEqual(paths);
      // The next run makes up for a removal that failed.
      expect((await erase(at, "zoe@on-sale-a.test")).recordings.toSorted()).toEqual(paths);
      await at`select leads.forget_recordings('{A.mp3,B.mp3}')`;
      await at`delete from storage.objects where name like '%/on-sale-a/%'`;
      expect((await erase(at, "zoe@on-sale-a.test")).recordings).toEqual([]);
      expect([...(await at`select reference, recording_path from leads.calls order by 1`)]).toEqual([
        { reference: "call-a", recording_path: null },
        { reference: "call-b", recording_path: "B.mp3" },
      ]);
    });
  });

  it("with an opposition refuses the person by every address that was known", async () => {
    await rolledBack(sql, async (at) => {
      await erase(at, "zoe@sold-b.test", true);
      expect(await bring(at, [{ email: "zoe@sold-b.test" }, { phone }])).toMatchObject([
        { line: 2, code: "opposed" },
        { line: 3, code: "opposed" },
      ]);
    });
  });

  it.each<Actor>(["anon", "admin", "fournisseurA", "acheteurA"])("is not %s's to ask for", async (actor) => {
    for (const verb of ["export", "erase"]) {
      const asked = rolledBack(sql, async (at) => {
        await become(at, actor);
        await at.unsafe(`select leads.gdpr_${verb}('zoe@sold-a.test')`);
      });
      expect((await refusal(asked)).code).toBe("42501");
    }
  });
});

/** The tables that hold something of Clairette Fontaine-Neuve. */
async function traces(at: Sql): Promise<string[]> {
  const tables = await at<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('platform', 'leads') and c.relkind = 'r' order by 1`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await at.unsafe(
      `select from ${name} t where platform.fold(t::text) ~ 'clairette|fontaine|claire@example|639989701|6 39 98 97 01|198.51.100.23|versailles' limit 1`,
    );
    if (row) found.push(name);
  }
  return found;
}
