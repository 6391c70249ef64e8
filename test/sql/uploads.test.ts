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

it("is given to no fourth where three died of it: it has failed, and the supplier is told why", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`select leads.fail_import(${idOf("import-b")}, 'Illisible.')`;
    for (const attempts of [1, 2, 3]) {
      expect(await claim(transaction)).toMatchObject({ path: "a.csv", attempts });
      await lapse(transaction);
    }
    expect(await claim(transaction)).toEqual(nothing);
    const [failed] = await transaction<{ status: string; failure: string }[]>`
      select status, failure from leads.imports where id = ${idOf("import-a")}`;
    expect(failed).toEqual({ status: "failed", failure: expect.stringContaining("interrompu trois fois") });
  });
});

it("gives suppliers their turns, however many files one has sent", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`insert into leads.imports (id, supplier_id, file_name)
      select platform.uuid_v7(now() - n * interval '1 minute'), i.supplier_id, n || '.csv' from leads.imports i, generate_series(1, 3) n
      where i.id = ${idOf("import-a")}`;
    await transaction`insert into leads.import_files (import_id, path) select i.id, i.file_name from leads.imports i where i.file_name ~ '^[123].csv$'`;
    const claimed: (string | null)[] = [];
    for (let n = 0; n < 5; n += 1) claimed.push((await claim(transaction)).path);
    // The other supplier's only file comes second, though four are older.
    expect(claimed[1]).toBe("b.csv");
    expect(claimed.slice().sort()).toEqual(["1.csv", "2.csv", "3.csv", "a.csv", "b.csv"]);
  });
});

it("goes on with the next where a file has failed for good", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`update leads.import_files set attempts = 3 where path = 'a.csv'`;
    expect(await claim(transaction)).toMatchObject({ path: "b.csv", attempts: 1 });
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

type Slice = { staged_to: { line: number } | null; staged_rows: string; is_staged: boolean };
const begin = async (at: Sql): Promise<Slice> => {
  const [row] = await at<[Slice]>`select * from leads.begin_slice(${idOf("import-a")})`;
  return row;
};
/** Stages rows of lines and says so, as a worker does in one transaction. */
async function stage(at: Sql, from: number, to: number, isStaged = false) {
  await at`insert into leads.import_file_rows (import_id, line) select ${idOf("import-a")}, generate_series(${from}::int, ${to})`;
  const place = JSON.stringify({ line: to });
  await at`select leads.end_slice(${idOf("import-a")}, ${to - from + 1}, ${place}::text::jsonb, ${isStaged})`;
}

it("is staged slice by slice, each from where the one before has come to", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`delete from leads.import_rows`;
    expect(await begin(transaction)).toEqual({ staged_to: null, staged_rows: "0", is_staged: false });
    await stage(transaction, 2, 4);
    expect(await begin(transaction)).toEqual({ staged_to: { line: 4 }, staged_rows: "3", is_staged: false });
    await stage(transaction, 5, 6, true);
    expect(await begin(transaction)).toEqual({ staged_to: { line: 6 }, staged_rows: "5", is_staged: true });
  });
});

it("is staged from its start where the staged rows are not those that were counted", async () => {
  await rolledBack(sql, async (transaction) => {
    await begin(transaction);
    await stage(transaction, 2, 6, true);
    // What a crash of the server does to a table that is not logged.
    await transaction`delete from leads.import_file_rows where line = 3`;
    expect(await begin(transaction)).toEqual({ staged_to: null, staged_rows: "0", is_staged: false });
    const left = await transaction`select from leads.import_rows where import_id = ${idOf("import-a")}`;
    expect(left).toHaveLength(0);
  });
});

it("is not staged any more once its import has ended", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`select leads.fail_import(${idOf("import-a")}, 'Illisible.')`;
    await expect(begin(transaction)).rejects.toMatchObject({ detail: "import_not_open" });
  });
});

it("a slice that was staged is no failed attempt, and whoever has ended his lets the next begin at once", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`update leads.import_files set attempts = 2, held_until = null where path = 'a.csv'`;
    await transaction`select leads.fail_import(${idOf("import-b")}, 'Illisible.')`;
    expect(await claim(transaction)).toMatchObject({ path: "a.csv", attempts: 3 });
    expect(await claim(transaction)).toEqual(nothing);
    await begin(transaction);
    await stage(transaction, 2, 3);
    await transaction`select leads.release_upload(${idOf("import-a")})`;
    expect(await claim(transaction)).toMatchObject({ path: "a.csv", attempts: 1 });
  });
});

it("is read as its supplier named his columns when it came in, whatever he says later", async () => {
  await rolledBack(sql, async (transaction) => {
    await transaction`update leads.import_files set attempts = 3`;
    await transaction`insert into leads.import_mappings (supplier_id, header, field)
      select supplier_id, 'client', 'lastName' from leads.imports where id = ${idOf("import-a")}`;
    const [opened] = await transaction<{ opened: boolean }[]>`
      select opened from leads.imports i, leads.accept_upload(i.supplier_id, 'c.csv', 'c.csv', decode(repeat('0c', 32), 'hex'), 'skip', '{}')
      where i.id = ${idOf("import-a")}`;
    expect(opened).toEqual({ opened: true });
    await transaction`update leads.import_mappings set field = 'company' where header = 'client'`;
    const [row] = await transaction`select path, mappings from leads.claim_upload()`;
    expect(row).toMatchObject({ path: "c.csv", mappings: { client: "lastName" } });
  });
});
