import { describe, expect, it, vi } from "vitest";
import { bring, merge, type Report, someone, stage, type Written } from "../support/imports.ts";
import { idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What becomes of a file by the rules that an admin sets: what is a duplicate, what has to be looked at first, what can
// be taken back, and that the same file is one import.

const { sql } = await testDatabase();
await openMarket(sql);

const counts = ({ inserted, updated, duplicates, invalid }: Report) => ({ inserted, updated, ...duplicates, invalid });
const none = { inserted: 0, updated: 0, total: 0, inFile: 0, ofSupplier: 0, alreadySold: 0, onPlatform: 0, invalid: 0 };
const rule = (at: Sql, name: string, value: number | null) =>
  at`update platform.settings set value = ${JSON.stringify(value)}::text::jsonb where system = 'leads' and section = ${name}`;
const rejects = (at: Sql, id: string) =>
  at`select line, field, code, message from leads.import_rejects where import_id = ${id} order by line`;

describe("a person who is known", () => {
  const age = (at: Sql, email: string | undefined, days: number) =>
    at`update leads.leads set created_at = now() - make_interval(days => ${days})
      where id in (select lead_id from leads.lead_contacts where email = ${email ?? ""})`;
  const sell = (at: Sql, email: string | undefined, days: number) =>
    at`insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents, sold_at)
      select c.lead_id, ${idOf("acheteurA")}, c.supplier_id, 100, now() - make_interval(days => ${days})
      from leads.lead_contacts c where c.email = ${email ?? ""}`;

  it("as a lead of the same supplier is a duplicate for ever", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone();
      await bring(at, [row]);
      await age(at, row.email, 4000);
      expect(counts(await bring(at, [row]))).toEqual({ ...none, total: 1, ofSupplier: 1 });
    });
  });

  it.each([
    [89, 90, 1],
    [91, 90, 0],
    [91, null, 1],
    [2, 1, 0],
  ])("as a lead of another supplier for %s days, with a rule of %s: %s duplicates", async (days, limit, onPlatform) => {
    await rolledBack(sql, async (at) => {
      await rule(at, "import_platform_days", limit);
      const row = someone();
      await bring(at, [row]);
      await age(at, row.email, days);
      expect(counts(await bring(at, [row], "B"))).toEqual({
        ...none,
        inserted: 1 - onPlatform,
        total: onPlatform,
        onPlatform,
      });
    });
  });

  it.each([
    [10, 365, { alreadySold: 1 }],
    [400, 365, {}],
    [400, null, { alreadySold: 1 }],
    [10, 5, { onPlatform: 1 }],
  ])("whom a buyer bought %s days ago from another, with a rule of %s: %j", async (days, limit, found) => {
    await rolledBack(sql, async (at) => {
      await rule(at, "import_sold_days", limit);
      const row = someone();
      await bring(at, [row]);
      await age(at, row.email, days);
      await sell(at, row.email, days);
      const total = Object.keys(found).length;
      expect(counts(await bring(at, [row], "B"))).toEqual({ ...none, inserted: 1 - total, total, ...found });
    });
  });

  it("is judged by the same rule in a form", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone();
      await bring(at, [row]);
      const create = (transaction: Sql) =>
        transaction`select public.lead_create(${JSON.stringify({ lastName: "Roy", email: row.email, sector: "PV", region: "PACA" })}::text::jsonb)`;
      await at.savepoint(async (inner) => {
        await become(inner, "fournisseurB");
        const { slug } = await refusal(inner.savepoint((again) => create(again)));
        expect(slug).toBe("duplicate_on_platform");
        await inner`reset role`;
      });
      await age(at, row.email, 91);
      await become(at, "fournisseurB");
      expect(await create(at)).toHaveLength(1);
    });
  });

  it("who has been sold is not brought up to date: the row is a duplicate, and the rest of the file comes in", async () => {
    await rolledBack(sql, async (at) => {
      const [kept, other] = [someone(), someone()];
      await bring(at, [kept, other]);
      await sell(at, kept.email, 1);
      const changed = [kept, other].map((row) => ({ ...row, last_name: "Autre" }));
      const report = await bring(at, changed, "A", "update");
      expect(counts(report)).toEqual({ ...none, updated: 1, total: 1, ofSupplier: 1 });
      const names =
        await at`select last_name from leads.lead_contacts where email in (${kept.email ?? ""}, ${other.email ?? ""}) order by email`;
      expect(names.map(({ last_name }) => last_name)).toEqual(["Martin", "Autre"]);
    });
  });

  it("is reported row by row on request, and left alone", async () => {
    await rolledBack(sql, async (at) => {
      const [mine, theirs, sold, twice] = [someone(), someone(), someone(), someone()];
      await bring(at, [mine]);
      await bring(at, [theirs, sold], "B");
      await sell(at, sold.email, 1);
      const [own] = await at`select l.reference from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
        where c.email = ${mine.email ?? ""}`;
      const id = await stage(at, [twice, mine, theirs, sold, twice, someone({ sector: "Voyance" })]);
      expect(counts(await merge(at, id, "report"))).toEqual({
        ...{ inserted: 1, updated: 0, total: 4, inFile: 1, ofSupplier: 1, alreadySold: 1, onPlatform: 1, invalid: 1 },
      });
      expect([...(await rejects(at, id))]).toEqual(
        [
          [3, "ligne", "duplicate_supplier", `Cette personne est déjà un de vos leads : ${own?.reference}.`],
          [4, "ligne", "duplicate_platform", "Cette personne est déjà connue de la plateforme."],
          [5, "ligne", "duplicate_sold", "Cette personne a déjà été vendue à un acheteur."],
          [6, "ligne", "duplicate_file", "Cette ligne répète la personne de la ligne 2."],
          [7, "sector", "unknown_sector", "Le secteur « Voyance » est inconnu."],
        ].map(([line, field, code, message]) => ({ line, field, code, message })),
      );
    });
  });
});

