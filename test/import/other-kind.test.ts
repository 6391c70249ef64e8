import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { expect, it } from "vitest";
import { importOnce } from "../../cli/import/once.ts";
import { mappingOf } from "../../functions/_shared/import/header.ts";
import type { ImportKind } from "../../functions/_shared/import/kind.ts";
import { openImportFile } from "../../functions/_shared/import/read-file.ts";
import { continueImport, type ImportRequest, runImport } from "../../functions/_shared/import/run.ts";
import { testDatabase } from "../support/sql.ts";

// Rows that no system has: a declaration and some SQL is all that the import of them takes.

const { sql } = await testDatabase();
await sql.unsafe(`
  create schema market;
  create table market.imports (id uuid primary key default gen_random_uuid(), reference serial, owner uuid, file_name text, sha256 bytea,
    on_duplicate text, reading jsonb, source text, status text default 'processing', failure text, read bigint, inserted bigint, invalid bigint,
    staged_to jsonb, staged_rows bigint default 0, is_staged boolean default false);
  create table market.staged (import_id uuid, line integer, defect text, stall text, rent text, since text);
  create table market.rejects (import_id uuid, line integer, problems jsonb); create table market.stalls (stall text, rent integer, since date);
  create function market.begin(owner uuid, file_name text) returns uuid language sql as
    'insert into market.imports (owner, file_name) values (owner, file_name) returning id';
  create function market.known(owner uuid, sha256 bytea, on_duplicate text, reading jsonb, out id uuid, out reference text, out status text,
    out resumable boolean) language sql as 'select i.id, i.reference::text, i.status, i.status = ''processing'' from market.imports i
    where i.owner is not distinct from $1 and i.sha256 = $2 and i.on_duplicate = $3 and i.reading = $4 and i.status <> ''failed''';
  create function market.open(owner uuid, file_name text, sha256 bytea, on_duplicate text, reading jsonb, source text, out id uuid,
    out reference text, out status text, out opened boolean) language plpgsql as $$ begin
      select k.id, k.reference, k.status, k.resumable into id, reference, status, opened from market.known($1, $3, $4, $5) k;
      if id is not null then return; end if;
      insert into market.imports as i (owner, file_name, sha256, on_duplicate, reading, source) values ($1, $2, $3, $4, $5, $6)
      returning i.id, i.reference, i.status, true into id, reference, status, opened;
    end $$;
  create function market.stage(import_id uuid) returns void language sql as 'delete from market.staged s where s.import_id = $1';
  create function market.begin_slice(import_id uuid, out staged_to jsonb, out staged_rows bigint, out is_staged boolean) language sql as
    'select i.staged_to, i.staged_rows, i.is_staged from market.imports i where i.id = $1 for update';
  create function market.end_slice(import_id uuid, rows bigint, staged_to jsonb, is_staged boolean) returns void language sql as
    'update market.imports i set staged_rows = i.staged_rows + $2, staged_to = $3, is_staged = $4 where i.id = $1';
  create function market.merge(import_id uuid, on_duplicate text, staged bigint) returns void language plpgsql as $$ begin
      insert into market.rejects select s.import_id, s.line, jsonb_build_array(jsonb_build_object('field', 'rent', 'code', 'invalid_amount',
        'message', format('Le loyer « %s » n''est pas un montant.', s.rent))) from market.staged s where s.import_id = $1 and s.rent !~ '^\\d+$';
      insert into market.stalls select s.stall, s.rent::integer, s.since::date from market.staged s where s.import_id = $1 and s.rent ~ '^\\d+$';
      update market.imports i set status = 'completed', read = staged, inserted = (select count(*) from market.stalls),
        invalid = (select count(*) from market.rejects r where r.import_id = i.id) where i.id = $1;
      perform market.stage($1);
    end $$;
  create function market.fail(import_id uuid, reason text) returns void language sql as
    'update market.imports set status = ''failed'', failure = reason where id = import_id';
  create function market.report(import_id uuid) returns json language sql as $$
    select json_build_object('import', i.reference::text, 'read', i.read, 'inserted', i.inserted, 'invalid', i.invalid, 'duplicates', '{}'::json,
      'reasons', (select coalesce(json_agg(r.problems -> 0 order by r.line), '[]') from market.rejects r where r.import_id = i.id))
    from market.imports i where i.id = $1 $$`);

const stalls: ImportKind<"stall" | "rent" | "since"> = {
  name: "market.stalls",
  fields: {
    stall: { column: "stall", type: "text" },
    rent: { column: "rent", type: "amount", forAll: true },
    since: { column: "since", type: "date" },
  },
  labels: { stall: "emplacement", rent: "loyer", since: "depuis le" },
  aliases: {
    stall: ["stall, emplacement, n° du stand", "place"],
    rent: ["rent, loyer, loyer mensuel"],
    since: ["since, depuis le"],
  },
  required: [{ by: ["stall"] }, { by: ["rent"] }],
  staging: "market.staged",
  rejects: "market.rejects",
  functions: {
    ...{ begin: "market.begin", known: "market.known", open: "market.open", stage: "market.stage" },
    ...{ merge: "market.merge", fail: "market.fail", report: "market.report" },
  },
};

