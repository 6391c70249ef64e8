import { describe, expect, it } from "vitest";
import { linesByLaw, openLines, setLines } from "../support/calling.ts";
import { idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// Whom the queue gives, and when: the hours and holidays of where the person lives, the calls there were, a refusal, a proof of
// consent. By instants that are written here, so that it does not matter when the tests run.

const { sql } = await testDatabase();
await openMarket(sql);
await setLines(sql, linesByLaw);
await sql`update leads.leads set status = 'rejected', qualification_status = 'not_qualified' where status <> 'sold'`;

const isOpen = async (region: string, at: string) =>
  (await sql`select ${region} = any (leads.open_regions(${at}::timestamptz)) as open`)[0]?.open as boolean;

describe("calling hours by law, where the person lives", () => {
  it.each([
    ["Bretagne", "2026-11-20T08:59:59Z", false, "a Friday, a second before 10 h"],
    ["Bretagne", "2026-11-20T09:00:00Z", true, "10 h"],
    ["Bretagne", "2026-11-20T11:59:59Z", true, "a second before 13 h"],
    ["Bretagne", "2026-11-20T12:00:00Z", false, "13 h: the pause at noon"],
    ["Bretagne", "2026-11-20T12:59:59Z", false, "a second before 14 h"],
    ["Bretagne", "2026-11-20T13:00:00Z", true, "14 h"],
    ["Bretagne", "2026-11-20T18:59:59Z", true, "a second before 20 h"],
    ["Bretagne", "2026-11-20T19:00:00Z", false, "20 h"],
    ["Bretagne", "2026-07-17T08:00:00Z", true, "10 h in summer"],
    ["Bretagne", "2026-11-21T10:00:00Z", false, "a Saturday"],
    ["Bretagne", "2026-11-22T10:00:00Z", false, "a Sunday"],
    ["La Réunion", "2026-11-20T06:00:00Z", true, "10 h there, 7 h in Paris"],
    ["La Réunion", "2026-11-20T16:30:00Z", false, "20 h 30 there, 17 h 30 in Paris"],
    ["Mayotte", "2026-11-20T07:00:00Z", true, "10 h there"],
    ["Guadeloupe", "2026-11-20T09:30:00Z", false, "5 h 30 there, 10 h 30 in Paris"],
    ["Martinique", "2026-11-20T23:30:00Z", true, "19 h 30 there, after midnight in Paris"],
    ["Guyane", "2026-11-20T13:00:00Z", true, "10 h there"],
    ["Guyane", "2026-11-20T17:30:00Z", true, "14 h 30 there"],
  ])("%s, %s: %s (%s)", async (region, at, open) => {
    expect(await isOpen(region, at)).toBe(open);
  });

  it("know the regions that are added", async () => {
    await rolledBack(sql, async (to) => {
      await to`insert into leads.regions (name) values ('Nouvelle-Calédonie'), ('Polynésie française'), ('Saint-Pierre-et-Miquelon'), ('Ailleurs')`;
      const rows = await to`select name, time_zone from leads.regions
        where name in ('Nouvelle-Calédonie', 'Polynésie française', 'Saint-Pierre-et-Miquelon', 'Ailleurs', 'Grand Est') order by name collate "C"`;
      expect(rows.map((row) => [row.name, row.time_zone])).toEqual([
        ["Ailleurs", "Europe/Paris"],
        ["Grand Est", "Europe/Paris"],
        ["Nouvelle-Calédonie", "Pacific/Noumea"],
        ["Polynésie française", "Pacific/Tahiti"],
        ["Saint-Pierre-et-Miquelon", "America/Miquelon"],
      ]);
    });
  });

  it.each([
    ["Bretagne", "2026-01-01", "New Year"],
    ["Bretagne", "2026-04-06", "Monday after Easter"],
    ["Bretagne", "2027-03-29", "Monday after Easter of another year"],
    ["Bretagne", "2026-05-01", "1 May"],
    ["Bretagne", "2026-05-08", "8 May"],
    ["Bretagne", "2026-05-14", "Ascension"],
    ["Bretagne", "2026-05-25", "Monday after Whitsun"],
    ["Bretagne", "2026-07-14", "14 July"],
    ["Bretagne", "2024-08-15", "15 August"],
    ["Bretagne", "2027-11-01", "All Saints"],
    ["Bretagne", "2026-11-11", "11 November"],
    ["Bretagne", "2026-12-25", "Christmas"],
    ["Grand Est", "2026-04-03", "Good Friday in Alsace and Moselle"],
    ["Grand Est", "2028-12-26", "26 December there"],
    ["Guadeloupe", "2026-05-27", "the end of slavery"],
    ["Martinique", "2026-05-22", "the end of slavery"],
    ["Guyane", "2026-06-10", "the end of slavery"],
    ["La Réunion", "2027-12-20", "the end of slavery"],
    ["Mayotte", "2026-04-27", "the end of slavery"],
  ])("nobody of %s is called on %s (%s), but the day after", async (region, day) => {
    const noon = async (days: number) => {
      const [row] = await sql<{ at: Date; working: boolean }[]>`
        select (${day}::date + ${days}::integer + time '11:00') at time zone time_zone as at, extract(isodow from ${day}::date + ${days}::integer) < 6 as working
        from leads.regions where name = ${region}`;
      return row as { at: Date; working: boolean };
    };
    const holiday = await noon(0);
    expect(holiday.working).toBe(true);
    expect(await isOpen(region, holiday.at.toISOString())).toBe(false);
    // The first working day after it that is no holiday as well.
    const later = await Promise.all([1, 2, 3, 4].map(noon));
    const open = await Promise.all(
      later.filter((one) => one.working).map((one) => isOpen(region, one.at.toISOString())),
    );
    expect(open).toContain(true);
  });

  it("hold elsewhere on what is a holiday of one region", async () => {
    expect(await isOpen("Bretagne", "2026-04-03T09:00:00Z")).toBe(true);
    expect(await isOpen("Martinique", "2026-05-27T15:00:00Z")).toBe(true);
  });

  it.each<[string[], string, string | null, string]>([
    [["Bretagne"], "2026-11-20T12:10:00Z", "2026-11-20T13:00:00Z", "in the pause: at 14 h"],
    [["Bretagne"], "2026-11-20T19:10:00Z", "2026-11-23T09:00:00Z", "on Friday night: on Monday"],
    [["Bretagne"], "2026-12-24T19:30:00Z", "2026-12-28T09:00:00Z", "before Christmas: after the weekend"],
    [["Grand Est"], "2026-04-02T18:30:00Z", "2026-04-07T08:00:00Z", "before Good Friday: after Easter, in summer time"],
    [["Bretagne", "La Réunion"], "2026-11-20T19:10:00Z", "2026-11-23T06:00:00Z", "the first of several"],
    [[], "2026-11-20T19:10:00Z", null, "of nobody: never"],
  ])("open next for %j after %s at %s (%s)", async (regions, at, opening) => {
    const [row] =
      await sql`select platform.iso_timestamp(leads.next_opening(${regions}::text[], ${at}::timestamptz)) as at`;
    expect(row?.at).toBe(opening);
  });
});

/** Sources of a supplier for which no proof of consent is needed. */
const exempt = (supplier: string, ...sources: string[]) => sources.map((source) => ({ supplier, source }));

const friday = "2026-11-20T10:00:00Z";
type Lead = {
  name: string;
  region?: string;
  source?: string | null;
  email?: string;
  phone?: string;
  consent?: boolean;
};

/** Leads that wait, the oldest first. */
async function wait(to: Sql, ...leads: Lead[]): Promise<void> {
  for (const [
    n,
    { name, region = "Bretagne", source = "Salon", email = `${name}@exemple.test`, phone = null, consent = true },
  ] of leads.entries()) {
    const [lead] = await to<{ id: string }[]>`
      insert into leads.leads (id, reference, supplier_id, first_name, last_name_mask, sector, region, source)
      values (platform.uuid_v7(${friday}::timestamptz - interval '1 day' + ${n}::integer * interval '1 second'), ${name}, ${idOf("supplierA")}, 'Zoé', 'S.', 'Isolation', ${region}, ${source})
      returning id`;
    const id = lead?.id as string;
    await to`insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone) values (${id}, ${idOf("supplierA")}, 'Secret', ${email}, ${phone})`;
    if (consent) {
      await to`insert into leads.lead_consents (lead_id, supplier_id, text_version, url, ip, given_at, recipients)
        values (${id}, ${idOf("supplierA")}, '1', 'https://exemple.test', '203.0.113.7', ${friday}, '{partenaires}')`;
    }
  }
}

/** What the queue would give at an instant, or why it gives nothing. */
async function nextAt(to: Sql, at: string): Promise<string> {
  const [row] = await to<{ answer: string }[]>`
    with calling as materialized (select leads.calling_at(${at}::timestamptz) as c)
    select coalesce((select l.reference from leads.leads l where l.id = leads.next_in_queue(calling.c)), (select w.reason from leads.why_no_lead(calling.c) w)) as answer
    from calling`;
  return row?.answer as string;
}

/** A call of the past about a lead, as a report leaves it. */
const called = (to: Sql, lead: string, at: string, refused = false) => to`
  with call as (
    insert into leads.calls (lead_id, lead_name, agent_name, duration_seconds, duration, recording_status, result)
    select id, 'Zoé', 'Agent', 60, '1:00', 'archived', 'callback' from leads.leads where reference = ${lead} returning id, lead_id
  ) insert into leads.called_people (person_hash, called_at, call_id, refused)
    select h, ${at}::timestamptz, call.id, ${refused} from call, unnest(leads.person_hashes(call.lead_id)) h`;

describe("the queue gives", () => {
  it("those who may be called where they live, the oldest first, and says when there is none", () =>
    rolledBack(sql, async (to) => {
      await wait(
        to,
        { name: "reunion", region: "La Réunion" },
        { name: "lyon", region: "Auvergne-Rhône-Alpes" },
        { name: "brest" },
      );
      expect(await nextAt(to, "2026-11-20T06:30:00Z")).toBe("reunion");
      expect(await nextAt(to, friday)).toBe("reunion");
      expect(await nextAt(to, "2026-11-20T16:30:00Z")).toBe("lyon");
      expect(await nextAt(to, "2026-11-20T19:30:00Z")).toBe("outside_calling_hours");
      await to`update leads.leads set withdrawn_at = now()`;
      expect(await nextAt(to, "2026-11-20T19:30:00Z")).toBe("queue_empty");
    }));

  it("nobody without a proof of consent, whatever brings the lead back", () =>
    rolledBack(sql, async (to) => {
      await wait(to, { name: "unproven", consent: false });
      const states = [
        to`'pending', callback_at = null, reserved_until = null`,
        to`'callback', callback_at = ${friday}::timestamptz - interval '1 hour', reserved_until = null`,
        to`'in_progress', callback_at = null, reserved_until = ${friday}::timestamptz - interval '1 hour'`,
        to`'in_progress', callback_at = null, reserved_until = null`,
      ];
      for (const state of states) {
        await to`update leads.leads set status = 'pending', qualification_status = ${state} where reference = 'unproven'`;
        expect(await nextAt(to, friday)).toBe("consent_missing");
        await setLines(to, { sourcesWithoutConsent: exempt("supplier-a", "Foire", "SALON") });
        expect(await nextAt(to, friday)).toBe("unproven");
        await setLines(to, { sourcesWithoutConsent: exempt("supplier-a", "Foire") });
      }
    }));

  it("nobody without a proof because another supplier's source of that name needs none", () =>
    rolledBack(sql, async (to) => {
      await wait(to, { name: "unproven", consent: false });
      for (const supplier of ["supplier-b", "unknown", idOf("supplierA")]) {
        await setLines(to, { sourcesWithoutConsent: exempt(supplier, "Salon", "-", `${idOf("supplierA")} salon`) });
        expect(await nextAt(to, friday)).toBe("consent_missing");
      }
      await setLines(to, { sourcesWithoutConsent: exempt("supplier-a", "Salon") });
      expect(await nextAt(to, friday)).toBe("unproven");
    }));

  it("a lead from the moment on at which its consent is proven, and not when the proof is gone", () =>
    rolledBack(sql, async (to) => {
      await wait(to, { name: "first", source: null }, { name: "second", consent: false, source: null });
      await to`delete from leads.lead_consents c using leads.leads l where l.id = c.lead_id and l.reference = 'first'`;
      expect(await nextAt(to, friday)).toBe("consent_missing");
      await to`select leads.keep_consent(l, '{"textVersion": "1", "url": "https://a.fr", "ip": "203.0.113.7", "givenAt": "2026-11-01", "recipients": ["x"]}')
        from leads.leads l where l.reference = 'second'`;
      expect(await nextAt(to, friday)).toBe("second");
      await setLines(to, { sourcesWithoutConsent: exempt("supplier-a", "-") });
      expect(await nextAt(to, friday)).toBe("first");
    }));

  it("nobody a fifth time in thirty days, by whatever lead and whichever of his addresses", () =>
    rolledBack(sql, async (to) => {
      const phone = "+33 6 39 98 12 34";
      await wait(
        to,
        { name: "one", phone },
        { name: "two", phone, email: "other@exemple.test" },
        { name: "three", email: "Other@exemple.test" },
        { name: "four", phone },
      );
      await to`update leads.leads set status = 'rejected', qualification_status = 'not_qualified' where reference in ('one', 'two')`;
      for (const day of ["02", "05", "09"]) await called(to, "one", `2026-11-${day}T10:00:00Z`);
      expect(await nextAt(to, friday)).toBe("three");
      await called(to, "two", "2026-11-19T10:00:00Z");
      await to`update leads.leads set withdrawn_at = now() where reference = 'three'`;
      expect(await nextAt(to, friday)).toBe("call_limit_reached");
      expect(await nextAt(to, "2026-12-02T10:00:01Z")).toBe("four");
      await setLines(to, { callsPer30Days: 5 });
      expect(await nextAt(to, friday)).toBe("four");
      await setLines(to, { callsPerDay: 1 });
      expect(await nextAt(to, "2026-11-19T14:00:00Z")).toBe("call_limit_reached");
      expect(await nextAt(to, friday)).toBe("four");
    }));

  it("nobody for sixty days after a refusal", () =>
    rolledBack(sql, async (to) => {
      await wait(to, { name: "one" });
      await called(to, "one", "2026-09-22T10:00:01Z", true);
      expect(await nextAt(to, friday)).toBe("call_limit_reached");
      expect(await nextAt(to, "2026-11-23T10:00:01Z")).toBe("one");
      await setLines(to, { refusalDays: 30 });
      expect(await nextAt(to, friday)).toBe("one");
    }));
});

describe("a report", () => {
  const report = (to: Sql, lead: string, what: object) =>
    to<{ answer: { outsideRules: string[] } }[]>`
      select public.lead_qualify(${lead}, ${to.json({ durationSeconds: 60, ...what } as never)}) as answer`;

  it("that is no is a refusal, unless the agent says that it was something else", () =>
    rolledBack(sql, async (to) => {
      await openLines(to);
      const cases: [string, object, boolean][] = [
        ["no", { result: "not_qualified" }, true],
        ["wrong-number", { result: "not_qualified", refused: false }, false],
        ["yes", { result: "qualified" }, false],
        ["later", { result: "callback", callbackAt: new Date(Date.now() + 3_600_000).toISOString() }, false],
      ];
      await wait(to, ...cases.map(([name]) => ({ name })));
      await become(to, "agentA");
      for (const [name, what] of cases) await report(to, name, what);
      await to`reset role`;
      const rows =
        await to`select distinct l.reference, p.refused from leads.called_people p join leads.calls k on k.id = p.call_id join leads.leads l on l.id = k.lead_id
        where l.reference = any (${cases.map(([name]) => name)})`;
      expect(new Map(rows.map((row) => [row.reference, row.refused]))).toEqual(
        new Map(cases.map(([name, , refused]) => [name, refused])),
      );
    }));

  it("on a lead that was given is never lost: each rule that its call broke is kept with it", () =>
    rolledBack(sql, async (to) => {
      await openLines(to);
      await wait(to, { name: "one", consent: false }, { name: "two", email: "one@exemple.test" });
      await to`update leads.leads set status = 'pending', qualification_status = 'in_progress', agent_id = ${idOf("agentA")} where reference in ('one', 'two')`;
      await setLines(to, { callsPer30Days: 1 });
      await become(to, "agentA");
      const callbackAt = new Date(Date.now() + 3_600_000).toISOString();
      const [first] = await report(to, "one", { result: "callback", callbackAt });
      expect(first?.answer.outsideRules).toEqual(["consent_missing"]);
      const [second] = await report(to, "two", { result: "qualified", durationSeconds: 0 });
      expect(second?.answer.outsideRules).toEqual(["call_limit_reached"]);
      await become(to, "admin");
      const [row] = await to`select public.admin_queue() as queue`;
      expect(row?.queue).toMatchObject({ callsOutsideRules: 2 });
    }));

  it.each([
    [{ result: "qualified", refused: true }, "Qui refuse d'être démarché n'est ni qualifié ni rappelé."],
    [{ result: "not_qualified", refused: "oui" }, "Vrai ou faux est attendu."],
  ])("%j is none", async (what, message) => {
    await rolledBack(sql, async (to) => {
      await wait(to, { name: "one" });
      await become(to, "agentA");
      const { slug, hint } = await refusal(to.savepoint((inner) => report(inner, "one", what)));
      expect([slug, JSON.parse(hint)]).toEqual([
        "invalid_fields",
        [{ field: "refused", code: "invalid_value", message }],
      ]);
    });
  });
});

it("an admin sees what each lead waits for, and each once", () =>
  rolledBack(sql, async (to) => {
    await openLines(to);
    await setLines(to, { sourcesWithoutConsent: [], callsPer30Days: 1 });
    await wait(
      to,
      { name: "ready" },
      { name: "unproven", consent: false },
      { name: "again" },
      { name: "again-2", email: "again@exemple.test" },
    );
    await called(to, "again", new Date(Date.now() - 3_600_000).toISOString());
    const queue = async () => {
      await become(to, "admin");
      const [row] = await to`select public.admin_queue() as queue`;
      await to`reset role`;
      return row?.queue;
    };
    expect(await queue()).toEqual({
      ready: 1,
      outsideHours: 0,
      overLimit: 2,
      withoutConsent: 1,
      nextOpening: null,
      callsOutsideRules: 0,
    });
    await setLines(to, { days: [] });
    expect(await queue()).toMatchObject({ ready: 0, outsideHours: 1, overLimit: 2, withoutConsent: 1 });
  }));
