import { describe, expect, it } from "vitest";
import { type Actor, addUsers, emailOf, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What a person may ask for: to know what is held (article 15), to be erased (17), not to be contacted (21).

const { sql } = await testDatabase();
await openMarket(sql);

type Erasure = Record<
  "accounts" | "leads" | "withdrawn" | "calls" | "consents" | "refusedRows" | "buyersTold" | "opposed",
  number
> & { recordings: string[]; avatars: string[] };

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
        calls: [{ id: "call-a", duration: "1:30", result: "qualified", outsideRules: [], recordingConsent: true }],
        recordings: ["A.mp3"],
      });
    });
  });

  it("says by which rules a call should not have been made", async () => {
    await rolledBack(sql, async (at) => {
      const broken = ["outside_calling_hours", "call_limit_reached"];
      await at`update leads.calls set outside_rules = ${broken} where reference = 'call-a'`;
      const { leads } = await exported(at, "zoe@on-sale-a.test");
      expect(leads[0]?.calls).toMatchObject([{ id: "call-a", outsideRules: broken }]);
      const { account } = await exported(at, emailOf("agentA"));
      expect(account).toMatchObject({ data: { "leads.calls": [{ reference: "call-a", outsideRules: broken }] } });
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

describe("the holder of an account", () => {
  const known = {
    ...{ first_name: "Clotilde", last_name: "Vauquelin", company: "Vauquelin Conseil", phone: "06 39 98 97 77" },
  };
  /** Gives an actor a name that is nowhere else, and with it a trace in each table that he is in. */
  async function name(at: Sql, who: string): Promise<void> {
    const id = idOf(who);
    await at`update platform.profiles set ${at({ ...known, bio: "Clotilde, de Rennes", avatar: `/storage/v1/object/public/avatars/${id}/a/b` })} where id = ${id}`;
    await at`update auth.users set raw_user_meta_data = ${at.json(known)}, last_sign_in_at = now() where id = ${id}`;
    await at`insert into auth.sessions (id, user_id, created_at, updated_at, ip, user_agent)
      values (gen_random_uuid(), ${id}, now(), now(), '203.0.113.99', 'Vauquelin 1.0')`;
    await nameToAuth(at, who);
    await at`select platform.accept_attempts('auth', '{login_account,login_ip}', ${[emailOf(who), "203.0.113.99"]})`;
    await at`insert into platform.session_handles (hash, user_id, session_id, sealed_session, expires_at)
      values (sha256('x'), ${id}, gen_random_uuid(), 'sealed', now())`;
    await at`insert into platform.idempotency_keys (user_id, operation, key, body_hash) values (${id}, 'vauquelin', 'k', 'h')`;
    await at`insert into platform.registrations (user_id, system, role, profile) values (${id}, 'leads', 'acheteur', ${at.json(known)})`;
    await at`select platform.notify(${id}, 'leads', 'info', 'Bonjour Clotilde', 'Texte'),
      platform.notify(${idOf("admin")}, 'leads', 'info', 'Inscription', ${`${emailOf(who)} s'est inscrit.`})`;
    await at`insert into storage.objects (bucket_id, name) values ('avatars', ${`${id}/a/b`})`;
    await at`insert into leads.billing_details (buyer_id, name, address) values (${id}, 'Vauquelin Conseil', 'Rennes')`;
    await at`update leads.suppliers set contact_name = 'Clotilde Vauquelin', company = 'Vauquelin Conseil' where user_id = ${id}`;
    // As the admins are told of an account that is held.
    await at`select leads.hold_account(p, 'AC04') from leads.payouts p join leads.suppliers s on s.id = p.supplier_id where s.user_id = ${id}`;
    await at`update leads.supplier_accounts set sealed_iban = 'v1.vauquelin'
      where supplier_id = (select id from leads.suppliers where user_id = ${id})`;
    await at`update leads.transactions set user_name = 'Clotilde Vauquelin', company = 'Vauquelin Conseil' where user_id = ${id}`;
    await at`update leads.calls set agent_name = 'Clotilde Vauquelin' where agent_id = ${id}`;
    await at`update leads.returns set comment = 'Clotilde vous écrit' where buyer_id = ${id}`;
    await at`update leads.self_dealing set note = 'Clotilde ?' where buyer_id = ${id}`;
  }
  /** What Supabase Auth keeps besides: a change that waits, its codes, what is known of other services, its own log. */
  async function nameToAuth(at: Sql, who: string): Promise<void> {
    const id = idOf(who);
    const waiting = await at<{ name: string }[]>`select attname as name from pg_attribute
      where attrelid = 'auth.users'::regclass and not attisdropped and attname ~ '(^|_)(token|change)(_new|_current)?$'`;
    expect(waiting.length).toBeGreaterThan(2);
    await at`update auth.users set ${at(Object.fromEntries(waiting.map(({ name }) => [name, `vauquelin-${name}`])))},
      phone = '33639989777', raw_app_meta_data = '{"sub": "vauquelin"}' where id = ${id}`;
    await at`create table auth.of_a_later_version (user_id text, said text)`;
    await at`insert into auth.of_a_later_version values (${id}, 'vauquelin'), (${idOf("admin")}, 'admin')`;
    await at`create table if not exists auth.audit_log_entries (id uuid, payload json, created_at timestamptz, ip_address text)`;
    for (const payload of [
      { actor_id: id, actor_username: emailOf(who), action: "login" },
      { actor_id: idOf("admin"), action: "user_modified", traits: { user_id: id, user_email: emailOf(who) } },
      { actor_id: idOf("admin"), action: "user_invited", traits: { user_email: emailOf(who) } },
      { actor_id: idOf("admin"), action: "login" },
    ]) {
      await at`insert into auth.audit_log_entries (id, payload) values (gen_random_uuid(), ${at.json(payload)})`;
    }
  }
  /** Takes away what stands in the way of an erasure. */
  async function settle(at: Sql, who: string): Promise<void> {
    const supplier = at`(select id from leads.suppliers where user_id = ${idOf(who)})`;
    await at`set local session_replication_role = replica`;
    await at`update platform.ledger_balances b set balance = 0 from platform.ledger_accounts a where a.id = b.account_id and a.owner = ${idOf(who)}`;
    await at`update leads.returns set status = 'refused', decided_at = now() where buyer_id = ${idOf(who)} and status = 'requested'`;
    await at`update leads.earnings set amount_cents = 0 where supplier_id = ${supplier}`;
    await at`update leads.payouts set status = 'completed' where supplier_id = ${supplier}`;
    await at`update leads.imports set status = 'completed' where supplier_id = ${supplier}`;
    await at`set local session_replication_role = origin`;
  }
  const holders = ["fournisseurA", "acheteurA", "agentA", "otherMember", "stranger"];

  it.each(holders)("%s is found with all that is held, and of what stays with the reason", async (who) => {
    await rolledBack(sql, async (at) => {
      await name(at, who);
      const { account } = await exported(at, emailOf(who));
      const { data, files, afterErasure } = account as {
        data: Record<string, unknown>;
        files: unknown[];
        afterErasure: { what: string; fate: string; why: string }[];
      };
      expect(data["platform.profiles"]).toMatchObject([
        { firstName: "Clotilde", phone: known.phone, email: emailOf(who) },
      ]);
      expect(data["auth.sessions"]).toMatchObject([{ userAgent: "Vauquelin 1.0" }]);
      expect(data["platform.notifications"]).toContainEqual(expect.objectContaining({ title: "Bonjour Clotilde" }));
      expect(data["leads.billing_details"]).toHaveLength(1);
      expect(files).toEqual([{ bucket: "avatars", path: `${idOf(who)}/a/b` }]);
      expect(afterErasure.filter(({ why }) => !why)).toEqual([]);
      const invoices = { what: "leads.invoices.buyer_id", fate: "kept", why: expect.stringContaining("L123-22") };
      expect(afterErasure).toContainEqual(invoices);
      if (who === "fournisseurA") {
        expect(data["leads.suppliers"]).toMatchObject([{ contactName: "Clotilde Vauquelin", reference: "supplier-a" }]);
        expect(data["leads.leads"]).toEqual({ count: 5 });
      }
      // Nothing that opens anything, and nothing of other people.
      expect(JSON.stringify(account)).not.toMatch(/v1\.vauquelin|sealed|password|Zoé|Secret/);
    });
  });

  it.each(holders)("%s leaves no trace but those that have a reason, and can do nothing more", async (who) => {
    await rolledBack(sql, async (at) => {
      await settle(at, who);
      await name(at, who);
      const [session] = await at`select id from auth.sessions where user_id = ${idOf(who)}`;
      const over = async () => {
        const claims = JSON.stringify({ sub: idOf(who), role: "authenticated", session_id: session?.id });
        await at`select set_config('request.jwt.claims', ${claims}, true)`;
        const [row] = await at`select platform.session_is_over() as over`;
        await at`select set_config('request.jwt.claims', '', true)`;
        return row?.over;
      };
      const devices = () => at`select from platform.known_devices
        where device = platform.attempt_bucket('auth', 'device', ${`${emailOf(who)} 203.0.113.99`})`;
      expect(await devices()).toHaveLength(1);
      expect(await over()).toBe(false);
      const words = `clotilde|vauquelin|639989777|6 39 98 97 77|${emailOf(who)}|203.0.113.99`;
      expect((await traces(at, words)).length).toBeGreaterThan(5);
      expect(await erase(at, emailOf(who))).toMatchObject({ accounts: 1, avatars: [`${idOf(who)}/a/b`] });
      expect(await traces(at, words)).toEqual([]);
      expect(await over()).toBe(true);
      expect(await devices()).toHaveLength(0);
      expect(await at`select from platform.memberships where user_id = ${idOf(who)}`).toHaveLength(0);
      expect(await at`select from leads.party_signs where person = ${idOf(who)}`).toHaveLength(0);
      // What Auth has logged of others stays.
      expect(await at`select from auth.audit_log_entries`).toHaveLength(1);
      expect(await at`select from auth.of_a_later_version`).toHaveLength(1);
      // By whatever way Supabase Auth knows a user.
      const ways = await at<{ way: string }[]>`
        select format('select from %s where %I = %L', c.conrelid::regclass, a.attname, ${idOf(who)}::text) as way
        from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.confrelid = 'auth.users'::regclass and c.connamespace = 'auth'::regnamespace`;
      expect(ways.length).toBeGreaterThan(2);
      for (const { way } of ways) expect(await at.unsafe(way), way).toHaveLength(0);
      // The picture is named until it is gone, and nobody is erased twice.
      expect(await erase(at, emailOf(who))).toMatchObject({ accounts: 0, avatars: [`${idOf(who)}/a/b`] });
      const again = await as(at, "admin", () => at`select public.admin_user_erase(${idOf(who)}) as erasure`);
      expect(again[0]?.erasure).toMatchObject({ accounts: 0 });
    });
  });

  it("who is a prospect as well is exported and erased as both", async () => {
    await rolledBack(sql, async (at) => {
      await at`update leads.lead_contacts set email = ${emailOf("agentA")} where lead_id = ${idOf("new-a")}`;
      const found = await exported(at, emailOf("agentA"));
      expect(found.leads.map(({ id }) => id)).toEqual(["new-a"]);
      expect(found.account).not.toBeNull();
      expect(await erase(at, emailOf("agentA"), true)).toMatchObject({ accounts: 1, leads: 1, opposed: 2 });
    });
  });

  it("is not found by a telephone, which anybody may write into his profile", async () => {
    await rolledBack(sql, async (at) => {
      await name(at, "agentA");
      expect((await exported(at, known.phone)).account).toBeNull();
      expect(await erase(at, known.phone)).toMatchObject({ accounts: 0 });
    });
  });

  it("is a supplier whom nobody has tied to an account, too", async () => {
    await rolledBack(sql, async (at) => {
      await at`insert into leads.suppliers (contact_name, company, email) values ('Clotilde', 'Vauquelin', 'c@vauquelin.test')`;
      expect((await exported(at, "C@vauquelin.test")).account).toMatchObject({ data: { "leads.imports": [] } });
      expect(await erase(at, "c@vauquelin.test")).toMatchObject({ accounts: 1 });
      expect(await traces(at, "vauquelin")).toEqual([]);
    });
  });

  const his = "(select id from leads.suppliers where user_id = $1)";
  it.each([
    [
      ...["credits", "acheteurA", "1 crédits payés à rembourser ou à dépenser"],
      "update platform.ledger_balances set balance = 1 where account_id = (select id from platform.ledger_accounts where kind = 'buyer_paid' and owner = $1)",
    ],
    [
      ...["an order", "acheteurA", "1 commande(s) en cours"],
      `insert into leads.pack_orders (buyer_id, pack_id, pack_reference, pack_version, pack_name, credits, bonus, price_cents)
        select $1, id, reference, version, name, 1, 0, 1 from leads.credit_packs limit 1`,
    ],
    [
      ...["a return", "acheteurA", "1 retour(s) de leads à décider"],
      "update leads.returns set status = 'requested', decided_at = null, transfer_id = null where buyer_id = $1",
    ],
    [
      ...["earnings", "fournisseurA", "des gains à verser ou à reprendre (15,00 €)"],
      `insert into leads.earnings (supplier_id, kind, amount_cents, payable_from) select id, 'opening', 1500, now() from leads.suppliers where user_id = $1`,
    ],
    [
      ...["a transfer", "fournisseurA", "1 virement(s) sans réponse de la banque"],
      `update leads.payouts set status = 'pending' where id = (select id from leads.payouts where supplier_id = ${his} limit 1)`,
    ],
    [
      ...["an import", "fournisseurA", "1 import(s) en cours"],
      `update leads.imports set status = 'pending_review' where id = (select id from leads.imports where supplier_id = ${his} limit 1)`,
    ],
  ] as [string, string, string, string][])(
    "with %s that is open is not erased, and reads why",
    async (_, who, said, how) => {
      await rolledBack(sql, async (at) => {
        await settle(at, who);
        await at`set local session_replication_role = replica`;
        expect((await at.unsafe(how, [idOf(who)])).count).toBe(1);
        await at`set local session_replication_role = origin`;
        const refused = await refusal(at.savepoint((inner) => erase(inner, emailOf(who))).then(() => undefined));
        expect(refused).toMatchObject({ code: "PT409", slug: "open_obligations" });
        expect(refused.message).toBe(`Ce compte ne peut pas encore être effacé : ${said}.`);
      });
    },
  );

  it("who is the last admin is not erased; one of two is", async () => {
    await rolledBack(sql, async (at) => {
      const refused = await refusal(at.savepoint((inner) => erase(inner, emailOf("admin"))).then(() => undefined));
      expect(refused).toMatchObject({ code: "PT409", slug: "last_admin" });
      await at`insert into platform.memberships (user_id, system, role) values (${idOf("agentA")}, 'leads', 'admin')`;
      expect(await erase(at, emailOf("admin"))).toMatchObject({ accounts: 1 });
    });
  });

  const places = () => sql`(select * from platform.personal_data() union all select * from leads.personal_data())`;
  /** What the audit log keeps of audited tables, and says nobody's name. */
  const nameless = {
    "leads.credit_packs": ["name", "reference"],
    "leads.credit_rules": ["description", "kind", "name", "reference", "unit"],
    "leads.held_accounts": ["code"],
    "leads.pack_orders": [
      ...["answer", "checkout_url", "pack_name", "pack_reference", "payment_reference", "provider"],
      ...["provider_reference", "reference", "refund_reference", "status"],
    ],
    "leads.payouts": ["period", "reference", "status", "transfer_reference"],
    "leads.refunds": ["cause", "kind", "provider_reference", "reference", "status"],
    "leads.returns": ["lead_reference", "reason", "reference", "status"],
    "leads.sales": ["rules"],
    "leads.self_dealing": ["reference", "signs", "status"],
    "leads.supplier_accounts": ["bic"],
    "leads.suppliers": ["reference", "status"],
    "platform.memberships": ["role", "status", "system"],
    "platform.rate_limit_rules": ["description", "name", "system"],
    // The seller's identity among them, which is on every invoice.
    "platform.settings": ["description", "problems", "section", "system", "value"],
    "platform.webhook_endpoints": ["description", "events", "status", "system", "url"],
  };

  it("is in the audit log by no column that says who he is, but those that are kept for a reason", async () => {
    const columns = await sql<{ relation: string; column: string; isText: boolean; fate: string | null }[]>`
      select t.tgrelid::regclass::text as relation, a.attname as column, d.fate,
        a.atttypid = any ('{text,jsonb,json,text[],inet,bytea}'::regtype[]) as "isText"
      from pg_trigger t join pg_attribute a on a.attrelid = t.tgrelid and a.attnum > 0 and not a.attisdropped
      left join ${places()} d on d.relation = t.tgrelid::regclass::text and d.column_name = a.attname
      where t.tgname = 'audit' and not a.attname = any ((string_to_array(encode(t.tgargs, 'escape'), '\\000'))[2:]) and a.atttypid <> 'uuid'::regtype
      order by 1, 2`;
    const personal = columns.filter(({ fate }) => fate && fate !== "kept");
    expect(personal).toEqual([]);
    const undeclared = columns.filter(({ isText, fate }) => isText && !fate);
    expect(undeclared.map(({ relation, column }) => `${relation}.${column}`)).toEqual(
      Object.entries(nameless).flatMap(([relation, names]) => names.map((column) => `${relation}.${column}`)),
    );
  });

  it("leaves an audit log that is whole", async () => {
    await rolledBack(sql, async (at) => {
      await settle(at, "fournisseurA");
      await name(at, "fournisseurA");
      await erase(at, emailOf("fournisseurA"));
      await at`set constraints all immediate`;
      const [row] =
        await at`select after from platform.audit_log where relation = 'leads.suppliers' order by at desc limit 1`;
      expect(row?.after).toMatchObject({ status: "suspended", reference: "supplier-a" });
      expect(Object.keys(row?.after)).not.toContain("company");
      expect([...(await at`select * from platform.audit_verify()`)]).toEqual([]);
    });
  });

  it("is declared wherever a table leads to him: a new one must say what an export and an erasure make of it", async () => {
    const found = await sql<{ place: string }[]>`
      select c.conrelid::regclass || '.' || a.attname as place from pg_constraint c
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
      where c.contype = 'f' and c.connamespace in ('platform'::regnamespace, 'leads'::regnamespace)
        and c.confrelid in ('auth.users'::regclass, 'platform.profiles'::regclass, 'leads.suppliers'::regclass)
      union
      select k.table_schema || '.' || k.table_name || '.' || k.column_name from information_schema.columns k
      join information_schema.tables t using (table_schema, table_name)
      where k.table_schema in ('platform', 'leads') and t.table_type = 'BASE TABLE' and (k.column_name ~ '(^|_)(e?mail|iban)(_|$)|^(holder|contact_name)$'
        or k.data_type = 'uuid' and k.column_name ~ '^(user_id|buyer_id|agent_id|supplier_id|person|about|owner|actor)$|_by$')`;
    const declared = await sql<{ place: string; there: boolean }[]>`
      select d.relation || '.' || d.column_name as place, exists (select from pg_attribute a
        where a.attrelid = to_regclass(d.relation) and a.attname = d.column_name) as there from ${places()} d`;
    const known = declared.map(({ place }) => place);
    const missing = found.map(({ place }) => place).filter((place) => !known.includes(place));
    expect(missing.sort()).toEqual([]);
    expect(found.length).toBeGreaterThan(40);
    expect(declared.filter(({ there }) => !there)).toEqual([]);
    expect(new Set(known).size).toBe(known.length);
    const unexplained = await sql`select relation, column_name from ${places()} d
      where (fate = 'erased') <> (why is null) or fate not in ('erased', 'pseudonym', 'kept')`;
    expect([...unexplained]).toEqual([]);
  });
});

describe("whose an account and a supplier are", () => {
  const asAdmin = <Result>(at: Sql, work: () => Promise<Result>) => as(at, "admin", work);
  const adminErases = (at: Sql, who: string, oppose = false) =>
    asAdmin(at, async () => {
      const [row] = await at<
        { erasure: Erasure }[]
      >`select public.admin_user_erase(${idOf(who)}, ${oppose}) as erasure`;
      return row?.erasure as Erasure;
    });
  const adminExports = (at: Sql, who: string) =>
    asAdmin(at, async () => (await at`select public.admin_user_export(${idOf(who)}) as found`)[0]?.found);
  const lead = async (at: Sql) =>
    (await at`select email, last_name from leads.lead_contacts where lead_id = ${idOf("new-a")}`)[0];
  const theAddressOf = (at: Sql, who: string) =>
    at`update leads.lead_contacts set email = ${emailOf(who)} where lead_id = ${idOf("new-a")}`;
  const known = (at: Sql, email: string) =>
    at`insert into leads.suppliers (contact_name, company, email) values ('Clotilde', 'Vauquelin', ${email})`;

  it("is not shown by who has merely registered: with his account no lead of the address goes, nor is it opposed", async () => {
    await rolledBack(sql, async (at) => {
      await theAddressOf(at, "registered");
      expect(await adminErases(at, "registered", true)).toMatchObject({ accounts: 1, leads: 0, opposed: 0 });
      expect(await lead(at)).toEqual({ email: emailOf("registered"), last_name: "Secret new-a" });
    });
  });

  it("who has registered is no supplier of the address, who is found by it and erased all the same", async () => {
    await rolledBack(sql, async (at) => {
      await known(at, emailOf("registered"));
      expect((await adminExports(at, "registered")).account.data).not.toHaveProperty(["leads.suppliers"]);
      const found = await exported(at, emailOf("registered"));
      expect(found.account).toMatchObject({ data: { "leads.suppliers": [{ contactName: "Clotilde" }] } });
      // What somebody else may have said with the address is not shown to whom it belongs; that it was used is.
      const { data } = found.account as { data: object };
      expect(Object.keys(data).filter((table) => !table.startsWith("leads."))).toEqual([]);
      expect(found.unprovenAccount).toMatchObject({ createdAt: expect.any(String) });
      expect(await erase(at, emailOf("registered"))).toMatchObject({ accounts: 1 });
      expect(await traces(at, `vauquelin|${emailOf("registered")}`)).toEqual([]);
    });
  });

  it("an account that has been erased by its id leaves the supplier of an address that it has not proven", async () => {
    await rolledBack(sql, async (at) => {
      await known(at, emailOf("registered"));
      await adminErases(at, "registered");
      expect(await at`select from leads.suppliers where email = ${emailOf("registered")}`).toHaveLength(1);
    });
  });

  it("who has proven the address of a known supplier is exported and erased as him, tied to him or not", async () => {
    await rolledBack(sql, async (at) => {
      await known(at, emailOf("stranger"));
      for (const found of [await adminExports(at, "stranger"), await exported(at, emailOf("stranger"))]) {
        expect(found).toMatchObject({ account: { data: { "leads.suppliers": [{ contactName: "Clotilde" }] } } });
      }
      expect(await adminErases(at, "stranger")).toMatchObject({ accounts: 1 });
      expect(await traces(at, "vauquelin")).toEqual([]);
      expect(await adminErases(at, "stranger")).toMatchObject({ accounts: 0 });
    });
  });

  it.each(["otherMember", "stranger"])(
    "is no business of the admins where it is not of their system: %s",
    async (who) => {
      for (const call of [adminErases, adminExports] as ((at: Sql, who: string) => Promise<unknown>)[]) {
        expect(await refusal(rolledBack(sql, (at) => call(at, who)))).toMatchObject({
          code: "PT404",
          slug: "user_not_found",
        });
      }
    },
  );

  it("of who is a member elsewhere too is shown in part to an admin, whole to the operators, and erased by these alone", async () => {
    await rolledBack(sql, async (at) => {
      const id = idOf("otherMember");
      await at`insert into platform.memberships (user_id, system, role) values (${id}, 'leads', 'agent')`;
      await at`insert into platform.notifications (user_id, system, type, title, message)
        select ${id}, s, 'info', 'Titre', 'Texte ' || s from unnest(array['leads', 'other']) s`;
      await at`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${id})`;
      const { data } = (await adminExports(at, "otherMember")).account;
      expect(data).toMatchObject({
        "platform.memberships": [{ system: "leads" }],
        "platform.notifications": [{ message: "Texte leads" }],
        "platform.profiles": [{ email: emailOf("otherMember") }],
      });
      expect(Object.keys(data).filter((table) => /^auth|session|audit/.test(table))).toEqual([]);
      const erased = at.savepoint((nested) => adminErases(nested, "otherMember"));
      expect(await refusal(erased)).toMatchObject({ code: "PT409", slug: "member_elsewhere" });
      await become(at, "service_role");
      const [whole] = await at`select public.admin_user_export(${id}) -> 'account' -> 'data' as data`;
      expect(whole?.data).toMatchObject({
        "platform.memberships": [{}, {}],
        "auth.sessions": [{}],
        "auth.users": [{}],
      });
      const [row] = await at`select public.admin_user_erase(${id}) -> 'accounts' as accounts`;
      expect(row).toEqual({ accounts: 1 });
    });
  });

  it.each(["someone@intranet", '"odd name"@example.test', "ünal@example.test"])(
    "is asked by whatever address Auth takes: %s",
    async (email) => {
      await rolledBack(sql, async (at) => {
        await at`update auth.users set email = ${email} where id = ${idOf("agentA")}`;
        expect((await adminExports(at, "agentA")).person).toBe(email);
        expect((await exported(at, email.toUpperCase())).account).not.toBeNull();
        expect(await adminErases(at, "agentA", true)).toMatchObject({ accounts: 1 });
        expect(await traces(at, email.replace(/^\W*/, ""))).toEqual([]);
      });
      await rolledBack(sql, async (at) => {
        await at`update auth.users set email = ${email} where id = ${idOf("agentA")}`;
        expect(await erase(at, email)).toMatchObject({ accounts: 1 });
      });
    },
  );
});

describe("who signs in while he is erased", () => {
  const signIn = (at: Sql, who: string) =>
    at`insert into auth.sessions (id, user_id, created_at, updated_at) values (gen_random_uuid(), ${idOf(who)}, now(), now())`;
  const waiting = async () => {
    // Until the other one waits for a lock of the first.
    for (let tries = 0; tries < 200; tries++) {
      const [row] = await sql`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      if (row?.n > 0) return;
      await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error("nobody waits");
  };

  it("gets no session once the erasure is made", async () => {
    await addUsers(sql, "late");
    let late: Promise<unknown> = Promise.resolve();
    await sql.begin(async (at) => {
      await erase(at, emailOf("late"));
      late = refusal(sql.begin((other) => signIn(other, "late")));
      await waiting();
    });
    expect(await late).toMatchObject({ code: "PT403", slug: "account_erased" });
    expect(await sql`select from auth.sessions where user_id = ${idOf("late")}`).toHaveLength(0);
    expect(await refusal(signIn(sql, "late"))).toMatchObject({ slug: "account_erased" });
  });

  it("loses the session that he got before", async () => {
    await addUsers(sql, "early");
    let erasure: Promise<unknown> = Promise.resolve();
    await sql.begin(async (at) => {
      await signIn(at, "early");
      erasure = sql.begin((other) => erase(other, emailOf("early")));
      await waiting();
    });
    expect(await erasure).toMatchObject({ accounts: 1 });
    expect(await sql`select from auth.sessions where user_id = ${idOf("early")}`).toHaveLength(0);
  });
});

/** What is kept of an account by its name: books, and the proof of what was done. */
const kept = ["leads.invoices", "leads.payout_accounts"];

/** The tables that hold something of a person: Clairette Fontaine-Neuve, where no words are given. */
async function traces(
  at: Sql,
  words = "clairette|fontaine|claire@example|639989701|6 39 98 97 01|198.51.100.23|versailles",
): Promise<string[]> {
  // What is logged at the commit.
  await at`set constraints all immediate`;
  const tables = await at<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('platform', 'leads', 'auth') and c.relkind = 'r' order by 1`;
  const found: string[] = [];
  for (const { name } of tables) {
    const [row] = await at.unsafe(`select from ${name} t where platform.fold(t::text) ~ '${words}' limit 1`);
    if (row && !kept.includes(name)) found.push(name);
  }
  return found;
}
