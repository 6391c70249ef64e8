import type postgres from "postgres";
import type { StackInfo } from "../stack/index.ts";
import { userToken } from "./tokens.ts";

const admin = "admin@leads-provider.fr";

const anybody = {
  ...{ days: [1, 2, 3, 4, 5, 6, 7], hours: [{ from: "00:00", until: "24:00" }], onHolidays: true },
  ...{ callsPerDay: null, callsPer30Days: null, refusalDays: 0 },
};

/** The tokens of those who write. */
export type Callers = { admin: string; agents: string[] };

/** Makes so many agents, lets them call anybody at any hour, and returns the tokens. For a database that has the demo data. */
export async function prepareCallers(sql: postgres.Sql, info: StackInfo, count: number): Promise<Callers> {
  await sql`update platform.settings set value = value || ${sql.json(anybody)} || jsonb_build_object('sourcesWithoutConsent',
    (select jsonb_agg(jsonb_build_object('supplier', reference, 'source', 'Google Ads')) from leads.suppliers)) where system = 'leads' and section = 'calling'`;
  const agents = await sql<{ id: string }[]>`
    insert into auth.users (id, email)
    select md5('agent ' || i)::uuid, 'agent-' || i || '@bench.test' from generate_series(1, ${count}::integer) as i returning id`;
  await sql`insert into platform.memberships (user_id, system, role)
    select id, 'leads', 'agent' from unnest(${agents.map(({ id }) => id)}::uuid[]) as id`;
  const [row] = await sql<{ id: string }[]>`select id from platform.profiles where email = ${admin}`;
  if (!row) throw new Error(`There is no ${admin}: the demo data is missing`);
  return { admin: userToken(info, row.id), agents: agents.map(({ id }) => userToken(info, id)) };
}
