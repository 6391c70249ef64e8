import { describe, expect, it } from "vitest";
import { rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What holds for every object of ours, whoever writes the next one. Each rule answers with the names of the objects
// that break it, and comes with a statement that makes such an object, so that the rule is seen to fail.

type Rule = { name: string; offenders: string; violation: string; named: string };

const ours = "n.nspname in ('public', 'platform', 'platform_api', 'leads')";
// Whatever belongs to an extension is the extension's.
const own = (catalogue: string, oid: string) =>
  `not exists (select from pg_depend d where d.classid = '${catalogue}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;
const relations = `pg_class c join pg_namespace n on n.oid = c.relnamespace and ${ours} and ${own("pg_class", "c.oid")}`;
const functions = `pg_proc p join pg_namespace n on n.oid = p.pronamespace and ${ours} and ${own("pg_proc", "p.oid")}`;
const relationName = "n.nspname || '.' || c.relname";
const functionName = "n.nspname || '.' || p.proname";

const rules: Rule[] = [
  {
    name: "every table has row-level security",
    offenders: `select ${relationName} as name from ${relations} where c.relkind in ('r', 'p') and not c.relrowsecurity`,
    violation: "create table leads.open_table (id uuid primary key)",
    named: "leads.open_table",
  },
  {
    name: "every view runs with the rights of who reads it",
    offenders: `select ${relationName} as name from ${relations}
      where c.relkind = 'm' or c.relkind = 'v' and not coalesce(c.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on']`,
    violation: "create view public.owner_view as select 1 as one",
    named: "public.owner_view",
  },
  {
    name: "no published function runs with its owner's rights",
    offenders: `select ${functionName} as name from ${functions} where p.prosecdef and n.nspname in ('public', 'platform_api')`,
    violation: `create function public.owner_function() returns integer language sql security definer
      set search_path = '' as 'select 1'`,
    named: "public.owner_function",
  },
  {
    name: "every function has an empty search_path",
    offenders: `select ${functionName} as name from ${functions}
      where not coalesce(p.proconfig, '{}') && array['search_path=', 'search_path=""']`,
    violation: "create function leads.lost_function() returns integer language sql as 'select 1'",
    named: "leads.lost_function",
  },
  {
    name: "every foreign key has an index that starts with its columns",
    offenders: `select conrelid::regclass || '.' || conname as name
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      where k.contype = 'f' and ${ours} and not exists (
        select from pg_index i where i.indrelid = k.conrelid and i.indisvalid
          and (string_to_array(i.indkey::text, ' ')::smallint[])[:cardinality(k.conkey)] @> k.conkey
          -- A partial index serves a key as long as it leaves out nothing but rows without the key.
          and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)',
            (select attname from pg_attribute where attrelid = k.conrelid and attnum = k.conkey[1]))))`,
    violation:
      "alter table leads.leads add column recommended_by uuid constraint unserved_key references leads.leads (id)",
    named: "leads.leads.unserved_key",
  },
  {
    name: "everybody at large may execute nothing",
    offenders: `select ${functionName} as name from ${functions}
      where exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0)`,
    violation: `create function leads.free_function() returns integer language sql set search_path = '' as 'select 1';
      grant execute on function leads.free_function to public`,
    named: "leads.free_function",
  },
  {
    name: "everybody at large holds no right on a table, view or sequence",
    offenders: `select ${relationName} as name from ${relations}
      where exists (select from aclexplode(c.relacl) a where a.grantee = 0)`,
    violation: "grant select on leads.leads to public",
    named: "leads.leads",
  },
  {
    name: "every policy names the roles that it is for",
    offenders: `select p.polrelid::regclass || '.' || p.polname as name
      from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
      where (${ours} or n.nspname = 'storage') and p.polroles @> array[0::oid]`,
    violation: "create policy select_anybody on leads.leads for select to public using (on_sale)",
    named: "leads.leads.select_anybody",
  },
  {
    name: "every table and every published object has a comment",
    offenders: `select ${relationName} as name from ${relations}
        where c.relkind in ('r', 'p') or n.nspname in ('public', 'platform_api') and c.relkind in ('v', 'm', 'f')
        group by c.oid, 1 having obj_description(c.oid, 'pg_class') is null
      union all
      select ${functionName} from ${functions} where n.nspname in ('public', 'platform_api') and obj_description(p.oid, 'pg_proc') is null`,
    violation: `create view public.silent_view with (security_invoker = true) as select 1 as one`,
    named: "public.silent_view",
  },
];

const database = await testDatabase();

const offenders = async (sql: Sql, rule: Rule) =>
  (await sql.unsafe<{ name: string }[]>(rule.offenders)).map(({ name }) => name);

describe.each(rules)("$name", (rule) => {
  it("holds", async () => {
    expect(await offenders(database.sql, rule)).toEqual([]);
  });

  it(`is broken by ${rule.violation.split(/[\s(]/).slice(0, 3).join(" ")} …`, async () => {
    await rolledBack(database.sql, async (transaction) => {
      await transaction.unsafe(rule.violation);
      expect(await offenders(transaction, rule)).toContain(rule.named);
    });
  });
});

it("knows every schema of ours", async () => {
  const schemas = await database.sql<{ name: string }[]>`
    select nspname as name from pg_namespace
    where nspname !~ '^(pg_|information_schema$|auth$|storage$|extensions$|supabase_)' order by 1`;
  expect(schemas.map(({ name }) => name)).toEqual(["leads", "platform", "platform_api", "public"]);
});
