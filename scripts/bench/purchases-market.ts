import postgres from "postgres";
import type { StackInfo } from "../stack/index.ts";
import { userToken } from "./tokens.ts";

/** A buyer with more credits than he can spend: his id, and his token for HTTP. */
export type Buyer = { id: string; token: string };

/** Makes so many buyers. */
export async function makeBuyers(sql: postgres.Sql, info: StackInfo, count: number): Promise<Buyer[]> {
  const rows = await sql<{ id: string }[]>`
    insert into auth.users (id, email)
    select md5('purchasing buyer ' || i)::uuid, 'purchases-' || i || '@bench.test' from generate_series(1, ${count}::integer) as i
    returning id`;
  const ids = rows.map(({ id }) => id);
  await sql`insert into platform.memberships (user_id, system, role)
    select id, 'leads', 'acheteur' from unnest(${ids}::uuid[]) as id`;
  await sql`select platform.post_transfer('leads', 'opening', 'purchases',
      array_agg((l.kind, l.owner, l.amount)::platform.ledger_line))
    from (select 'buyer_paid' as kind, id as owner, 10000000::bigint as amount from unnest(${ids}::uuid[]) as id
      union all select 'credits_opening', null, ${-10_000_000 * count}) as l`;
  return ids.map((id) => ({ id, token: userToken(info, id) }));
}

/** Puts so many leads on sale, of so many suppliers in turn, and returns their references: each is to be sold once. */
export async function makeLeads(
  sql: postgres.Sql,
  name: string,
  count: number,
  suppliers: number,
): Promise<Iterator<string>> {
  const rows = await sql<{ reference: string }[]>`
    insert into leads.leads (reference, supplier_id, first_name, last_name_mask, company, sector, region, status,
      qualification_status, price_cents, qualified_at)
    select ${name} || '-' || i, md5('supplier ' || i % ${suppliers}::integer)::uuid, 'Camille', 'M.', 'Atelier Martin', 'Isolation',
      'Bretagne', 'qualified', 'qualified', 2500, now()
    from generate_series(1, ${count}::integer) as i returning reference`;
  await sql`insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone)
    select id, supplier_id, 'Martin', reference || '@bench.test', '+33 6 39 98 00 00' from leads.leads where reference like ${`${name}-%`}`;
  return rows.map(({ reference }) => reference).values();
}

/** A connection that acts as a buyer, as PostgREST would for his token, for as long as it lives. */
export async function connectAs(dbUrl: string, { id }: Buyer): Promise<postgres.Sql> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => undefined });
  const claims = JSON.stringify({ role: "authenticated", sub: id });
  await sql`select set_config('request.jwt.claims', ${claims}, false)`;
  await sql`set role authenticated`;
  return sql;
}
