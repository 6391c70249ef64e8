import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { addUsers, idOf } from "../support/market.ts";
import { become, refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql, url } = await testDatabase();
const people = Array.from({ length: 24 }, (_, number) => `person${number}`);
await addUsers(sql, ...people);

const join = (to: Sql, who: string, role: string) =>
  to`insert into platform.memberships (user_id, system, role) values (${idOf(who)}, 'leads', ${role})`;
const breaks = async (from: Sql) => [
  ...(await from`select chain::integer, position::integer, reason from platform.audit_verify()`),
];
const length = async (from: Sql) =>
  (await from`select count(*)::integer as rows from platform.audit_log`)[0]?.rows as number;

/** A chain of at least three rows: one connection writes to one chain. */
async function chainOfThree(): Promise<{ chain: number; length: number }> {
  const connection = postgres(url, { max: 1 });
  for (const role of ["fournisseur", "agent", "acheteur"]) {
    await connection`insert into platform.memberships (user_id, system, role)
      select ${idOf("person0")}, 'leads', ${role} on conflict (user_id, system, role) do update set updated_at = now()`;
  }
  const [row] = await connection<{ chain: number; length: number }[]>`
    select chain, length::integer from platform.audit_chains where chain = pg_backend_pid() % 16`;
  await connection.end();
  return row as { chain: number; length: number };
}

/** What audit_verify says after somebody with all rights, and no triggers, has been at the log. It is undone. */
function afterTampering(statement: (transaction: Sql) => PromiseLike<unknown>) {
  return rolledBack(sql, async (transaction) => {
    await transaction`set local session_replication_role = replica`;
    await statement(transaction);
    return breaks(transaction);
  });
}

describe("the audit log", () => {
  it("says who changed what, from what to what", async () => {
    await rolledBack(sql, async (transaction) => {
      await transaction`select set_config('request.jwt.claims', ${JSON.stringify({ sub: idOf("person1"), role: "authenticated" })}, true)`;
      await join(transaction, "person2", "agent");
      await transaction`update platform.memberships set status = 'suspended' where user_id = ${idOf("person2")}`;
      await transaction`delete from platform.memberships where user_id = ${idOf("person2")}`;
      await transaction`set constraints all immediate`;
      const rows = await transaction`
        select actor, role, relation, operation, row_key, before ->> 'status' as before, after ->> 'status' as after
        from platform.audit_log where row_key = ${idOf("person2")} order by position`;
      const common = {
        actor: idOf("person1"),
        role: "authenticated",
        relation: "platform.memberships",
        row_key: idOf("person2"),
      };
      expect([...rows]).toEqual([
        { ...common, operation: "INSERT", before: null, after: "active" },
        { ...common, operation: "UPDATE", before: "active", after: "suspended" },
        { ...common, operation: "DELETE", before: "suspended", after: null },
      ]);
    });
  });

  it("grows by one row for each change, and forgets what was rolled back", async () => {
    const before = await length(sql);
    await rolledBack(sql, (transaction) => join(transaction, "person3", "agent"));
    expect(await length(sql)).toBe(before);
    await join(sql, "person3", "agent");
    expect(await length(sql)).toBe(before + 1);
    expect(await breaks(sql)).toEqual([]);
  });

  it("stays whole when many transactions write at once", async () => {
    const before = await length(sql);
    const crowd = postgres(url, { max: 20 });
    await Promise.all(
      people.slice(4).map((who) =>
        crowd.begin(async (transaction) => {
          await join(transaction, who, "acheteur");
          await transaction`select pg_sleep(0.01)`;
          await transaction`update platform.memberships set status = 'suspended' where user_id = ${idOf(who)}`;
        }),
      ),
    );
    await crowd.end();
    expect(await length(sql)).toBe(before + 2 * (people.length - 4));
    expect(await breaks(sql)).toEqual([]);
  });

  it("does not make two transactions of one chain wait for each other while they are at work", async () => {
    // Of seventeen connections two share one of the sixteen chains.
    const connections = Array.from({ length: 17 }, () => postgres(url, { max: 1 }));
    const chains = await Promise.all(
      connections.map(async (each) => (await each`select pg_backend_pid() % 16 as n`)[0]?.n),
    );
    const second = chains.findIndex((chain, index) => chains.indexOf(chain) < index);
    const [one, two] = [connections[chains.indexOf(chains[second])], connections[second]] as [
      postgres.Sql,
      postgres.Sql,
    ];
    await two`select set_config('lock_timeout', '2s', false)`;
    await one.begin(async (transaction) => {
      await join(transaction, "person1", "agent");
      await join(two, "person2", "agent");
    });
    await Promise.all(connections.map((each) => each.end()));
    expect(await breaks(sql)).toEqual([]);
  });

  it.each([
    ["update", "update platform.audit_log set actor = null"],
    ["delete", "delete from platform.audit_log"],
    ["truncate", "truncate platform.audit_log"],
  ])("cannot be changed by %s, not even by its owner", async (_, statement) => {
    const before = await length(sql);
    expect(await refusal(sql.unsafe(statement))).toMatchObject({ code: "PT409", slug: "append_only" });
    expect(await length(sql)).toBe(before);
  });
});

describe("audit_verify", () => {
  it("names a row that was changed", async () => {
    const { chain } = await chainOfThree();
    const found = await afterTampering(
      (transaction) => transaction`
      update platform.audit_log set after = after || '{"role": "admin"}' where chain = ${chain} and position = 2`,
    );
    expect(found).toEqual([{ chain, position: 2, reason: "row was changed" }]);
  });

  it("names the gap of a row that was removed", async () => {
    const { chain } = await chainOfThree();
    const found = await afterTampering(
      (transaction) => transaction`
      delete from platform.audit_log where chain = ${chain} and position = 2`,
    );
    expect(found[0]).toEqual({ chain, position: 3, reason: "row missing before this one" });
  });

  it("names a chain that lost its last rows", async () => {
    const { chain, length } = await chainOfThree();
    const found = await afterTampering(
      (transaction) => transaction`
      delete from platform.audit_log where chain = ${chain} and position = ${length}`,
    );
    expect(found).toEqual([{ chain, position: length, reason: "last rows are missing" }]);
  });

  it("names a row that was changed together with its own hash", async () => {
    const { chain } = await chainOfThree();
    const found = await afterTampering(
      (transaction) => transaction`
      update platform.audit_log set hash = sha256('forged') where chain = ${chain} and position = 2`,
    );
    expect(found.map(({ position }) => position)).toEqual([2, 3]);
  });

  it("names an empty log", async () => {
    await chainOfThree();
    const found = await afterTampering((transaction) => transaction`truncate platform.audit_log`);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ reason }) => reason))).toEqual(new Set(["last rows are missing"]));
  });

  it("is for the operators", async () => {
    const asService = rolledBack(sql, async (transaction) => {
      await become(transaction, "service_role");
      return breaks(transaction);
    });
    expect(await asService).toEqual([]);
  });
});