describe("a file with too many refused rows", () => {
  const bad = () => someone({ sector: "Lune" });
  const leads = (at: Sql, id: string) => at`select from leads.leads where import_id = ${id}`;
  const referenceOf = async (at: Sql, id: string) =>
    (await at<{ reference: string }[]>`select reference from leads.imports where id = ${id}`)[0]?.reference as string;
  const decide = async (at: Sql, decision: "accept" | "discard", id: string) => {
    const reference = await referenceOf(at, id);
    await become(at, "admin");
    await at.unsafe(`select public.admin_import_${decision}($1)`, [reference]);
    await at`reset role`;
  };
  const held = async (at: Sql, rows = [someone(), bad(), bad()], onDuplicate = "skip") => {
    await rule(at, "import_invalid_percent", 50);
    const id = await stage(at, rows);
    return { id, report: await merge(at, id, onDuplicate) };
  };

  it.each([
    [50, "completed"],
    [49, "pending_review"],
    [null, "completed"],
  ])("with a rule of %s %%, half of the rows refused: %s", async (percent, status) => {
    await rolledBack(sql, async (at) => {
      await rule(at, "import_invalid_percent", percent);
      expect(await bring(at, [someone(), bad()])).toMatchObject({ status });
    });
  });

  it("has nothing to wait for where no row is good", async () => {
    await rolledBack(sql, async (at) => {
      await rule(at, "import_invalid_percent", 0);
      expect(await bring(at, [bad()])).toMatchObject({ status: "completed", invalid: 1 });
    });
  });

  it("waits: no lead of it, the counts that it would have, and admins and supplier are told", async () => {
    await rolledBack(sql, async (at) => {
      const { id, report } = await held(at, [someone(), someone(), bad(), bad(), bad(), bad()]);
      expect(report).toMatchObject({ status: "pending_review", read: 6, inserted: 2, invalid: 4 });
      expect(await leads(at, id)).toHaveLength(0);
      expect(await at`select from leads.import_rows where import_id = ${id}`).toHaveLength(0);
      expect(await rejects(at, id)).toHaveLength(4);
      const told =
        await at`select title, user_id from platform.notifications where title like 'Import%' order by title`;
      expect([...told]).toEqual([
        { title: "Import en attente de vérification", user_id: idOf("fournisseurA") },
        { title: "Import à vérifier", user_id: idOf("admin") },
      ]);
      expect([...(await at`select * from leads.verify_rollups() where metric like 'import.%'`)]).toEqual([]);
    });
  });

  it("comes in when it is accepted, by the rules of that moment", async () => {
    await rolledBack(sql, async (at) => {
      const known = someone();
      const { id } = await held(at, [someone(), known, bad(), bad(), bad()]);
      await bring(at, [known]);
      await at`insert into leads.spellings values ('sector', 'lune', 'Isolation')`;
      await decide(at, "accept", id);
      const [now] = await at`select status, total, inserted, duplicates, invalid from leads.imports where id = ${id}`;
      expect(now).toEqual({ status: "completed", total: 5, inserted: 4, duplicates: 1, invalid: 0 });
      expect(await leads(at, id)).toHaveLength(4);
      expect(await rejects(at, id)).toHaveLength(0);
      expect(await at`select from leads.import_held_rows where import_id = ${id}`).toHaveLength(0);
    });
  });

  it("brings leads up to date when it is accepted, if it was asked to", async () => {
    await rolledBack(sql, async (at) => {
      const known = someone();
      await bring(at, [known]);
      const { id, report } = await held(at, [{ ...known, company: "Après" }, bad(), bad()], "update");
      expect(report).toMatchObject({ status: "pending_review", inserted: 0, updated: 1 });
      expect(await at`select from leads.leads where company = 'Après'`).toHaveLength(0);
      await decide(at, "accept", id);
      expect(await at`select from leads.leads where company = 'Après'`).toHaveLength(1);
    });
  });

  it("leaves nothing when it is discarded", async () => {
    await rolledBack(sql, async (at) => {
      const { id } = await held(at);
      await decide(at, "discard", id);
      const [now] = await at`select status, failure, total, inserted from leads.imports where id = ${id}`;
      expect(now).toEqual({
        ...{ status: "failed", failure: "Écarté par un administrateur : 2 lignes refusées sur 3." },
        ...{ total: 0, inserted: 0 },
      });
      expect(await leads(at, id)).toHaveLength(0);
      expect(await at`select from leads.import_held_rows where import_id = ${id}`).toHaveLength(0);
    });
  });

  it("is decided once", async () => {
    await rolledBack(sql, async (at) => {
      const { id } = await held(at);
      await decide(at, "accept", id);
      await become(at, "admin");
      for (const decision of ["accept", "discard"]) {
        const reference = await referenceOf(at, id);
        const again = at.savepoint((inner) => inner.unsafe(`select public.admin_import_${decision}($1)`, [reference]));
        expect(await refusal(again)).toMatchObject({ code: "PT409", slug: "import_not_pending" });
      }
    });
  });

  it("waits without a person who was erased meanwhile", async () => {
    await rolledBack(sql, async (at) => {
      const person = someone();
      const { id } = await held(at, [person, someone(), bad(), bad(), bad()]);
      const [told] = await at`select leads.gdpr_export(${person.email ?? ""}) -> 'pendingRows' as rows`;
      expect(told?.rows).toMatchObject([{ fileName: "leads.csv", line: 2 }]);
      await at`select leads.gdpr_erase(${person.email ?? ""})`;
      await decide(at, "accept", id);
      const [now] = await at`select total, inserted from leads.imports where id = ${id}`;
      expect(now).toEqual({ total: 4, inserted: 1 });
    });
  });
});

