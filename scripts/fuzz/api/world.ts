import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import type { People } from "./people.ts";
import type { Pool } from "./target.ts";

/** What stands in the contacts of leads that nobody who calls may see; a buyer may see those on sale once he has bought. */
export const secrets = { hidden: "zqxverborgen", onSale: "zqxkaeuflich" };

/** The telephone numbers of the same contacts begin so. */
export const secretPhones = { hidden: "639987701", onSale: "639987702" };

const stock = { onSale: 30, fresh: 30, credits: 20_000 };

/** What the cases draw from, and what keeps the stack in a state in which calls come to something. */
export type World = {
  /** Puts right what calls have used up or changed. To be called before each target. */
  tend: () => Promise<void>;
  /** The references that exist now, by what a path is about. */
  look: () => Promise<Pool>;
};

export async function openWorld(sql: postgres.Sql, people: People): Promise<World> {
  const supplier = await addSupplier(sql);
  const victims = await addVictims(sql);
  await addSecrets(sql, supplier, victims[0] ?? "");
  return {
    tend: async () => {
      await people.renew();
      await sql`update platform.rate_limit_rules set allowed = 1000 where allowed <> 1000`;
      await sql`delete from platform.rate_limit_attempts`;
      await sql`update leads.suppliers set status = 'active' where user_id = ${people.idOf("fournisseur")} and status <> 'active'`;
      await restock(sql, supplier);
      await fillPurse(sql, people.idOf("acheteur"));
    },
    look: () => lookAround(sql, victims),
  };
}

async function addSupplier(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ id: string }[]>`insert into leads.suppliers (contact_name, company, email, status)
    values ('Fuzz', 'Fuzz SARL', ${`fuzz-${randomUUID()}@example.test`}, 'active') returning id`;
  return row?.id ?? "";
}

/** Users whom admins may suspend and give roles. */
async function addVictims(sql: postgres.Sql): Promise<string[]> {
  const ids = Array.from({ length: 8 }, () => randomUUID());
  await sql`insert into auth.users (id, email, aud, role, email_confirmed_at)
    select id, 'fuzz-' || id || '@example.test', 'authenticated', 'authenticated', now() from unnest(${ids}::uuid[]) as id`;
  await sql`insert into platform.memberships (user_id, system, role)
    select id, 'leads', (array['acheteur', 'agent', 'fournisseur', 'admin'])[1 + n % 4]
    from unnest(${ids}::uuid[]) with ordinality as v (id, n)`;
  return ids;
}

async function addSecrets(sql: postgres.Sql, supplier: string, otherAgent: string): Promise<void> {
  const name = (what: string) => `${what}-${randomUUID().slice(0, 8)}`;
  await addLeads(sql, supplier, [
    {
      ...{ reference: name("rejected"), status: "rejected", qualification_status: "not_qualified" },
      secret: "hidden",
      agent_id: otherAgent,
    },
    {
      ...{ reference: name("withdrawn"), status: "qualified", qualification_status: "qualified" },
      secret: "hidden",
      withdrawn_at: new Date(),
    },
    {
      ...{ reference: name("on-sale"), status: "qualified", qualification_status: "qualified" },
      secret: "onSale",
      agent_id: otherAgent,
    },
  ]);
}

type NewLead = {
  reference: string;
  status: string;
  qualification_status: string;
  secret?: keyof typeof secrets;
  agent_id?: string;
  withdrawn_at?: Date;
};

async function addLeads(sql: postgres.Sql, supplier: string, leads: readonly NewLead[]): Promise<void> {
  if (leads.length === 0) return;
  const rows = leads.map(({ secret: _, ...lead }, n) => ({
    ...{ agent_id: null, withdrawn_at: null, supplier_id: supplier, first_name: "Camille", last_name_mask: "F." },
    ...{ sector: "Isolation", region: "Bretagne", price_cents: 1500 + n, is_exclusive: n % 3 === 0 },
    ...{ qualified_at: lead.qualification_status === "qualified" ? new Date() : null },
    ...lead,
  }));
  const made = await sql<
    { id: string; reference: string }[]
  >`insert into leads.leads ${sql(rows)} returning id, reference`;
  const contacts = made.map(({ id, reference }) => {
    const { secret } = leads.find((lead) => lead.reference === reference) ?? {};
    const name = secret ? secrets[secret] : "Martin";
    const phone = secret ? `+33 ${secretPhones[secret].replace(/^(.)(..)(..)(..)(..)$/, "$1 $2 $3 $4 $5")}` : null;
    return {
      lead_id: id,
      supplier_id: supplier,
      last_name: name,
      email: `${secret ? name : id}@example.test`,
      phone,
      notes: secret ? name : "",
    };
  });
  await sql`insert into leads.lead_contacts ${sql(contacts)}`;
}

