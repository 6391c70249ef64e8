import { randomUUID } from "node:crypto";
import postgres, { type Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ensureSystemSchema } from "../../scripts/stack/system-schema.ts";
import { db, stack } from "../support/stack.ts";

// A database of its own, as a project gets it before its first migration.
const name = `fresh_${randomUUID().slice(0, 8)}`;
const url = new URL(stack.dbUrl);
url.pathname = `/${name}`;
let fresh: Sql;

beforeAll(async () => {
  await db().unsafe(`create database ${name}`);
  await ensureSystemSchema(url.href);
  fresh = postgres(url.href, { max: 1, onnotice: () => undefined });
});

afterAll(async () => {
  await fresh.end();
  await db().unsafe(`drop database ${name}`);
});

describe("a fresh database", () => {
  it("opens what is made in public to the API's roles, as hosted Supabase does", async () => {
    await fresh`create table public.opened (id int)`;
    const [rights] = await fresh`select has_table_privilege('anon', 'public.opened', 'select') as anon`;
    expect(rights?.anon).toBe(true);
  });

  it("keeps accounts and files from them", async () => {
    for (const role of ["anon", "authenticated"]) {
      const [rights] = await fresh`
        select has_table_privilege(${role}, 'auth.users', 'select') as users,
          has_table_privilege(${role}, 'auth.mfa_factors', 'select') as factors,
          (select relrowsecurity from pg_class where oid = 'storage.objects'::regclass) as guarded`;
      expect(rights).toEqual({ users: false, factors: false, guarded: true });
    }
  });

  it("reads the caller from either form of the claims", async () => {
    const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const claims = JSON.stringify({ sub: id, role: "authenticated", email: "a@example.test" });
    const [whole, single] = [
      await fresh.begin(async (sql) => {
        await sql`select set_config('request.jwt.claims', ${claims}, true)`;
        return sql`select auth.uid(), auth.role(), auth.email(), auth.jwt() ->> 'sub' as sub`;
      }),
      await fresh.begin(async (sql) => {
        await sql`select set_config('request.jwt.claim.sub', ${id}, true)`;
        return sql`select auth.uid()`;
      }),
    ];
    expect(whole[0]).toEqual({ uid: id, role: "authenticated", email: "a@example.test", sub: id });
    expect(single[0]?.uid).toBe(id);
    const [nobody] = await fresh`select auth.uid(), auth.role(), auth.jwt()`;
    expect(nobody).toEqual({ uid: null, role: null, jwt: null });
  });

  it("finds extensions without their schema's name", async () => {
    const [row] = await fresh`select encode(digest('x', 'sha256'), 'hex') as hash`;
    expect(row?.hash).toHaveLength(64);
  });

  it("takes a trigger on auth.users and a policy on storage.objects", async () => {
    await fresh.unsafe(`
      create function public.greet() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger greet after insert on auth.users for each row execute function public.greet();
      create policy read_all on storage.objects for select to authenticated using (true)`);
  });

  it("tells PostgREST of every change of the schema, but not of temporary tables", async () => {
    const told: string[] = [];
    const { unlisten } = await fresh.listen("pgrst", (message) => told.push(message));
    await fresh`create temporary table passing (id int)`;
    await fresh`create table public.lasting (id int)`;
    await fresh`notify pgrst, 'last'`;
    await expect.poll(() => told).toContain("last");
    expect(told).toEqual(["reload schema", "last"]);
    await unlisten();
  });
});

describe("preparing it again", () => {
  it("gives back nothing that a migration has taken", async () => {
    await fresh`alter default privileges in schema public revoke all on tables from anon`;
    await ensureSystemSchema(url.href);
    await fresh`create table public.closed (id int)`;
    const [rights] = await fresh`select has_table_privilege('anon', 'public.closed', 'select') as anon`;
    expect(rights?.anon).toBe(false);
  });
});