it("two admins who decide at once: one does", async () => {
  const id = (await sql.begin(async (at) => {
    await rule(at, "import_invalid_percent", 50);
    const staged = await stage(at, [someone(), someone({ sector: "?" }), someone({ sector: "?" })]);
    await merge(at, staged);
    await rule(at, "import_invalid_percent", 90);
    return staged;
  })) as string;
  const [found] = await sql<{ reference: string }[]>`select reference from leads.imports where id = ${id}`;
  const outcomes = await Promise.allSettled(
    ["accept", "discard", "accept", "discard"].map((decision) =>
      sql.begin(async (at) => {
        await become(at, "admin");
        await at.unsafe(`select public.admin_import_${decision}($1)`, [found?.reference ?? ""]);
      }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  const [{ status, leads }] =
    (await sql`select i.status, (select count(*)::int from leads.leads l where l.import_id = i.id) as leads
    from leads.imports i where i.id = ${id}`) as unknown as [{ status: string; leads: number }];
  expect([status, leads]).toEqual(status === "completed" ? ["completed", 1] : ["failed", 0]);
});

describe("an import that is taken back", () => {
  type Undone = { removed: number; restored: number; kept: { lead: string; reason: string }[] };
  const undo = async (at: Sql, id: string): Promise<Undone> => {
    await become(at, "admin");
    const [row] = await at<{ undone: Undone }[]>`
      select public.admin_import_undo((select reference from leads.imports where id = ${id})) as undone`;
    await at`reset role`;
    return row?.undone as Undone;
  };
  /** Time is what tells a change: a transaction has but one, so what came in before is moved into the past. */
  const anHourLater = async (at: Sql) => {
    await at`alter table leads.leads disable trigger touch`;
    await at`update leads.leads set created_at = created_at - interval '1 hour', updated_at = updated_at - interval '1 hour'`;
    await at`update leads.import_changes set changed_at = changed_at - interval '1 hour'`;
    await at`alter table leads.leads enable trigger touch`;
  };
  type Lead = { id: string; reference: string };
  const leadsOf = (at: Sql, id: string) =>
    at<Lead[]>`select id, reference from leads.leads where import_id = ${id} order by id desc`;

  it("leaves nothing, if nobody has touched it; its file may come in again", async () => {
    await rolledBack(sql, async (at) => {
      const rows = [
        someone(),
        someone({
          consent_text_version: "1",
          consent_url: "https://a.test",
          consent_ip: "::1",
          consent_at: "2026-01-01",
          consent_recipients: "A",
        }),
      ];
      const id = await stage(at, rows);
      await merge(at, id);
      await anHourLater(at);
      expect(await undo(at, id)).toMatchObject({ removed: 2, restored: 0, kept: [] });
      expect(await leadsOf(at, id)).toHaveLength(0);
      const [after] =
        await at`select status, undone_at = now() as now, handed_over_at from leads.imports where id = ${id}`;
      expect(after).toEqual({ status: "completed", now: true, handed_over_at: null });
      expect(await bring(at, rows)).toMatchObject({ inserted: 2 });
      expect(await undo(at, id)).toMatchObject({ removed: 0, kept: [] });
    });
  });

  it("keeps what was sold, changed, begun, withdrawn or erased since, and names it", async () => {
    await rolledBack(sql, async (at) => {
      await at`select leads.recount()`;
      const rows = Array.from({ length: 6 }, () => someone());
      const id = await stage(at, rows);
      await merge(at, id);
      await anHourLater(at);
      const [sold, changed, begun, withdrawn, erased] = [...(await leadsOf(at, id))] as [Lead, Lead, Lead, Lead, Lead];
      await at`insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents) values (${sold.id}, ${idOf("acheteurA")}, ${idOf("supplierA")}, 100)`;
      await at`update leads.leads set company = 'Autre' where id = ${changed.id}`;
      await at`update leads.leads set qualification_status = 'in_progress', agent_id = ${idOf("agentA")} where id = ${begun.id}`;
      await at`update leads.leads set withdrawn_at = now() where id = ${withdrawn.id}`;
      await at`update leads.leads set erased_at = now() where id = ${erased.id}`;
      const undone = await undo(at, id);
      expect(undone).toMatchObject({ removed: 1, restored: 0 });
      expect(undone.kept).toEqual([
        { lead: sold.reference, reason: "sold" },
        { lead: changed.reference, reason: "changed" },
        { lead: begun.reference, reason: "in_qualification" },
        { lead: withdrawn.reference, reason: "withdrawn" },
        { lead: erased.reference, reason: "erased" },
      ]);
      expect(await leadsOf(at, id)).toHaveLength(5);
      expect([...(await at`select * from leads.verify_rollups()`)]).toEqual([]);
    });
  });

  it("gives leads back what they were before it changed them", async () => {
    await rolledBack(sql, async (at) => {
      const [one, two] = [someone({ company: "Avant", phone: "0612345680" }), someone({ company: "Avant" })];
      const first = await stage(at, [one, two]);
      await merge(at, first);
      const look = () =>
        at`select l.id, to_jsonb(l) - '{created_at,updated_at}'::text[] as lead, to_jsonb(c) as contact, to_jsonb(k) - 'created_at' as consent from leads.leads l
          join leads.lead_contacts c on c.lead_id = l.id left join leads.lead_consents k on k.lead_id = l.id where l.import_id = ${first} order by l.id`;
      const without = (rows: Iterable<Record<string, unknown>>, lead: Lead) =>
        [...rows].filter(({ id }) => id !== lead.id);
      await anHourLater(at);
      const before = [...(await look())];
      const proof = {
        consent_text_version: "1",
        consent_url: "https://a.test",
        consent_ip: "::1",
        consent_at: "2026-01-01",
        consent_recipients: "A",
      };
      const id = await stage(
        at,
        [one, two].map((row) => ({ ...row, ...proof, company: "Après", last_name: "Roy", sector: "PV", score: "50" })),
      );
      expect(await merge(at, id, "update")).toMatchObject({ updated: 2 });
      expect([...(await look())]).not.toEqual(before);
      await anHourLater(at);
      const late = (await leadsOf(at, first))[0] as Lead;
      await at`update leads.leads set company = 'Encore' where id = ${late.id}`;
      expect(await undo(at, id)).toMatchObject({
        removed: 0,
        restored: 1,
        kept: [{ lead: late.reference, reason: "changed" }],
      });
      expect(without(await look(), late)).toEqual(without(before, late));
    });
  });

  it("makes a lead qualified again that the file took from the agents' hands", async () => {
    await rolledBack(sql, async (at) => {
      await at`select leads.recount()`;
      const row = someone();
      const first = await stage(at, [row]);
      await merge(at, first);
      await anHourLater(at);
      const lead = (await leadsOf(at, first))[0] as Lead;
      await at`update leads.leads set status = 'qualified', qualification_status = 'qualified', qualified_at = now(), agent_id = ${idOf("agentA")}
        where id = ${lead.id}`;
      const state = () =>
        at`select l.status, l.qualification_status, l.qualified_at is not null as qualified, l.agent_id, l.sector, c.last_name from leads.leads l
          join leads.lead_contacts c on c.lead_id = l.id where l.id = ${lead.id}`;
      const before = [...(await state())];
      const id = await stage(at, [{ ...row, last_name: "Autre", sector: "PV" }]);
      expect(await merge(at, id, "update")).toMatchObject({ updated: 1 });
      expect([...(await state())]).toMatchObject([{ status: "new", qualification_status: "pending", agent_id: null }]);
      await at`set constraints all immediate`;
      expect([...(await at`select * from leads.verify_rollups()`)]).toEqual([]);
      await anHourLater(at);
      expect(await undo(at, id)).toMatchObject({ restored: 1, kept: [] });
      expect([...(await state())]).toEqual(before);
      expect([...(await at`select * from leads.verify_rollups()`)]).toEqual([]);
    });
  });

  const daysLater = async (at: Sql, days: number) => {
    await at`alter table leads.imports disable trigger touch`;
    await at`update leads.imports set created_at = created_at - make_interval(days => ${days}),
      handed_over_at = handed_over_at - make_interval(days => ${days})`;
    await at`update leads.import_changes set changed_at = changed_at - make_interval(days => ${days})`;
    await at`alter table leads.imports enable trigger touch`;
  };

  it.each([
    ["may be so", 29, 30],
    ["may be so", 4000, null],
    ["is refused", 31, 30],
    ["is refused", 6, 5],
  ])("%s after %s days, with a rule of %s", async (what, days, limit) => {
    await rolledBack(sql, async (at) => {
      await rule(at, "import_undo_days", limit);
      const id = await stage(at, [someone()]);
      await merge(at, id);
      await daysLater(at, days);
      if (what === "is refused") {
        const { code, slug, message } = await refusal(at.savepoint((inner) => undo(inner, id)));
        expect([code, slug]).toEqual(["PT409", "import_undo_too_late"]);
        expect(message).toBe(`Cet import date de plus de ${limit} jours : il ne peut plus être annulé.`);
        expect(await leadsOf(at, id)).toHaveLength(1);
      } else {
        expect(await undo(at, id)).toMatchObject({ removed: 1 });
      }
    });
  });

  it("may be so for as long after an admin has accepted it, whenever it was sent", async () => {
    await rolledBack(sql, async (at) => {
      const id = await stage(at, [someone()]);
      await daysLater(at, 31);
      await merge(at, id);
      expect(await undo(at, id)).toMatchObject({ removed: 1 });
    });
  });

  it("is kept what its leads were before for as long, until the next import", async () => {
    await rolledBack(sql, async (at) => {
      const [one, two] = [someone(), someone()];
      const change = async (row: Written) => {
        const id = await stage(at, [{ ...row, company: "Après" }]);
        expect(await merge(at, id, "update")).toMatchObject({ updated: 1 });
        return id;
      };
      const kept = async (...ids: string[]) =>
        Array.from(
          await at`select import_id from leads.import_changes where import_id in ${at(ids)} order by import_id`,
          (row) => row.import_id,
        );
      await bring(at, [one, two]);
      const old = await change(one);
      await daysLater(at, 2);
      const young = await change(two);
      await daysLater(at, 29);
      expect(await kept(old, young)).toEqual([old, young]);
      await rule(at, "import_undo_days", null);
      await bring(at, [someone()]);
      expect(await kept(old, young)).toEqual([old, young]);
      await rule(at, "import_undo_days", 30);
      await bring(at, [someone()]);
      expect(await kept(old, young)).toEqual([young]);
    });
  });

  it.each(["processing", "failed", "pending_review"])("is refused while it is %s", async (status) => {
    await rolledBack(sql, async (at) => {
      await at`update leads.imports set status = ${status} where id = ${idOf("import-completed")}`;
      const { code, slug } = await refusal(at.savepoint((inner) => undo(inner, idOf("import-completed"))));
      expect([code, slug]).toEqual(["PT409", "import_not_completed"]);
    });
  });

  it("is refused where there is none", async () => {
    await rolledBack(sql, async (at) => {
      expect((await refusal(undo(at, idOf("nothing")))).slug).toBe("import_not_found");
    });
  });

  it("forgets what an erased person's lead was before", async () => {
    await rolledBack(sql, async (at) => {
      const row = someone();
      await bring(at, [row]);
      const id = await stage(at, [{ ...row, company: "Après" }]);
      await merge(at, id, "update");
      expect(await at`select from leads.import_changes where import_id = ${id}`).toHaveLength(1);
      await at`select leads.gdpr_erase(${row.email ?? ""})`;
      expect(await at`select from leads.import_changes where import_id = ${id}`).toHaveLength(0);
    });
  });
});

it("an import that is taken back while one of its leads is being sold waits, and leaves that one", async () => {
  const row = someone();
  const id = await stage(sql, [row, someone()]);
  await merge(sql, id);
  const sale = await sql.reserve();
  await sale`begin`;
  const [sold] = await sale`select l.id, l.reference from leads.leads l join leads.lead_contacts c on c.lead_id = l.id
    where c.email = ${row.email ?? ""} for no key update of l`;
  const undoing = sql.begin(async (at) => {
    await become(at, "admin");
    return at`select public.admin_import_undo((select reference from leads.imports where id = ${id})) as undone`;
  });
  const waits = async () =>
    (await sql`select from pg_locks where not granted and locktype in ('transactionid', 'tuple')`).length > 0;
  await vi.waitUntil(waits, { timeout: 10_000 });
  await sale`insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents)
    values (${sold?.id}, ${idOf("acheteurA")}, ${idOf("supplierA")}, 100)`;
  await sale`commit`;
  sale.release();
  const [answer] = await undoing;
  expect(answer?.undone).toMatchObject({ removed: 1, kept: [{ lead: sold?.reference, reason: "sold" }] });
});

it("a merge of fewer rows than were staged is refused: a crash of the server has emptied the table", async () => {
  await rolledBack(sql, async (at) => {
    const id = await stage(at, [someone()]);
    const attempt = at.savepoint((inner) => inner`select leads.merge_import(${id}, staged => 2)`);
    await expect(attempt).rejects.toMatchObject({ code: "PT409", detail: "import_rows_lost" });
    await at`select leads.merge_import(${id}, staged => 1)`;
    expect(await at`select status, inserted from leads.imports where id = ${id}`).toEqual([
      { status: "completed", inserted: 1 },
    ]);
  });
});

it("a merge takes as long as its file asks for, whatever was staged when statistics were last taken", async () => {
  await rolledBack(sql, async (at) => {
    const rows = 8000;
    const fill = (id: string) => at`
      insert into leads.import_rows (import_id, line, last_name, email, sector, region)
      select ${id}, n, 'Roy', n || ${`-${id}@import.test`}, case when n % 30 = 0 then 'Lune' else 'PV' end, 'PACA' from generate_series(2, ${rows + 1}::int) n`;
    await fill(await stage(at, []));
    await at`analyze leads.import_rows`;
    await at`delete from leads.import_rows`;
    const id = await stage(at, []);
    await fill(id);
    const began = performance.now();
    expect(await merge(at, id)).toMatchObject({ read: rows, invalid: Math.floor((rows + 1) / 30) });
    // Read row by row against all others, it takes half a minute.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe("the same file, asked for in the same way", () => {
  type Opened = { id: string; status: string; opened: boolean };
  const open = async (
    at: Sql,
    options: { byte?: number; onDuplicate?: string; mapping?: object; source?: string | null; supplier?: string } = {},
  ): Promise<Opened> => {
    const { byte = 1, onDuplicate = "skip", mapping = {}, source = "/tmp/leads.csv", supplier = "A" } = options;
    const [row] = await at<
      Opened[]
    >`select id, status, opened from leads.open_import(${idOf(`supplier${supplier}`)}, 'leads.csv',
      decode(repeat(${byte.toString(16).padStart(2, "0")}, 32), 'hex'), ${onDuplicate}, ${JSON.stringify(mapping)}::text::jsonb, ${source})`;
    return row as Opened;
  };

  it("is one import, which is taken up again until it has ended", async () => {
    await rolledBack(sql, async (at) => {
      const first = await open(at);
      expect(first).toMatchObject({ status: "processing", opened: true });
      expect(await open(at)).toEqual(first);
      await merge(at, first.id);
      expect(await open(at)).toEqual({ id: first.id, status: "completed", opened: false });
    });
  });

  it("is another import for another supplier, file, mapping or way with duplicates", async () => {
    await rolledBack(sql, async (at) => {
      const opened = [
        await open(at),
        await open(at, { supplier: "B" }),
        await open(at, { byte: 2 }),
        await open(at, { mapping: { qui: "lastName" } }),
        await open(at, { onDuplicate: "update" }),
      ];
      expect(new Set(opened.map(({ id }) => id)).size).toBe(5);
    });
  });

  it("is another import after one that failed, was discarded or taken back", async () => {
    await rolledBack(sql, async (at) => {
      const first = await open(at);
      await at`select leads.fail_import(${first.id}, 'Illisible.')`;
      const second = await open(at);
      expect(second).toMatchObject({ opened: true });
      await at`update leads.imports set status = 'completed', undone_at = now() where id = ${second.id}`;
      const third = await open(at);
      expect(new Set([first, second, third].map(({ id }) => id)).size).toBe(3);
    });
  });

  it("is left to whoever brings it in by another road", async () => {
    await rolledBack(sql, async (at) => {
      const upload = await open(at, { source: null });
      expect(upload.opened).toBe(true);
      expect(await open(at)).toEqual({ id: upload.id, status: "processing", opened: false });
    });
  });

  it("opened by many at once is one import", async () => {
    const opened = await Promise.all(Array.from({ length: 8 }, () => open(sql, { byte: 9 })));
    expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
  });

  it("is refused by the table itself where somebody goes round the function", async () => {
    await rolledBack(sql, async (at) => {
      await open(at);
      const again = at`insert into leads.imports (supplier_id, file_name, sha256) select supplier_id, file_name, sha256 from leads.imports where sha256 is not null limit 1`;
      expect((await refusal(again)).code).toBe("23505");
    });
  });
});
