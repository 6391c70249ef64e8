import { expect, it } from "vitest";
import { continueImport } from "../../functions/_shared/import/run.ts";
import { leadKind } from "../../functions/leads/imports/lead-kind.ts";
import { idOf, openMarket } from "../support/market.ts";
import { testDatabase } from "../support/sql.ts";

// A file that is staged slice by slice, by several workers at once and by some that are killed: each row comes in once.

const { sql } = await testDatabase();
await openMarket(sql);
// Nothing of the market's own files is under way.
await sql`delete from leads.import_rows`;

const rows = 3000;
const notes = "à rappeler ".repeat(30);
const people = (name: string, from: number) =>
  Array.from({ length: rows }, (_, n) => `${name}${from + n};${name}${from + n}@slices.test;PV;PACA;${notes}`);

/** A file in which some rows repeat others and some are bad. */
function fileOf(name: string): Uint8Array[] {
  const lines = people(name, 0);
  for (let n = 10; n < rows; n += 50) {
    lines[n] = lines[n - 10] as string;
    lines[n + 1] = `${name}${n};pas d'adresse;PV;PACA;${notes}`;
  }
  const bytes = new TextEncoder().encode(["nom;email;secteur;région;commentaires", ...lines].join("\n"));
  return Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) =>
    bytes.subarray(n * 65_536, (n + 1) * 65_536),
  );
}
const expected = { read: rows, inserted: rows - 120, duplicates: 60, invalid: 60 };

async function opened(name: string): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    with file as (select * from leads.accept_upload(${idOf("supplierA")}, ${name}, ${name}, sha256(${name}::text::bytea), 'skip', '{}'))
    select i.id from file join leads.imports i on i.reference = file.reference`;
  // As the statement began before the import was there.
  const [found] = row ? [row] : await sql<{ id: string }[]>`select id from leads.imports where file_name = ${name}`;
  return found?.id as string;
}

const wish = { kind: leadKind, asked: new Map(), saved: new Map() };
const request = (name: string, open = () => fileOf(name) as AsyncIterable<Uint8Array> | Uint8Array[]) => ({
  ...{ open, wish, onDuplicate: "skip" as const, isEnough: () => true },
});

async function outcome(id: string) {
  const [row] =
    await sql`select total as read, inserted, duplicates, invalid from leads.imports where id = ${id} and status = 'completed'`;
  return { ...row };
}

async function stagedRows(id: string): Promise<number> {
  const [row] = await sql<
    { rows: number }[]
  >`select staged_rows::int as rows from leads.import_files where import_id = ${id}`;
  return row?.rows ?? 0;
}

it("comes in slice by slice, and ends with what it has in one go", async () => {
  const id = await opened("seul");
  let slices = 1;
  while (!(await continueImport(sql, id, request("seul")))) slices += 1;
  expect(slices).toBeGreaterThan(5);
  expect(await outcome(id)).toEqual(expected);
});

it("is staged once by workers that are at it at the same time, and merged by one of them", async () => {
  const id = await opened("foule");
  const work = async () => {
    for (;;) if (await continueImport(sql, id, request("foule"))) return "merged";
  };
  const ends = await Promise.allSettled([work(), work(), work()]);
  const merged = ends.filter(({ status }) => status === "fulfilled");
  expect(merged).toHaveLength(1);
  for (const end of ends)
    if (end.status === "rejected") expect(end.reason).toMatchObject({ detail: "import_not_open" });
  expect(await outcome(id)).toEqual(expected);
});

it("goes on from its last slice where a worker dies in the middle of one", async () => {
  const id = await opened("mort");
  const dying = (name: string, pieces: number) =>
    async function* (): AsyncGenerator<Uint8Array> {
      yield* fileOf(name).slice(0, pieces);
      throw new Error("killed");
    };
  for (let slice = 0; ; slice += 1) {
    const before = await stagedRows(id);
    // Each gets a little further than the one before, and then there is nothing of what he did.
    const killed = continueImport(sql, id, { ...request("mort", dying("mort", 2 + slice)), isEnough: () => false });
    await expect(killed).rejects.toThrow("killed");
    expect(await stagedRows(id)).toBe(before);
    if (await continueImport(sql, id, request("mort"))) break;
    expect(await stagedRows(id)).toBeGreaterThan(before);
  }
  expect(await outcome(id)).toEqual(expected);
});

it("begins again where the server has lost what was staged, as it does with tables that are not logged", async () => {
  const id = await opened("perdu");
  for (let slice = 0; slice < 3; slice += 1) await continueImport(sql, id, request("perdu"));
  await sql`truncate leads.import_rows`;
  while (!(await continueImport(sql, id, request("perdu"))));
  expect(await outcome(id)).toEqual(expected);
});
