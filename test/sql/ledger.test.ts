import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { expectLedgerHolds } from "../support/ledger.ts";
import { addUsers, idOf } from "../support/market.ts";
import { refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// The books of every system: what a transfer is, and what nobody can do to one.

const { sql } = await testDatabase();
await sql`insert into platform.ledger_account_kinds (system, kind, unit, guarded, description) values
  ('test', 'wallet', 'credits', true, ''), ('test', 'source', 'credits', false, ''), ('test', 'till', 'cents', false, '')`;
await addUsers(sql, "zoe");

type Line = [kind: string, owner: string | null, amount: number];

const post = async (on: Sql, key: string, lines: Line[]): Promise<string> => {
  const rows = lines.map(([kind, owner, amount]) => ({ kind, owner: owner && idOf(owner), amount }));
  const [row] = await on<{ id: string }[]>`
    select platform.post_transfer('test', 'move', ${key}, coalesce(array_agg((kind, owner, amount)::platform.ledger_line), '{}')) as id
    from jsonb_to_recordset(${sql.json(rows)}) as line (kind text, owner uuid, amount bigint)`;
  return row?.id ?? "";
};
const balance = async (on: Sql, kind: string, owner: string | null): Promise<number> =>
  (
    await on<{ balance: number }[]>`
    select platform.ledger_balance('test', ${kind}, ${owner && idOf(owner)})::int as balance`
  )[0]?.balance ?? Number.NaN;
const problems = async (on: Sql) => [...(await on`select problem, subject from platform.ledger_problems()`)];

afterEach(() => expectLedgerHolds(sql));

describe("a transfer", () => {
  it("moves what its lines say", () =>
    rolledBack(sql, async (to) => {
      await post(to, "a", [
        ["wallet", "zoe", 30],
        ["source", null, -30],
      ]);
      await post(to, "b", [
        ["wallet", "zoe", -12],
        ["source", null, 12],
      ]);
      expect([await balance(to, "wallet", "zoe"), await balance(to, "source", null)]).toEqual([18, -18]);
    }));

  it("sums to zero in each unit, or is refused", () =>
    rolledBack(sql, async (to) => {
      const lines: Line[] = [
        ["source", null, -5],
        ["till", null, 5],
      ];
      expect(await refusal(to.savepoint((inner) => post(inner, "a", lines)))).toMatchObject({
        code: "PT500",
        slug: "unbalanced_transfer",
      });
      expect(await refusal(to.savepoint((inner) => post(inner, "b", [["source", null, 1]])))).toMatchObject({
        slug: "unbalanced_transfer",
      });
      expect(await balance(to, "source", null)).toBe(0);
    }));

  it("takes no entry on an account that does not exist", () =>
    rolledBack(sql, async (to) => {
      const transfer = await post(to, "a", []);
      const entries = to.savepoint(
        (inner) => inner`insert into platform.ledger_entries (transfer_id, account_id, amount)
          values (${transfer}, gen_random_uuid(), 5), (${transfer}, gen_random_uuid(), -5)`,
      );
      expect(await refusal(entries)).toMatchObject({ slug: "unbalanced_transfer" });
    }));

  it("numbers the entries of a guarded account, with what it holds after each, and no others", () =>
    rolledBack(sql, async (to) => {
      for (const [key, amount] of [
        ["in", 7],
        ["out", -3],
        ["again", 5],
      ] as const) {
        await post(to, key, [
          ["wallet", "zoe", amount],
          ["source", null, -amount],
        ]);
      }
      const rows = await to<{ kind: string; line: string }[]>`
        select a.kind, concat_ws(' ', e.number, e.amount, e.balance) as line from platform.ledger_entries e
        join platform.ledger_accounts a on a.id = e.account_id order by a.kind, e.number, e.amount`;
      const lines = (kind: string) => rows.filter((row) => row.kind === kind).map(({ line }) => line);
      expect(lines("wallet")).toEqual(["1 7 7", "2 -3 4", "3 5 9"]);
      expect(lines("source")).toEqual(["-7", "-5", "3"]);
    }));

  it("happens once for each key", () =>
    rolledBack(sql, async (to) => {
      const lines: Line[] = [
        ["wallet", "zoe", 1],
        ["source", null, -1],
      ];
      await post(to, "once", lines);
      expect(await refusal(to.savepoint((inner) => post(inner, "once", lines)))).toMatchObject({ code: "23505" });
      expect(await balance(to, "wallet", "zoe")).toBe(1);
    }));

  it("never takes a guarded balance below zero", () =>
    rolledBack(sql, async (to) => {
      await post(to, "in", [
        ["wallet", "zoe", 3],
        ["source", null, -3],
      ]);
      const tooMuch = to.savepoint((inner) =>
        post(inner, "out", [
          ["wallet", "zoe", -4],
          ["source", null, 4],
        ]),
      );
      expect(await refusal(tooMuch)).toMatchObject({ code: "PT402", slug: "insufficient_balance" });
      // The constraint holds where the function is gone round.
      const around = to.savepoint((inner) => inner`update platform.ledger_balances set balance = -1 where guarded`);
      expect(await refusal(around)).toMatchObject({ code: "23514" });
      expect(await balance(to, "wallet", "zoe")).toBe(3);
    }));

  it("is reversed account by account, and once", () =>
    rolledBack(sql, async (to) => {
      const id = await post(to, "in", [
        ["wallet", "zoe", 3],
        ["source", null, -3],
      ]);
      await to`select platform.reverse_transfer(${id}, 'undo', 'a')`;
      expect([await balance(to, "wallet", "zoe"), await balance(to, "source", null)]).toEqual([0, 0]);
      const again = to.savepoint((inner) => inner`select platform.reverse_transfer(${id}, 'undo', 'b')`);
      expect(await refusal(again)).toMatchObject({ code: "23505" });
    }));

  it("and its entries are never changed or removed", () =>
    rolledBack(sql, async (to) => {
      await post(to, "in", [
        ["wallet", "zoe", 3],
        ["source", null, -3],
      ]);
      for (const statement of [
        "update platform.ledger_entries set amount = amount * 2",
        "delete from platform.ledger_entries",
        "truncate platform.ledger_entries",
        "update platform.ledger_transfers set key = 'x'",
        "delete from platform.ledger_transfers",
      ]) {
        const change = to.savepoint((inner) => inner.unsafe(statement));
        expect(await refusal(change), statement).toMatchObject({ slug: "append_only" });
      }
    }));
});

describe("the verification", () => {
  it("names a balance that is not its entries, and a transfer that does not sum to zero", () =>
    rolledBack(sql, async (to) => {
      await post(to, "in", [
        ["wallet", "zoe", 3],
        ["source", null, -3],
      ]);
      expect(await problems(to)).toEqual([]);
      await to`alter table platform.ledger_entries disable trigger all`;
      await to`update platform.ledger_entries set amount = 4 where amount = 3`;
      expect((await problems(to)).map(({ problem }) => problem)).toEqual([
        "transfer_not_balanced",
        "balance_not_its_entries",
        "statement_broken",
      ]);
    }));

  it("finds nothing after any transfers, refused ones included, and the balances are what a replay gives", async () => {
    const line = fc.tuple(fc.constantFrom("zoe", "ali", "eve"), fc.integer({ min: -20, max: 30 }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(line, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), (transfers) =>
        rolledBack(sql, async (to) => {
          const expected = new Map<string, number>();
          for (const [i, lines] of transfers.entries()) {
            const sums = new Map<string, number>();
            for (const [who, amount] of lines) sums.set(who, (sums.get(who) ?? 0) + amount);
            const allowed = [...sums].every(([who, amount]) => (expected.get(who) ?? 0) + amount >= 0);
            const total = lines.reduce((sum, [, amount]) => sum + amount, 0);
            const wanted: Line[] = [
              ...[...sums].map(([who, amount]): Line => ["wallet", who, amount]),
              ["source", null, -total],
            ];
            const done = await to
              .savepoint((inner) => post(inner, `t${i}`, wanted))
              .then(
                () => true,
                () => false,
              );
            expect(done).toBe(allowed);
            if (done) for (const [who, amount] of sums) expected.set(who, (expected.get(who) ?? 0) + amount);
          }
          for (const [who, amount] of expected) expect(await balance(to, "wallet", who)).toBe(amount);
          expect(await problems(to)).toEqual([]);
        }),
      ),
      { seed: 20_261_120, numRuns: 25, endOnFailure: true },
    );
  });
});
