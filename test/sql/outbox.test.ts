import postgres from "postgres";
import { beforeEach, describe, expect, it } from "vitest";
import { schemaFiles } from "../../scripts/db/sql-files.ts";
import { idOf, openMarket } from "../support/market.ts";
import { asActor, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql, url } = await testDatabase();
await openMarket(sql);

type Row = { id: string; topic: string; attempts: number; lane: string };

const emit = (to: Sql, ...topics: string[]) => to`
  select platform.emit('leads', topic, '{"n": 1}') from unnest(${topics}::text[]) as topic`;
const take = (from: Sql, batch = 50, lease = "1 minute", busy: string[] = []) =>
  from<Row[]>`select id, topic, attempts, lane from platform.take_deliveries(${batch}, ${lease}::interval, ${busy})`;
const topics = (rows: { topic: string }[]) => rows.map(({ topic }) => topic).sort();
const add = (at: Sql, name: string, events = ["*"], system = "leads", address = "https://hooks.example.test/in") =>
  at`select platform.add_webhook(${idOf(name)}, ${system}, ${address}, ${events}, 'v1.sealed')`;
const mail = async (at: Sql, topic = "mail", before: string | null = null) => {
  const [row] = await at<{ id: string }[]>`
    select platform.send_message('mail', 'leads', ${topic}, '{"to": "zoe@example.test"}', ${before}) as id`;
  return row?.id as string;
};
const found = async (at: Sql, id: string) => (await at`select * from platform.deliveries where id = ${id}`)[0];
const fail = async (at: Sql, { id, attempts }: Row, final = false) =>
  (await at`select platform.mark_failed(${id}, ${attempts}, 'http_500', ${final}) as over`)[0]?.over;
const operators = { role: "service_role" };

beforeEach(async () => {
  await sql`delete from platform.outbox`;
  await sql`delete from platform.deliveries`;
  await sql`delete from platform.webhook_endpoints`;
});
const asOperators = <Result>(work: (at: Sql) => Promise<Result>) =>
  sql.begin(async (at) => {
    await at`select set_config('request.jwt.claims', ${JSON.stringify(operators)}, true)`;
    return work(at);
  }) as Promise<Result>;

describe("an event", () => {
  it("goes to each endpoint of its system that wants it, once", async () => {
    await asOperators(async (at) => {
      await add(at, "all");
      await add(at, "orders", ["order.paid", "order.refunded"]);
      await add(at, "elsewhere", ["*"], "other");
    });
    await rolledBack(sql, (at) => emit(at, "rolled.back"));
    await emit(sql, "order.paid", "lead.created");
    const taken = await take(sql);
    expect(taken.map(({ lane, topic }) => `${lane} ${topic}`).sort()).toEqual(
      [`${idOf("all")} lead.created`, `${idOf("all")} order.paid`, `${idOf("orders")} order.paid`].sort(),
    );
    expect(await take(sql)).toHaveLength(0);
    expect(await sql`select from platform.outbox where delivered_at is null`).toHaveLength(0);
  });

  it("waits for its deliveries where the one who writes them dies", async () => {
    await asOperators((at) => add(at, "all"));
    await emit(sql, "order.paid");
    await rolledBack(sql, async (at) => expect(await take(at)).toHaveLength(1));
    expect(await take(sql)).toHaveLength(1);
  });

  it("of before an endpoint is not sent to it", async () => {
    await emit(sql, "early.bird");
    await asOperators((at) => add(at, "late"));
    expect(await take(sql)).toHaveLength(0);
  });

  it("waits while its endpoint is paused", async () => {
    await asOperators((at) => add(at, "all"));
    await asOperators((at) => at`select platform.set_webhook_status(${idOf("all")}, 'paused')`);
    await emit(sql, "order.paid");
    expect(await take(sql)).toHaveLength(0);
    await asOperators((at) => at`select platform.set_webhook_status(${idOf("all")}, 'active')`);
    expect(await take(sql)).toHaveLength(1);
  });
});

