import type postgres from "postgres";
import type { Mutant } from "./mutant.ts";

// Every right that one of these roles has is taken away, and every one that it has not is given to it.
const roles = ["anon", "authenticated", "service_role"];
const schemas = ["platform", "platform_api", "leads", "public"];

/** A right on something, and whether the role has it. */
type Right = {
  subject: string;
  privilege: string;
  target: string;
  role: string;
  held: boolean;
  /** Why it makes no difference whether the role has it. */
  idle?: string | null;
};

/** Each grant revoked, and each that a role lacks granted to it: on schemas, relations, columns and functions. */
export async function grantMutants(sql: postgres.Sql): Promise<Mutant[]> {
  const rights = [
    ...(await onSchemas(sql)),
    ...(await onRelations(sql)),
    ...(await onColumns(sql)),
    ...(await onFunctions(sql)),
  ];
  return rights.map(({ subject, privilege, target, role, held, idle }) => ({
    kind: "grant",
    subject,
    statement: held ? `revoke ${privilege} on ${target} from ${role}` : `grant ${privilege} on ${target} to ${role}`,
    ...(idle ? { equivalent: idle } : {}),
  }));
}

function onSchemas(sql: postgres.Sql): Promise<Right[]> {
  return sql<Right[]>`
    select n.nspname as subject, privilege, 'schema ' || n.nspname as target, role,
      has_schema_privilege(role, n.oid, privilege) as held,
      case when exists (select from aclexplode(n.nspacl) a where a.grantee = 0 and a.privilege_type = upper(privilege))
        then 'everybody at large has it' end as idle
    from pg_namespace n, unnest(${roles}::text[]) as role, unnest(array['usage', 'create']) as privilege
    where n.nspname = any(${schemas}) order by 1, 2, 4`;
}

function onRelations(sql: postgres.Sql): Promise<Right[]> {
  return sql<Right[]>`
    select format('%I.%I', n.nspname, c.relname) as subject, privilege, role,
      case c.relkind when 'S' then 'sequence ' else 'table ' end || format('%I.%I', n.nspname, c.relname) as target,
      exists (select from aclexplode(c.relacl) a where a.grantee = role::regrole and a.privilege_type = any(string_to_array(upper(privilege), ', '))) as held
    from pg_class c join pg_namespace n on n.oid = c.relnamespace,
      unnest(${roles}::text[]) as role,
      unnest(case c.relkind when 'S' then array['usage', 'select', 'update']
        else array['select', 'insert', 'update', 'delete', 'truncate', 'references, trigger, maintain'] end) as privilege
    where n.nspname = any(${schemas}) and c.relkind in ('r', 'p', 'v', 'm', 'S') order by c.relkind, 1, 3, 2`;
}

// What a role lacks on a column is given to it with the whole table.
function onColumns(sql: postgres.Sql): Promise<Right[]> {
  return sql<Right[]>`
    select format('%I.%I', n.nspname, c.relname) as subject, lower(acl.privilege_type) || format(' (%I)', a.attname) as privilege,
      'table ' || format('%I.%I', n.nspname, c.relname) as target, acl.grantee::regrole::text as role, true as held
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace,
      aclexplode(a.attacl) as acl
    where n.nspname = any(${schemas}) order by 1, 4, 2`;
}

function onFunctions(sql: postgres.Sql): Promise<Right[]> {
  return sql<Right[]>`
    select n.nspname || '.' || p.proname as subject, 'execute' as privilege, 'function ' || p.oid::regprocedure as target, role,
      has_function_privilege(role, p.oid, 'execute') as held,
      case when p.prorettype = 'trigger'::regtype then 'a function of triggers cannot be called' end as idle
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace, unnest(${roles}::text[]) as role
    where n.nspname = any(${schemas})
      and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
    order by 3, 4`;
}
