import { expect, it } from "vitest";
import { idOf, openMarket } from "../support/market.ts";
import { rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// Uploaded files that wait to be imported: each is worked at by one, and by the next when that one is gone. The market
// has one of supplier A and one of supplier B.

const { sql } = await testDatabase();
await openMarket(sql);

type Claimed = { id: string | null; path: string | null; attempts: number | null };

const claim = async (at: Sql): Promise<Claimed> => {
  const [row] = await at<[Claimed]>`select id, path, attempts from leads.claim_upload()`;
  return row;
};
const nothing = { id: null, path: null, attempts: null };
const lapse = (at: Sql) => at`update leads.import_files set held_until = clock_timestamp() - interval '1 second'`;

it("gives each to one who asks, and then none", async () => {
  await rolledBack(sql, async (transaction) => {
    const claimed = [await claim(transaction), await claim(transaction)];
    expect(claimed.map(({ path }) => path).sort()).toEqual(["a.csv", "b.csv"]);
    expect(await claim(transaction)).toEqual(nothing);
  });
});

it("passes over what another is being given at the same moment", async () => {
  await rolledBack(sql, async (transaction) => {
    const first = await claim(transaction);
    await rolledBack(sql, async (other) => {
      const second = await claim(other);
      expect([first.path, second.path].sort()).toEqual(["a.csv", "b.csv"]);
      expect(await claim(other)).toEqual(nothing);
    });
  });
});

it("gives it again when nobody has said for a minute that he works at it; staging begins without what he had staged", async () => {
  await rolledBack(sql, async (transaction) => {
    await claim(transaction);
    await claim(transaction);
    await lapse(transaction);
    await transaction`select leads.hold_upload(${idOf("import-b")})`;
    expect(await claim(transaction)).toEqual({ id: idOf("import-a"), path: "a.csv", attempts: 2 });
    expect(await claim(transaction)).toEqual(nothing);
    await transaction`select leads.begin_staging(${idOf("import-a")})`;
    expect([...(await transaction`select import_id from leads.import_rows`)]).toEqual([
      { import_id: idOf("import-b") },
    ]);
  });
});

it("gives none whose import has ended", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`select leads.fail_import(${idOf("import-a")}, 'Illisible.')`;
    expect(await claim(transaction)).toMatchObject({ path: "b.csv" });
    expect(await claim(transaction)).toEqual(nothing);
  });
});

it("is outdated after its time, or when a person is erased, but not before its import has ended", async () => {
  const outdated = async (at: Sql) => (await at`select path from leads.outdated_uploads()`).map(({ path }) => path);
  await rolledBack(sql, async (transaction) => {
    // Somebody has been erased in this market before.
    await transaction`update leads.import_files set keep_until = default`;
    await transaction`select leads.fail_import(${idOf("import-a")}, 'Illisible.')`;
    expect(await outdated(transaction)).toEqual([]);
    await transaction`select leads.gdpr_erase((select coalesce(email, phone) from leads.lead_contacts where email is not null limit 1))`;
    expect(await outdated(transaction)).toEqual(["a.csv"]);
    await transaction`select leads.forget_upload(${idOf("import-a")})`;
    expect(await outdated(transaction)).toEqual([]);
  });
});