it("no event is written with a field that nobody has looked at: none holds a name, an address or free text", () => {
  const calls = schemaFiles().flatMap(({ text }) =>
    [...text.matchAll(/platform\.emit\('[^;]*;/g)].map(([call]) => call),
  );
  expect(calls.length).toBeGreaterThan(15);
  const fields = calls.flatMap((call) =>
    [...call.matchAll(/[(,]\s*'([A-Za-z_]+)',(?=\s*[^'\s])/g)].map(([, name]) => name),
  );
  const known = [
    "buyers",
    "call",
    "import",
    "inserted",
    "invalid",
    "lead",
    "order",
    "read",
    "refund",
    "removed",
    "restored",
  ];
  const more = ["return", "score", "updated", "duplicates", "leads"];
  expect([...new Set(fields)].filter((name) => ![...known, ...more].includes(name ?? ""))).toEqual([]);
});

describe("a delivery", () => {
  it("is given to one of two workers", async () => {
    for (const topic of ["a", "b", "c", "d", "e"]) await mail(sql, topic);
    const worker = postgres(url, { max: 1 });
    const [mine, theirs] = await sql.begin(async (at) => {
      const first = await take(at, 30);
      return [first, await take(worker, 100)];
    });
    await worker.end();
    expect(mine).toHaveLength(3);
    expect(topics([...mine, ...theirs])).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("is the oldest of its lane, and a full lane leaves room for the others", async () => {
    await asOperators((at) => add(at, "all"));
    await sql`select platform.send_message('mail', 'leads', n::text, '{}') from generate_series(1, 30) n`;
    await sql`update platform.deliveries set available_at = now() - topic::integer * interval '1 minute'`;
    await emit(sql, "order.paid");
    expect(topics(await take(sql, 20))).toEqual(["29", "30", "order.paid"]);
    expect(topics(await take(sql, 20, "1 minute", ["mail"]))).toEqual([]);
  });

  it("stays with its worker for the lease, and is given out again afterwards", async () => {
    const id = await mail(sql);
    expect(await take(sql, 50, "1 hour")).toHaveLength(1);
    expect(await take(sql)).toHaveLength(0);
    await sql`update platform.deliveries set available_at = now()`;
    expect(await take(sql)).toMatchObject([{ id, attempts: 2 }]);
  });

  it("that has arrived is over, and a mail's address with it", async () => {
    const id = await mail(sql);
    await take(sql, 50, "0 seconds");
    await sql`select platform.mark_delivered(array[${id}]::uuid[])`;
    expect(await take(sql)).toHaveLength(0);
    expect(await found(sql, id)).toMatchObject({ payload: {}, error: null, delivered_at: expect.any(Date) });
  });

  it("that fails is tried eight times, ever later, and has failed then", async () => {
    const id = await mail(sql);
    const pauses = [];
    for (let attempt = 1; attempt <= 8; attempt++) {
      const [taken] = await take(sql);
      expect(await fail(sql, taken as Row)).toBe(attempt === 8);
      const [row] = await sql`
        select round(extract(epoch from available_at - now()) / 5)::int * 5 as pause from platform.deliveries where id = ${id}`;
      pauses.push(row?.pause);
      await sql`update platform.deliveries set available_at = now()`;
    }
    expect(pauses).toEqual([5, 60, 300, 1800, 7200, 28800, 86400, 0]);
    expect(await take(sql)).toHaveLength(0);
    expect(await found(sql, id)).toMatchObject({ error: "http_500", failed_at: expect.any(Date) });
  });

  it("fails at once where the worker says that it is for good", async () => {
    await mail(sql);
    const [taken] = await take(sql);
    expect(await fail(sql, taken as Row, true)).toBe(true);
  });

  it("is not failed by a worker whose lease is over, and is delivered by him all the same", async () => {
    const id = await mail(sql);
    const [first] = await take(sql, 50, "0 seconds");
    await take(sql);
    expect(await fail(sql, first as Row, true)).toBeNull();
    expect(await found(sql, id)).toMatchObject({ failed_at: null, error: null });
    await sql`select platform.mark_delivered(array[${id}]::uuid[])`;
    expect(await found(sql, id)).toMatchObject({ delivered_at: expect.any(Date) });
  });

  it("that takes its worker with it each time is given up", async () => {
    const id = await mail(sql);
    for (let attempt = 1; attempt <= 8; attempt++) expect(await take(sql, 50, "0 seconds")).toHaveLength(1);
    expect(await take(sql)).toHaveLength(0);
    expect(await found(sql, id)).toMatchObject({ error: "abandoned", failed_at: expect.any(Date) });
  });

  it("that would come too late is not made", async () => {
    const id = await mail(sql, "reminder", "2026-01-01T20:00:00Z");
    expect(await take(sql)).toHaveLength(0);
    expect(await found(sql, id)).toMatchObject({ error: "expired", failed_at: expect.any(Date) });
  });

  it("names nobody in its error", async () => {
    const id = await mail(sql);
    await take(sql);
    const named = sql`select platform.mark_failed(${id}, 1, 'zoe@example.test')`;
    expect(await refusal(named)).toMatchObject({ code: "23514" });
  });
});

describe("by whom", () => {
  const count = async (at: Sql) => (await at`select from platform.deliveries`).length;

  it("deliveries are taken and marked: the workers alone", async () => {
    const id = await mail(sql);
    for (const actor of ["anon", "stranger", "admin"] as const) {
      const works: ((at: Sql) => Promise<unknown>)[] = [
        (at: Sql) => take(at),
        (at: Sql) => emit(at, "x"),
        (at: Sql) => mail(at),
        (at: Sql) => at`select platform.mark_delivered(array[${id}]::uuid[])`,
        (at: Sql) => at`select platform.mark_failed(${id}, 0, 'x')`,
        (at: Sql) => at`select platform.spread_events()`,
        (at: Sql) => at`select platform.remove_outdated()`,
        (at: Sql) => at`select platform.schedule_outbox('https://example.test', 'key')`,
      ];
      for (const work of works) {
        expect(await refusal(asActor(sql, actor, work)), actor).toMatchObject({ code: "42501" });
      }
    }
    expect(await asActor(sql, "service_role", (at) => take(at))).toHaveLength(1);
  });

  it("an endpoint is added: an admin of its system", async () => {
    for (const actor of ["stranger", "acheteurA", "agentA", "otherAdmin"] as const) {
      const refused = await refusal(asActor(sql, actor, (at) => add(at, "mine")));
      expect(refused, actor).toMatchObject({ code: "PT403", slug: "forbidden" });
    }
    expect(await refusal(asActor(sql, "anon", (at) => add(at, "mine")))).toMatchObject({ code: "42501" });
    for (const actor of ["admin", "service_role"] as const) {
      await asActor(sql, actor, async (at) => {
        await add(at, "mine");
        expect(await at`select url from platform.webhook_endpoints`).toHaveLength(1);
      });
    }
  });

  it("an endpoint is tested, paused and removed: an admin of its system, and nobody else hears of it", async () => {
    await asOperators((at) => add(at, "mine"));
    const works = [
      (at: Sql) => at`select platform.test_webhook(${idOf("mine")})`,
      (at: Sql) => at`select platform.set_webhook_status(${idOf("mine")}, 'paused')`,
      (at: Sql) => at`select platform.remove_webhook(${idOf("mine")})`,
    ];
    for (const work of works) {
      for (const actor of ["stranger", "acheteurA", "otherAdmin"] as const) {
        const refused = await refusal(asActor(sql, actor, work));
        expect(refused, actor).toMatchObject({ code: "PT404", slug: "webhook_not_found" });
      }
      expect(await refusal(asActor(sql, "anon", work))).toMatchObject({ code: "42501" });
      await asActor(sql, "admin", work);
    }
    expect(await sql`select status from platform.webhook_endpoints`).toEqual([{ status: "active" }]);
  });

  it("a failed call is made again: an admin of the system; a mail: the operators", async () => {
    await asOperators((at) => add(at, "mine"));
    await emit(sql, "order.paid");
    const letter = await mail(sql);
    for (const row of await take(sql)) await fail(sql, row, true);
    const [call] = await sql`select id from platform.deliveries where kind = 'webhook'`;
    const retry = (id: string) => (at: Sql) => at`select platform.retry_delivery(${id})`;
    for (const actor of ["stranger", "otherAdmin"] as const) {
      expect(await refusal(asActor(sql, actor, retry(call?.id)))).toMatchObject({ slug: "delivery_not_found" });
    }
    expect(await refusal(asActor(sql, "admin", retry(letter)))).toMatchObject({ slug: "delivery_not_found" });
    await asActor(sql, "admin", retry(call?.id));
    await asOperators(retry(call?.id));
    await asOperators(retry(letter));
    expect(await take(sql)).toHaveLength(2);
    expect(await refusal(asOperators(retry(letter)))).toMatchObject({ slug: "delivery_not_found" });
  });

  it("mails are read: nobody; calls of webhooks: an admin of the system, and the secret nobody", async () => {
    await asOperators((at) => add(at, "mine"));
    await emit(sql, "order.paid");
    await mail(sql);
    await take(sql);
    expect(await asActor(sql, "admin", count)).toBe(1);
    expect(await asActor(sql, "otherAdmin", count)).toBe(0);
    for (const actor of ["admin", "stranger", "service_role"] as const) {
      const look = asActor(sql, actor, (at) => at`select sealed_secret from platform.webhook_secrets`);
      expect(await refusal(look)).toMatchObject({ code: "42501" });
    }
  });
});

describe("an endpoint is refused", () => {
  it.each([
    "http://hooks.example.test/in",
    "https://user:password@hooks.example.test/",
    "https://hooks.example.test/a b",
    "ftp://hooks.example.test/",
    "http://localhost.example.test/",
    "https://",
  ])("at %s", async (address) => {
    expect(await refusal(asOperators((at) => add(at, "x", ["*"], "leads", address)))).toMatchObject({
      slug: "webhook_url_refused",
    });
  });

  it("for no event, for one that can be none, of an unknown system, with a secret that is not sealed, and twice", async () => {
    for (const events of [[], ["Order Paid"], ["*", "order.paid"]]) {
      expect(await refusal(asOperators((at) => add(at, "x", events)))).toMatchObject({ slug: "webhook_refused" });
    }
    expect(await refusal(asOperators((at) => add(at, "x", ["*"], "nowhere")))).toMatchObject({
      slug: "unknown_system",
    });
    const clear = (at: Sql) =>
      at`select platform.add_webhook(gen_random_uuid(), 'leads', 'https://a.test', '{*}', 'whsec_x')`;
    expect(await refusal(asOperators(clear))).toMatchObject({ slug: "webhook_refused" });
    await asOperators((at) => add(at, "x"));
    expect(await refusal(asOperators((at) => add(at, "x")))).toMatchObject({ code: "PT409", slug: "webhook_exists" });
  });

  it("at an address of more than 2,000 characters", async () => {
    const long = `https://hooks.example.test/${"a".repeat(2000)}`;
    const refused = await refusal(asOperators((at) => add(at, "x", ["*"], "leads", long)));
    expect(refused).toMatchObject({ slug: "webhook_url_refused" });
  });

  it("but not on the machine itself", async () => {
    for (const address of ["http://127.0.0.1:9000/in", "http://localhost/", "http://[::1]:9000"]) {
      await rolledBack(sql, async (at) => {
        await at`select set_config('request.jwt.claims', ${JSON.stringify(operators)}, true)`;
        await add(at, "x", ["*"], "leads", address);
      });
    }
  });
});
