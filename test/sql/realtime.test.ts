import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { type Actor, idOf, openMarket } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// Notifications over Realtime. The database of the tests has none, so a stand-in takes its place within a transaction:
// as on the platform, realtime.send writes a row with the rights of who calls it.

const { sql, url } = await testDatabase();
await openMarket(sql);

const standIn = `
  create schema realtime;
  create table realtime.messages (topic text, extension text, event text, payload jsonb, private boolean);
  alter table realtime.messages enable row level security;
  create function realtime.topic() returns text language sql stable
    as $$ select nullif(current_setting('realtime.topic', true), '') $$;
  create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void language sql
    as $$ insert into realtime.messages values (topic, 'broadcast', event, payload, private) $$;
  grant usage on schema realtime to anon, authenticated;
  grant select, insert on realtime.messages to anon, authenticated;
  grant execute on all functions in schema realtime to anon, authenticated;`;

const failingSend = `
  create schema realtime;
  create function realtime.send(payload jsonb, event text, topic text, private boolean) returns void language plpgsql
    as $$ begin raise exception 'Realtime is out of order'; end $$;`;

/** Writes one notification for each of the actors, in one statement; their references. */
async function notify(at: Sql, ...actors: Actor[]): Promise<string[]> {
  const rows = actors.map((actor) => ({
    user_id: idOf(actor),
    system: "leads",
    type: "success",
    title: `Bonjour ${actor}`,
    message: "L'import est terminé.",
    created_at: "2026-03-01T08:30:00Z",
  }));
  const written = await at<{ reference: string }[]>`insert into platform.notifications ${at(rows)} returning reference`;
  return written.map(({ reference }) => reference);
}

const sent = async (at: Sql) => [...(await at`select * from realtime.messages order by payload ->> 'id'`)];

/** Does `work` in a transaction that is rolled back; what Postgres warned of in it. */
async function warnings(work: (at: Sql) => Promise<void>): Promise<string[]> {
  const said: string[] = [];
  const own = postgres(url, { max: 1, onnotice: ({ severity, message }) => said.push(`${severity}: ${message}`) });
  await rolledBack(own, work).finally(() => own.end());
  return said;
}

const held = async (at: Sql, references: string[]) =>
  (await at`select from platform.notifications where reference = any (${references})`).length;

describe("without Realtime", () => {
  it("a notification is written, and nothing else happens", async () => {
    const warned = await warnings(async (at) => {
      expect(await held(at, await notify(at, "acheteurA"))).toBe(1);
    });
    expect(warned).toEqual([]);
  });

  it("there is nothing to listen to", async () => {
    expect([...(await sql`select platform.authorize_realtime() as authorized`)]).toEqual([{ authorized: false }]);
  });

  it("a schema of that name with another send is left alone", async () => {
    const warned = await warnings(async (at) => {
      await at.unsafe(`create schema realtime; create function realtime.send(text) returns void language plpgsql
        as $$ begin raise exception 'Not this one'; end $$`);
      expect(await held(at, await notify(at, "acheteurA"))).toBe(1);
    });
    expect(warned).toEqual([]);
  });
});

