import { describe, expect, it } from "vitest";
import { openLines, setLines } from "../support/calling.ts";
import { idOf, openMarket } from "../support/market.ts";
import { asActor, become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// How an agent would get at people whom nobody may call, and a supplier or an admin at what makes them callable.

const { sql } = await testDatabase();
await openMarket(sql);

const slugOf = async (to: Sql, statement: string) =>
  (
    await refusal(
      (to as never as { savepoint: (work: (inner: Sql) => unknown) => Promise<unknown> }).savepoint((inner) =>
        inner.unsafe(statement),
      ),
    )
  ).slug;
const reports = ["callback", "qualified", "not_qualified"].map((result) =>
  JSON.stringify({
    result,
    durationSeconds: 80_000,
    callbackAt: result === "callback" ? new Date(Date.now() + 9e6).toISOString() : null,
  }),
);

describe("an agent who was not given the lead", () => {
  it.each([
    ["outside the hours, however long the call is said to have been", { days: [] }, "outside_calling_hours"],
    [
      "without a proof of consent",
      { sourcesWithoutConsent: [{ supplier: "supplier-b", source: "facebook ads" }] },
      "consent_missing",
    ],
  ])("gets no contact by a report %s", async (_case, lines, slug) => {
    await rolledBack(sql, async (to) => {
      await setLines(to, lines);
      await become(to, "agentA");
      for (const report of reports)
        expect(await slugOf(to, `select public.lead_qualify('new-a', '${report}')`)).toBe(slug);
      expect([...(await to`select "lastName", email from public.leads where id = 'new-a'`)]).toEqual([
        { lastName: "S.", email: "z•••@•••" },
      ]);
    });
  });

  it("gets none of a person who was called often enough, or has refused", async () => {
    await rolledBack(sql, async (to) => {
      await to`insert into leads.called_people (person_hash, called_at, call_id, refused)
        select h, now() - interval '1 hour', c.id, true from leads.calls c, unnest(leads.person_hashes(${idOf("new-a")})) h where c.reference = 'call-a'`;
      await setLines(to, { refusalDays: 60 });
      await become(to, "agentA");
      for (const report of reports)
        expect(await slugOf(to, `select public.lead_qualify('new-a', '${report}')`)).toBe("call_limit_reached");
    });
  });
});

describe("a supplier who puts somebody else into a lead that has a proof of consent", () => {
  it.each([
    ["last_name = 'Autre'"],
    ["email = 'autre@calling.test'"],
    ["phone = '+33 6 39 98 76 54'"],
    ["last_name = 'Autre', email = 'autre@calling.test', phone = '+33 6 39 98 76 54'"],
  ])("has none for that person: %s", async (change) => {
    await rolledBack(sql, async (to) => {
      const consent = async () =>
        (
          await to`select l.has_consent, l.call_basis = '' as callable, (select count(*)::int from leads.lead_consents c where c.lead_id = l.id) as proofs
          from leads.leads l where l.id = ${idOf("new-a")}`
        )[0];
      await to`insert into leads.lead_consents (lead_id, supplier_id, text_version, url, given_at, recipients)
        select id, supplier_id, '1', 'https://a.fr', now(), '{a}' from leads.leads where id = ${idOf("new-a")} on conflict do nothing`;
      expect(await consent()).toEqual({ has_consent: true, callable: true, proofs: 1 });
      await to`update leads.lead_contacts set last_name = upper(last_name) where lead_id = ${idOf("new-a")}`;
      expect(await consent()).toMatchObject({ proofs: 1 });
      await to.unsafe(`update leads.lead_contacts set ${change} where lead_id = '${idOf("new-a")}'`);
      expect(await consent()).toEqual({ has_consent: false, callable: false, proofs: 0 });
    });
  });
});

describe("what makes people callable is not written", () => {
  const asked = [
    "update platform.settings set value = value || '{\"onHolidays\": true}' where system = 'leads' and section = 'calling'",
    "update leads.leads set has_consent = true",
    "update leads.regions set time_zone = 'UTC'",
    "insert into leads.lead_consents (lead_id, supplier_id, text_version, url, given_at, recipients) select id, supplier_id, '1', 'https://a.fr', now(), '{a}' from leads.leads",
    "delete from leads.called_people",
    "select * from leads.called_people",
    "delete from leads.people_at_agents",
    "update leads.leads set reserved_until = null",
    "update leads.calls set outside_rules = null",
    "select leads.next_in_queue()",
    "select leads.mark_consents()",
  ];

  it.each(asked)("by an agent, a supplier, a buyer or a stranger: %s", async (statement) => {
    for (const actor of ["agentA", "fournisseurA", "acheteurA", "stranger", "anon"] as const) {
      await asActor(sql, actor, async (to) => {
        const rows = await to.savepoint((inner) => inner.unsafe(statement)).catch(({ code }: { code: string }) => code);
        // No right, or no row.
        expect(
          rows === "42501" || (rows as unknown[] & { count: number }).count === 0,
          `${actor}: ${String(rows)}`,
        ).toBe(true);
      });
    }
  });

  it.each([
    "update platform.settings set value = '{}' where system = 'leads' and section = 'calling'",
    "update platform.settings set value = value || '{\"hours\": \"always\"}' where system = 'leads' and section = 'calling'",
    "update platform.settings set value = value - 'refusalDays' where system = 'leads' and section = 'calling'",
    "update platform.settings set value = value || '{\"sourcesWithoutConsent\": [1]}' where system = 'leads' and section = 'calling'",
    "update platform.settings set value = value || '{\"sourcesWithoutConsent\": [{\"source\": \"Salon\"}]}' where system = 'leads' and section = 'calling'",
    "update platform.settings set value = 'null' where system = 'leads' and section = 'calling'",
  ])("not even by the owner in words that mean nothing: %s", async (statement) => {
    expect((await refusal(rolledBack(sql, (to) => to.unsafe(statement)))).code).toBe("PT422");
  });
});

describe("a call counts for the person", () => {
  it("whatever becomes of the lead: taken to another number and back, withdrawn, or erased", async () => {
    await rolledBack(sql, async (to) => {
      await openLines(to);
      await setLines(to, { refusalDays: 60 });
      await become(to, "agentA");
      await to`select public.lead_qualify('new-a', '{"result": "not_qualified", "durationSeconds": 5}')`;
      await to`reset role`;
      await to`select leads.gdpr_erase('zoe@new-a.test')`;
      await to`delete from leads.lead_contacts where lead_id = ${idOf("new-a")}`;
      await become(to, "admin");
      const [made] = await to`select id from public.lead_create(${to.json({
        ...{
          fournisseur: "supplier-b",
          lastName: "Autre",
          email: "ZOE@new-a.test",
          sector: "Isolation",
          region: "Corse",
        },
        source: "Salon",
      })})`;
      await to`reset role`;
      const [row] =
        await to`select leads.rules_broken(l, leads.calling_at()) as broken from leads.leads l where l.reference = ${made?.id as string}`;
      expect(row?.broken).toEqual(["call_limit_reached", "consent_missing"]);
    });
  });
});