/** Leads to buy and to qualify, in the place of those that are gone. */
async function restock(sql: postgres.Sql, supplier: string): Promise<void> {
  const [left] = await sql<{ onSale: number; fresh: number }[]>`select
      count(*) filter (where qualification_status = 'qualified' and sales_count = 0)::integer as "onSale",
      count(*) filter (where status = 'new')::integer as fresh
    from leads.leads where supplier_id = ${supplier} and withdrawn_at is null and reference like 'fuzz-%'`;
  const lacking = (kind: "onSale" | "fresh", status: string, qualification: string) =>
    Array.from({ length: Math.max(0, stock[kind] - (left?.[kind] ?? 0)) }, () => ({
      ...{ reference: `fuzz-${randomUUID().slice(0, 13)}`, status, qualification_status: qualification },
    }));
  await addLeads(sql, supplier, [
    ...lacking("onSale", "qualified", "qualified"),
    ...lacking("fresh", "new", "pending"),
  ]);
}

async function fillPurse(sql: postgres.Sql, buyer: string): Promise<void> {
  await sql`with figure as (
      insert into platform.opening_figures as f (system, figure, subject, value) select 'leads', 'acheteur.credits', ${buyer}, ${stock.credits}
      where coalesce((select sum(b.balance) from platform.ledger_accounts a join platform.ledger_balances b on b.account_id = a.id
        where a.owner = ${buyer}::uuid and a.kind = 'buyer_paid'), 0) < 1000
      on conflict (system, figure, subject, month) do update set value = f.value + excluded.value returning 1)
    select platform.post_transfer('leads', 'opening', gen_random_uuid()::text, array[('buyer_paid', ${buyer}::uuid, ${stock.credits}::bigint),
      ('credits_opening', null, ${-stock.credits}::bigint)]::platform.ledger_line[]) from figure`;
}

const families: [path: RegExp, query: string][] = [
  [/leads\/|^lead_/, "select reference from leads.leads order by md5(reference) limit 200"],
  [/imports?\/|^import_|admin_import_/, "select reference from leads.imports order by md5(reference) limit 60"],
  [/audio/, "select reference from leads.calls order by md5(reference) limit 60"],
  [/packs\/|pack/, "select reference from leads.credit_packs limit 60"],
  [/rules\/|rule_/, "select reference from leads.credit_rules limit 60"],
  [/orders\/|order/, "select reference from leads.pack_orders limit 60"],
  [/invoice/, "select number from leads.invoices limit 60"],
  [/gains\/|gains_/, "select reference from leads.suppliers order by md5(reference) limit 60"],
  [/payouts\/|payout_/, "select transfer_reference from leads.payouts limit 60"],
  [/virement/, "select reference from leads.payouts limit 60"],
  [/returns\/|return_/, "select reference from leads.returns limit 60"],
  [/notifications\/|mark_read/, "select reference from platform.notifications order by md5(reference) limit 100"],
  [/rate-limits\/|rate_limit/, "select name from platform.rate_limit_rules"],
];

async function lookAround(sql: postgres.Sql, victims: readonly string[]): Promise<Pool> {
  const found = await Promise.all(
    families.map(async ([path, query]) => {
      const rows = await sql.unsafe(query).values();
      return [path, rows.map((row) => String(row[0]))] as const;
    }),
  );
  return (family) => {
    if (/users\/|user_/.test(family)) return victims;
    return found.find(([path]) => path.test(family))?.[1] ?? [];
  };
}