describe("with Realtime", () => {
  it("each notification goes once to the private channel of its recipient, and to no other", async () => {
    await rolledBack(sql, async (at) => {
      await at.unsafe(standIn);
      const [toBuyer, toSupplier] = await notify(at, "acheteurA", "fournisseurA");
      const message = (id: string | undefined, actor: Actor) => ({
        topic: `user:${idOf(actor)}`,
        extension: "broadcast",
        event: "notification",
        private: true,
        payload: {
          ...{ id, type: "success", title: `Bonjour ${actor}`, message: "L'import est terminé.", system: "leads" },
          createdAt: "2026-03-01T08:30:00Z",
        },
      });
      const expected = [message(toBuyer, "acheteurA"), message(toSupplier, "fournisseurA")];
      expect(await sent(at)).toEqual(expected.sort((a, b) => ((a.payload.id ?? "") < (b.payload.id ?? "") ? -1 : 1)));
    });
  });

  it("reading one later sends nothing more", async () => {
    await rolledBack(sql, async (at) => {
      await at.unsafe(standIn);
      await notify(at, "acheteurA");
      await at`update platform.notifications set read = true where user_id = ${idOf("acheteurA")}`;
      expect(await sent(at)).toHaveLength(1);
    });
  });

  it("it is sent whoever writes it, also without a right of his own on Realtime", async () => {
    await rolledBack(sql, async (at) => {
      await at.unsafe(standIn);
      await become(at, "service_role");
      await notify(at, "acheteurA");
      await at`reset role`;
      expect(await sent(at)).toMatchObject([{ topic: `user:${idOf("acheteurA")}` }]);
    });
  });

  it("what is rolled back is not sent", async () => {
    await rolledBack(sql, async (at) => {
      await at.unsafe(standIn);
      await refusal(
        at.savepoint(async (inner) => {
          await notify(inner, "acheteurA");
          await inner`select 1 / 0`;
        }),
      );
      expect(await sent(at)).toEqual([]);
    });
  });

  it("a failure leaves the notification in place, and says so in a warning", async () => {
    let references: string[] = [];
    const warned = await warnings(async (at) => {
      await at.unsafe(failingSend);
      references = await notify(at, "acheteurA", "fournisseurA");
      expect(await held(at, references)).toBe(2);
    });
    expect(warned).toEqual(
      references.map((id) => `WARNING: Notification ${id} was not broadcast: Realtime is out of order`),
    );
  });
});

describe("a channel", () => {
  /** What the actor may read of everything that was ever sent, when he joins a topic; Realtime asks just that. */
  const heard = (actor: Actor, topic: string) =>
    rolledBack(sql, async (at) => {
      await at.unsafe(standIn);
      expect([...(await at`select platform.authorize_realtime() as authorized`)]).toEqual([{ authorized: true }]);
      await at`insert into realtime.messages (topic, extension) values (${topic}, 'broadcast'), (${topic}, 'presence')`;
      await at`select set_config('realtime.topic', ${topic}, true)`;
      await become(at, actor);
      return (await at`select extension from realtime.messages`).map(({ extension }) => extension);
    });
  const topic = `user:${idOf("acheteurA")}`;

  it("is open to its person, for what is broadcast", async () => {
    expect(await heard("acheteurA", topic)).toEqual(["broadcast"]);
  });

  it.each<Actor>(["anon", "stranger", "acheteurB", "fournisseurA", "admin"])("is closed to %s", async (actor) => {
    expect(await heard(actor, topic)).toEqual([]);
  });

  it.each(["user:", "user:%", idOf("acheteurA"), `${topic}:more`, `other:${idOf("acheteurA")}`])(
    "of another name than one's own is closed: %s",
    async (other) => {
      expect(await heard("acheteurA", other)).toEqual([]);
    },
  );

  it("takes no message from a client", async () => {
    await rolledBack(sql, async (at) => {
      await at.unsafe(standIn);
      await at`select platform.authorize_realtime()`;
      await at`select set_config('realtime.topic', ${topic}, true)`;
      await become(at, "acheteurA");
      const forged = at.savepoint((inner) => inner`select realtime.send('{}', 'notification', ${topic}, true)`);
      expect((await refusal(forged)).message).toMatch("violates row-level security policy");
    });
  });
});

describe("the right to listen", () => {
  it("can be given again, and stays one policy", async () => {
    await rolledBack(sql, async (at) => {
      await at.unsafe(standIn);
      for (const _ of [1, 2]) await at`select platform.authorize_realtime()`;
      expect(await at`select policyname from pg_policies where schemaname = 'realtime'`).toHaveLength(1);
    });
  });

  it("that may not be given does not fail the migration, but warns", async () => {
    const warned = await warnings(async (at) => {
      await at.unsafe(standIn);
      await at.unsafe(`create role project_owner; grant usage on schema platform, realtime to project_owner;
        grant execute on function platform.authorize_realtime to project_owner; set local role project_owner`);
      expect([...(await at`select platform.authorize_realtime() as authorized`)]).toEqual([{ authorized: false }]);
    });
    expect(warned.join()).toMatch("WARNING: Nobody can listen to notifications yet");
  });

  it.each<Actor>(["anon", "acheteurA", "admin", "service_role"])("is not %s's to give", async (actor) => {
    await rolledBack(sql, async (at) => {
      await become(at, actor);
      expect((await refusal(at.savepoint((inner) => inner`select platform.authorize_realtime()`))).code).toBe("42501");
    });
  });
});
