import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { asActor, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql, url } = await testDatabase();

describe("the outbox", () => {
  type Event = { id: string; topic: string; attempts: number };
  const emit = (to: Sql, ...topics: string[]) => to`
    select platform.emit('leads', topic, '{"n": 1}') from unnest(${topics}::text[]) as topic`;
  const take = (from: Sql, batch: number, lease = "1 minute") =>
    from<Event[]>`select id, topic, attempts from platform.take_events(${batch}, ${lease}::interval)`;
  const topics = (events: Event[]) => events.map(({ topic }) => topic).sort();
  const empty = () => sql`delete from platform.outbox`;

  it("holds what was committed and nothing that was rolled back", async () => {
    await empty();
    await rolledBack(sql, (transaction) => emit(transaction, "rolled.back"));
    await emit(sql, "committed");
    expect(topics(await take(sql, 10))).toEqual(["committed"]);
  });

  it("gives an event to one of two workers", async () => {
    await empty();
    await emit(sql, "a", "b", "c", "d", "e");
    const worker = postgres(url, { max: 1 });
    const [mine, theirs] = await sql.begin(async (transaction) => {
      const first = await take(transaction, 3);
      return [first, await take(worker, 10)];
    });
    await worker.end();
    expect(mine).toHaveLength(3);
    expect(theirs).toHaveLength(2);
    expect(topics([...mine, ...theirs])).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("gives no more than the batch, the oldest first", async () => {
    await empty();
    await sql`insert into platform.outbox (system, topic, payload, available_at)
      select 'leads', n::text, '{}', now() - n * interval '1 minute' from generate_series(1, 9) n`;
    expect(topics(await take(sql, 2))).toEqual(["8", "9"]);
  });

  it("keeps a leased event to its worker, and gives it out again when the lease is over", async () => {
    await empty();
    await emit(sql, "leased");
    expect(await take(sql, 10, "1 hour")).toHaveLength(1);
    expect(await take(sql, 10)).toHaveLength(0);
    await sql`update platform.outbox set available_at = available_at - interval '1 hour'`;
    expect(await take(sql, 10)).toEqual([expect.objectContaining({ topic: "leased", attempts: 2 })]);
  });

  it("is done with an event that was delivered", async () => {
    await empty();
    await emit(sql, "delivered", "not delivered");
    const events = await take(sql, 10, "0 seconds");
    const done = events.find(({ topic }) => topic === "delivered") as Event;
    await sql`select platform.mark_delivered(array[${done.id}]::uuid[])`;
    expect(topics(await take(sql, 10))).toEqual(["not delivered"]);
  });

  it("is for the workers alone", async () => {
    for (const actor of ["anon", "stranger", "admin"] as const) {
      expect(await refusal(asActor(sql, actor, (transaction) => take(transaction, 1)))).toMatchObject({
        code: "42501",
      });
      expect(await refusal(asActor(sql, actor, (transaction) => emit(transaction, "x")))).toMatchObject({
        code: "42501",
      });
    }
    expect(await asActor(sql, "service_role", (transaction) => take(transaction, 1))).toBeDefined();
  });
});