const text =
  "Marché de Ouando\nN° du stand;Loyer mensuel;Depuis le;Vu par\nA1;5000;45658;Koffi\nA2;cher;;Koffi\nA3;7000;2025-03-01;\n";
const requestOf = (file: string, more: Partial<ImportRequest> = {}): ImportRequest => ({
  ...{ owner: null, fileName: "stalls.csv", onDuplicate: "skip", dryRun: false },
  open: () => [new TextEncoder().encode(file)],
  wish: { kind: stalls, asked: new Map(), saved: new Map() },
  ...more,
});
const kept = () => sql`select stall, rent, since::text from market.stalls order by 1`;

it("are known by their columns, and explained where one is missing", async () => {
  const { wish } = requestOf(text);
  const { plan, rows } = await openImportFile([new TextEncoder().encode(text)], wish);
  await rows.return(undefined);
  expect(mappingOf(plan)).toEqual({ "N° du stand": "stall", "Loyer mensuel": "rent", "Depuis le": "since" });
  expect(plan.ignored).toEqual(["Vu par"]);
  const lacking =
    "Il manque : loyer (rent). Colonnes trouvées : place, prix. Indiquez la colonne qui convient, par exemple --map ";
  const refusal = { code: "missing_columns", message: expect.stringContaining(lacking) };
  await expect(runImport(sql, requestOf("place;prix\nA1;5000\n"))).rejects.toMatchObject(refusal);
});

it("come in but for those that are refused, by line, field, code and a message; a dry run keeps none", async () => {
  let rejects = "";
  const onRejects = async (pieces: AsyncIterable<string>) => {
    for await (const piece of pieces) rejects += piece;
  };
  const reason = { field: "rent", code: "invalid_amount", message: "Le loyer « cher » n'est pas un montant." };
  const counts = { read: 3, inserted: 2, invalid: 1, reasons: [reason] };
  expect((await runImport(sql, requestOf(text, { dryRun: true }))).report).toMatchObject(counts);
  expect([await kept(), await sql`select from market.imports`].map(({ length }) => length)).toEqual([0, 0]);
  expect((await runImport(sql, requestOf(text, { onRejects }))).report).toMatchObject(counts);
  expect(rejects).toContain(`\r\n4;${reason.message};A2;cher;;Koffi\r\n`);
  expect([...(await kept())]).toEqual([
    { stall: "A1", rent: 5000, since: "2025-01-01" },
    { stall: "A3", rent: 7000, since: "2025-03-01" },
  ]);
});

it("go on after a run that was killed, and come in once", async () => {
  await sql`truncate market.stalls, market.rejects, market.imports`;
  const hash = createHash("sha256").update(text).digest();
  const [killed] = await sql<{ id: string; reference: string }[]>`
    select * from market.open(null, 'stalls.csv', ${hash}, 'skip', '{"mapping": {}}', ${`${hostname()}:/stalls.csv`})`;
  await sql`insert into market.staged (import_id, line, stall, rent) values (${killed?.id as string}, 3, 'A1', '5000')`;
  const again = () => importOnce(sql, requestOf(text), "/stalls.csv");
  expect(await again()).toMatchObject({ known: false, report: { import: killed?.reference, read: 3, inserted: 2 } });
  expect(await again()).toMatchObject({ known: true, report: { import: killed?.reference, read: 0, reasons: [] } });
  expect(await kept()).toHaveLength(2);
});

it("are staged slice by slice where their kind has functions for it, else whole", async () => {
  const slices = { begin: "market.begin_slice", end: "market.end_slice" };
  const sliced: ImportKind = { ...stalls, functions: { ...stalls.functions, slices } };
  const names = Array.from({ length: 3000 }, (_, n) => `${"S".repeat(200)}${n};1`);
  const bytes = new TextEncoder().encode(["place;loyer", ...names].join("\n"));
  const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) =>
    bytes.subarray(n * 65_536, (n + 1) * 65_536),
  );
  const slicesOf = async (kind: ImportKind) => {
    await sql`truncate market.stalls, market.rejects, market.imports`;
    const [row] = await sql<[{ id: string }]>`select market.begin(null, 'stalls.csv') as id`;
    const wish = { kind, asked: new Map(), saved: new Map() };
    const go = () =>
      continueImport(sql, row.id, { open: () => pieces, wish, onDuplicate: "skip", isEnough: () => true });
    let count = 1;
    while (!(await go())) count += 1;
    const [found] =
      await sql`select status, read::int, (select count(distinct stall)::int from market.stalls) as stalls from market.imports`;
    expect(found).toEqual({ status: "completed", read: 3000, stalls: 3000 });
    return count;
  };
  expect(await slicesOf(sliced)).toBeGreaterThan(2);
  expect(await slicesOf(stalls)).toBe(1);
});
