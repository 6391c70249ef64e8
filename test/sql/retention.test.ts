import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { openMarket, openOrders } from "../support/market.ts";
import { rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What is removed once it is old, and what stays.

const { sql, url } = await testDatabase();
await openMarket(sql);
await openOrders(sql);

const remove = async (at: Sql, batch = 1000) =>
  (await at`select platform.remove_outdated(${batch}) as removed`)[0]?.removed as Record<string, number>;

// By table: how old its rows are made, and what is removed of them then.
const rules: [relation: string, since: string, days: number][] = [
  ["platform.outbox", "delivered_at", 30],
  ["platform.idempotency_keys", "created_at", 30],
  ["platform.rate_limit_attempts", "expires_at", 1],
  ["platform.deliveries", "delivered_at", 30],
  ["platform.deliveries", "failed_at", 30],
  ["leads.payment_events", "received_at", 400],
];

it("these are all the rules, each with an index to find old rows by", async () => {
  const found = await sql`
    select relation, since, (extract(epoch from term) / 86400)::integer as days from platform.retention_rules order by 1, 2`;
  expect(found.map(({ relation, since, days }) => `${relation} ${since} ${days}`)).toEqual(
    rules.map((rule) => rule.join(" ")).sort(),
  );
  for (const [relation, since] of rules) {
    const indexes = await sql`
      select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = ${relation}::regclass and a.attname = ${since}`;
    expect(indexes.length, `${relation} ${since}`).toBeGreaterThan(0);
  }
});

describe.each(rules)("%s by %s", (relation, since, days) => {
  it(`goes after ${days} days, and not a minute before`, async () => {
    await rolledBack(sql, async (at) => {
      await at`delete from platform.deliveries`;
      await at`select platform.send_message('mail', 'leads', 'x', '{}')`;
      await at`update leads.payment_events set outcome = 'done', order_id = (select id from leads.pack_orders limit 1)`;
      const rows = async () => (await at.unsafe(`select from ${relation}`)).length;
      const before = await rows();
      expect(before).toBeGreaterThan(0);
      const aged = (more: string) =>
        at.unsafe(`update ${relation} set ${since} = now() - interval '${days} days' ${more} interval '1 minute'`);
      await aged("+");
      expect((await remove(at))[relation]).toBeUndefined();
      await at`update platform.retention_rules set checked_at = '-infinity'`;
      await aged("-");
      expect((await remove(at))[relation]).toBe(before);
      expect(await rows()).toBe(0);
    });
  });
});

it("what is not over stays, however old: an event that nobody was told of, a mail that waits, a refund before its payment", async () => {
  await rolledBack(sql, async (at) => {
    await at`update platform.outbox set delivered_at = null, created_at = now() - interval '10 years'`;
    await at`select platform.send_message('mail', 'leads', 'x', '{}')`;
    await at`update platform.deliveries set created_at = now() - interval '10 years'`;
    await at`update leads.payment_events set received_at = now() - interval '10 years', outcome = 'waiting'`;
    expect(await remove(at)).toEqual({});
    await at`update leads.payment_events set outcome = 'reported', order_id = null`;
    await at`update platform.retention_rules set checked_at = '-infinity'`;
    expect(await remove(at)).toEqual({});
  });
});

it("goes on by batches until nothing is left, and rests then", async () => {
  await rolledBack(sql, async (at) => {
    await at`delete from platform.outbox`;
    await at`insert into platform.outbox (system, topic, payload, delivered_at)
      select 'leads', 'x', '{}', now() - interval '1 year' from generate_series(1, 5)`;
    const counts = [await remove(at, 2), await remove(at, 2), await remove(at, 2)];
    expect(counts.map((removed) => removed["platform.outbox"])).toEqual([2, 2, 1]);
    await at`insert into platform.outbox (system, topic, payload, delivered_at) values ('leads', 'x', '{}', now() - interval '1 year')`;
    expect(await remove(at, 2)).toEqual({});
    await at`update platform.retention_rules set checked_at = checked_at - interval '10 minutes'`;
    expect(await remove(at, 2)).toEqual({ "platform.outbox": 1 });
  });
});

it("a row that something refers to stays, however many there are, and what is younger goes", async () => {
  await rolledBack(sql, async (at) => {
    await at`delete from platform.outbox`;
    await at`insert into platform.outbox (system, topic, payload, delivered_at)
      select 'leads', 'x' || n, '{}', now() - interval '1 year' + n * interval '1 minute' from generate_series(1, 8) n`;
    await at`create table platform.holders (event_id uuid references platform.outbox (id))`;
    await at`insert into platform.holders select id from platform.outbox where topic in ('x1', 'x2', 'x3', 'x5')`;
    const counts = [await remove(at, 2), await remove(at, 2), await remove(at, 2)];
    expect(counts.map((removed) => removed["platform.outbox"])).toEqual([2, 2, undefined]);
    const left = await at`select topic from platform.outbox order by topic`;
    expect(left.map(({ topic }) => topic)).toEqual(["x1", "x2", "x3", "x5"]);
  });
});

it("one worker passes over what another removes", async () => {
  const other = postgres(url, { max: 1 });
  try {
    await sql`update platform.outbox set delivered_at = now() - interval '1 year'`;
    await rolledBack(sql, async (at) => {
      expect(await remove(at)).toHaveProperty(["platform.outbox"]);
      expect(await remove(other)).toEqual({});
    });
    expect(await remove(other)).toHaveProperty(["platform.outbox"]);
  } finally {
    await other.end();
  }
});

it("a rule of less than a day, and one for a table that is none, are refused", async () => {
  const short = sql`select platform.retain('platform.outbox', 'created_at', '1 hour')`;
  await expect(short).rejects.toMatchObject({ code: "23514" });
  await expect(sql`select platform.retain('platform.nothing', 'created_at', '1 year')`).rejects.toMatchObject({
    code: "42P01",
  });
});

// Stand-ins for what a hosted project has, with the signatures that its extensions give them.
const hosted = `
  create schema cron; create schema vault; create schema net;
  create table cron.job (jobname text primary key, schedule text, command text);
  create function cron.schedule(text, text, text) returns bigint language sql as $$
    insert into cron.job values ($1, $2, $3) on conflict (jobname) do update set schedule = $2, command = $3 returning 1::bigint $$;
  create table vault.secrets (name text unique, secret text);
  create view vault.decrypted_secrets as select name, secret as decrypted_secret from vault.secrets;
  create function vault.create_secret(new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null)
    returns uuid language sql as $$ insert into vault.secrets values ($2, $1) returning gen_random_uuid() $$;
  create table net.calls (url text, headers jsonb);
  create function net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb default '{}',
    timeout_milliseconds integer default 5000) returns bigint language sql as $$ insert into net.calls values (url, headers) returning 1::bigint $$`;

describe("the schedule of the worker", () => {
  const schedule = async (at: Sql, key: string) =>
    (await at`select platform.schedule_outbox('https://x.supabase.co/functions/v1/outbox', ${key}) as done`)[0]?.done;

  it("is not set up where the database has not what it takes", async () => {
    expect(await schedule(sql, "key")).toBe(false);
  });

  it("calls with the key of Vault, which is in no job, and is set up again in the place of the last", async () => {
    await rolledBack(sql, async (at) => {
      await at.unsafe(hosted);
      expect(await schedule(at, "old-key")).toBe(true);
      expect(await schedule(at, "sb_secret_new")).toBe(true);
      const jobs = await at`select * from cron.job`;
      expect(jobs).toMatchObject([{ jobname: "outbox", schedule: "10 seconds" }]);
      expect(JSON.stringify(jobs)).not.toContain("sb_secret_new");
      await at.unsafe(jobs[0]?.command);
      expect(await at`select * from net.calls`).toEqual([
        { url: "https://x.supabase.co/functions/v1/outbox", headers: { apikey: "sb_secret_new" } },
      ]);
    });
  });
});
