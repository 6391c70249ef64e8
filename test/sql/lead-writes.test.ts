import postgres from "postgres";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { setLines } from "../support/calling.ts";
import { addUsers, idOf, openMarket } from "../support/market.ts";
import { asActor, committedAs, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What must hold when many write at once: no lead for two agents, no change over another's, no figure that is lost.

const { sql, url } = await testDatabase();
await openMarket(sql);

const crowdSize = 20;
const agents = Array.from({ length: crowdSize }, (_, number) => `crowd${number}`);

beforeAll(async () => {
  await addUsers(sql, ...agents);
  await sql`insert into platform.memberships ${sql(agents.map((who) => ({ user_id: idOf(who), system: "leads", role: "agent" })))}`;
});

beforeEach(async () => {
  await sql`delete from leads.calls where lead_id in (select id from leads.leads where company = 'Queue')`;
  await sql`delete from leads.leads where company = 'Queue'`;
  // The market's own leads that wait are no part of the queue here.
  await sql`update leads.leads set status = 'rejected', qualification_status = 'not_qualified' where company <> 'Queue' and status <> 'sold'`;
});

/** Leads that wait, oldest first; all of one file. */
async function fillQueue(count: number): Promise<void> {
  await sql`with added as (
      insert into leads.leads (id, reference, supplier_id, import_id, first_name, last_name_mask, company, sector, region)
      select platform.uuid_v7(now() + n * interval '1 millisecond'), 'queue-' || n, ${idOf("supplierA")}, ${idOf("import-a")}, 'Zoé', 'S.', 'Queue', 'Isolation', 'Bretagne' from generate_series(1, ${count}) n
      returning id, reference
    ) insert into leads.lead_contacts (lead_id, supplier_id, last_name, email)
      select id, ${idOf("supplierA")}, 'Secret', reference || '@example.test' from added`;
}

type Lead = { id: string; reservedUntil: string };

const next = async (connection: postgres.Sql, who: string): Promise<Lead | null> =>
  committedAs(
    connection,
    who,
    async (to) => (await to<{ lead: Lead | null }[]>`select public.agent_next_lead() as lead`)[0]?.lead ?? null,
  );

const qualify = (connection: postgres.Sql, who: string, id: string, result: string) =>
  committedAs(connection, who, (to) =>
    to`select public.lead_qualify(${id}, ${to.json({ result, durationSeconds: 60 })})`.then(() => undefined),
  );

async function withCrowd<Result>(work: (connections: postgres.Sql[]) => Promise<Result>): Promise<Result> {
  const connections = agents.map(() => postgres(url, { max: 1, onnotice: () => undefined }));
  try {
    return await work(connections);
  } finally {
    await Promise.all(connections.map((connection) => connection.end()));
  }
}

/** An agent's day: calls until nobody is left to call. Every third lead is not qualified. */
async function workThrough(connection: postgres.Sql, who: string): Promise<string[]> {
  const called: string[] = [];
  for (let lead = await next(connection, who); lead; lead = await next(connection, who)) {
    called.push(lead.id);
    await qualify(connection, who, lead.id, called.length % 3 === 0 ? "not_qualified" : "qualified");
  }
  return called;
}

describe("the queue", () => {
  it("of 1,000 leads is emptied by 20 agents at once: each lead once, none left behind", {
    timeout: 120_000,
  }, async () => {
    await fillQueue(1000);
    const days = await withCrowd((connections) =>
      Promise.all(agents.map((who, n) => workThrough(connections[n] as postgres.Sql, who))),
    );
    const called = days.flat();
    expect(called).toHaveLength(1000);
    expect(new Set(called).size).toBe(1000);
    expect(days.every((day) => day.length > 0)).toBe(true);
    const left =
      await sql`select from leads.leads where company = 'Queue' and qualification_status not in ('qualified', 'not_qualified')`;
    expect(left).toHaveLength(0);
    expect(
      await sql`select from leads.calls where lead_id in (select id from leads.leads where company = 'Queue')`,
    ).toHaveLength(1000);
    expect(
      (await sql`select qualification_status as status from leads.imports where id = ${idOf("import-a")}`)[0],
    ).toEqual({ status: "termine" });
    expect([...(await sql`select * from leads.verify_rollups()`)]).toEqual([]);
  });

  it("gives the leads of an agent who died to others when his time is over, and not before", async () => {
    await fillQueue(1);
    await withCrowd(async ([dying, other]) => {
      const lead = await next(dying as postgres.Sql, "crowd0");
      expect(await next(other as postgres.Sql, "crowd1")).toBeNull();
      await sql`update leads.leads set reserved_until = now() where reference = ${lead?.id as string}`;
      expect(await next(other as postgres.Sql, "crowd1")).toMatchObject({ id: lead?.id });
      expect(await next(dying as postgres.Sql, "crowd0")).toBeNull();
    });
  });

  it("gives a lead back at once where the agent's transaction is lost", async () => {
    await fillQueue(1);
    await withCrowd(async ([one, two]) => {
      const lost = rolledBack(one as postgres.Sql, async (to) => {
        await to`select set_config('request.jwt.claims', ${JSON.stringify({ role: "authenticated", sub: idOf("crowd0") })}, true)`;
        await to`select public.agent_next_lead()`;
        // Locked, not waited for.
        expect(await next(two as postgres.Sql, "crowd1")).toBeNull();
      });
      await lost;
      expect(await next(two as postgres.Sql, "crowd1")).toMatchObject({ id: "queue-1" });
    });
  });

  it("is served in order: callbacks that are due, reservations that ran out, the oldest, and what is adrift", async () => {
    await fillQueue(6);
    await sql`update leads.leads set qualification_status = 'callback', callback_at = now() - interval '1 hour' where reference = 'queue-4'`;
    await sql`update leads.leads set qualification_status = 'callback', callback_at = now() + interval '1 hour' where reference = 'queue-1'`;
    await sql`update leads.leads set qualification_status = 'in_progress', agent_id = ${idOf("crowd9")}, reserved_until = now() where reference = 'queue-5'`;
    await sql`update leads.leads set qualification_status = 'in_progress' where reference = 'queue-6'`;
    await withCrowd(async (connections) => {
      const given = [];
      for (let n = 0; n < 6; n++) given.push((await next(connections[n] as postgres.Sql, `crowd${n}`))?.id ?? null);
      expect(given).toEqual(["queue-4", "queue-5", "queue-2", "queue-3", "queue-6", null]);
    });
  });

  it("passes over leads that were withdrawn", async () => {
    await fillQueue(1);
    await sql`update leads.leads set withdrawn_at = now() where reference = 'queue-1'`;
    await withCrowd(async ([one]) => expect(await next(one as postgres.Sql, "crowd0")).toBeNull());
  });
});

describe("a person who is in several leads", () => {
  const personOf = (reference: string, people: number) => Number(reference.split("-")[1]) % people;

  /** Leads of so many people: of each the telephone is the first or the second one of a lead, and the e-mails differ. */
  async function fillWithPeople(people: number, leadsEach: number): Promise<void> {
    await fillQueue(people * leadsEach);
    await sql`update leads.lead_contacts c set
        phone = case when n % 3 = 0 then '+33 7 39 98 ' || to_char(n, 'FM00 00') else person end, phone2 = case when n % 3 = 0 then person end
      from (select l.id, n, '+33 6 39 98 00 ' || to_char(n % ${people}::integer, 'FM00') as person
        from leads.leads l cross join lateral (select split_part(l.reference, '-', 2)::integer as n) named where l.company = 'Queue') l
      where l.id = c.lead_id`;
  }

  const setLimit = (callsPer30Days: number | null) => setLines(sql, { callsPer30Days });
  afterEach(() => setLimit(null));

  it("is at one of twenty agents who ask at once", async () => {
    await fillWithPeople(3, 20);
    const given = await withCrowd((connections) =>
      Promise.all(agents.map((who, n) => next(connections[n] as postgres.Sql, who))),
    );
    const people = given.flatMap((lead) => (lead ? [personOf(lead.id, 3)] : []));
    expect(people.sort()).toEqual([0, 1, 2]);
  });

  it("is called as often as he may be and not once more, whatever twenty agents do at once", {
    timeout: 120_000,
  }, async () => {
    await fillWithPeople(10, 12);
    await setLimit(4);
    const days = await withCrowd((connections) =>
      Promise.all(agents.map((who, n) => workThrough(connections[n] as postgres.Sql, who))),
    );
    const called = days.flat().map((id) => personOf(id, 10));
    expect(called.sort()).toEqual(Array.from({ length: 40 }, (_, n) => Math.floor(n / 4)));
    expect([...(await sql`select from leads.people_at_agents where until > now()`)]).toEqual([]);
    expect([...(await sql`select * from leads.verify_rollups()`)]).toEqual([]);
  });

  it("is called once, if once he may be, by twenty who report on his leads by their references", async () => {
    await fillWithPeople(1, crowdSize);
    await setLimit(1);
    const outcomes = await withCrowd((connections) =>
      Promise.all(
        agents.map((who, n) =>
          qualify(connections[n] as postgres.Sql, who, `queue-${n + 1}`, "qualified").then(
            () => "done",
            (error: postgres.PostgresError) => error.detail,
          ),
        ),
      ),
    );
    expect(outcomes.sort()).toEqual([...Array(crowdSize - 1).fill("call_limit_reached"), "done"]);
  });

  it("is given to another agent when the reservation ends, by whatever end", async () => {
    const ends = [
      (id: string) => sql`update leads.leads set reserved_until = now() where reference = ${id}`,
      (id: string) => sql`update leads.leads set reserved_until = null where reference = ${id}`,
      (id: string) => sql`update leads.leads set withdrawn_at = now(), reserved_until = null where reference = ${id}`,
      (id: string) => sql`update leads.leads set sector = 'Pompe à Chaleur' where reference = ${id}`,
      (id: string) => sql`delete from leads.leads where reference = ${id}`,
    ];
    for (const end of ends) {
      await sql`delete from leads.leads where company = 'Queue'`;
      await fillWithPeople(1, 2);
      await withCrowd(async ([one, two]) => {
        const first = await next(one as postgres.Sql, "crowd0");
        expect(first).toMatchObject({ id: "queue-1" });
        expect(await next(two as postgres.Sql, "crowd1")).toBeNull();
        await end("queue-1");
        expect(await next(two as postgres.Sql, "crowd1")).not.toBeNull();
      });
    }
  });
});

describe("a lead", () => {
  it("that twenty people change on one version is changed by one of them", async () => {
    await fillQueue(1);
    const [row] =
      await sql`select platform.iso_timestamp(updated_at) as version from leads.leads where reference = 'queue-1'`;
    const change = (connection: postgres.Sql, city: string) =>
      connection.begin(async (to) => {
        await to`select set_config('request.jwt.claims', ${JSON.stringify({ role: "authenticated", sub: idOf("fournisseurA") })}, true)`;
        await to`set local role authenticated`;
        await to`select public.lead_update('queue-1', ${to.json({ city })}, ${row?.version as string})`;
      });
    const outcomes = await withCrowd((connections) =>
      Promise.allSettled(connections.map((connection, n) => change(connection, `Ville ${n}`))),
    );
    const done = outcomes.flatMap(({ status }, n) => (status === "fulfilled" ? [n] : []));
    expect(done).toHaveLength(1);
    const refusals = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason.code] : []));
    expect(new Set(refusals)).toEqual(new Set(["PT412"]));
    expect((await sql`select city from leads.leads where reference = 'queue-1'`)[0]).toEqual({
      city: `Ville ${done[0]}`,
    });
  });

  it("is scored from what is known of it: the features add up to the score, whatever their points", async () => {
    await fillQueue(1);
    const score = (to: Sql) =>
      to<{ feature: string; contribution: number }[]>`
        select s.* from leads.leads l, leads.score_lead(l.id) s where l.reference = 'queue-1'`;
    const sum = (rows: { contribution: number }[]) => rows.reduce((total, { contribution }) => total + contribution, 0);
    await rolledBack(sql, async (to) => {
      const poor = sum(await score(to));
      await to`update leads.lead_contacts set phone = '+33 6 12 34 56 78', notes = 'Projet de travaux dans le mois'
        where lead_id = (select id from leads.leads where reference = 'queue-1')`;
      const rich = sum(await score(to));
      expect(rich).toBeGreaterThan(poor + 20);
      await to`insert into leads.score_features (feature, contribution, description) values ('Zone géographique', 500, 'Beaucoup')`;
      const weighted = await score(to);
      expect(sum(weighted)).toBeLessThanOrEqual(100);
      expect(weighted.find(({ feature }) => feature === "Zone géographique")?.contribution).toBeGreaterThan(40);
    });
  });

  it("without a person who may be named is not written, by anybody", async () => {
    for (const actor of ["agentA", "acheteurA", "stranger"] as const) {
      const { code } = await refusal(asActor(sql, actor, (to) => to`select public.lead_create('{}')`));
      expect(code).toBe("PT403");
    }
    expect((await refusal(asActor(sql, "anon", (to) => to`select public.lead_create('{}')`))).code).toBe("42501");
  });
});

it("a form and a file judge a value alike", async () => {
  const values = {
    email: "JEAN@Example.test",
    phone: "06.12.34.56.78",
    price: "1 234,50 €",
    isExclusive: "oui",
    score: "87,4",
  };
  await rolledBack(sql, async (to) => {
    const [checked] =
      await to`select (c.checked).*, c.problems from leads.check_lead(${to.json({ ...values, lastName: " Durand ", sector: "pv", region: "idf" })}) c`;
    expect(checked).toMatchObject({
      ...{
        last_name: "Durand",
        email: "jean@example.test",
        phone: "+33 6 12 34 56 78",
        price_cents: 123450,
        is_exclusive: true,
        score: 87,
      },
      ...{ sector: "Énergie Solaire", region: "Île-de-France", problems: [] },
    });
    expect(await to`select from leads.import_rows where first_name is null and last_name = ' Durand '`).toHaveLength(0);
  });
});
