import type postgres from "postgres";
import { randomOf } from "./random.ts";
import { sendUntilAnswered } from "./request.ts";

/** Who and what is there to deal with: uuids of people, references of suppliers, leads and packs. */
export type Market = {
  admin: string;
  buyers: string[];
  suppliers: string[];
  leads: string[];
  /** Exclusive leads that only the race is about. */
  prizes: string[];
  packs: Pack[];
};

/** A pack of credits and what a buyer gets by it, bonus included. */
type Pack = { id: string; credits: number };

/** What every buyer begins with. */
export const openingCredits = 60;
const prizes = 5;

/** Puts a market into an empty database: buyers with credits, suppliers that can be paid, leads on sale. */
export async function openMarket(sql: postgres.Sql, size: { buyers: number; leads: number }): Promise<Market> {
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}-${n + 1}`);
  const buyers = names("buyer", size.buyers).map(idOf);
  const suppliers = names("supplier", 20);
  const packs = names("pack", 3).map((id, n) => ({ id, credits: 44 * (n + 1) }));
  await sql.begin(async (at) => {
    await addPeople(at, buyers);
    await at`insert into leads.suppliers (id, reference, contact_name, company, email, status)
      select id, name, name, name, name || '@chaos.test', 'active'
      from unnest(${suppliers.map(idOf)}::uuid[], ${suppliers}::text[]) as s (id, name)`;
    // Nothing is sold before the invoices can name who sells.
    await at`select leads.keep_demo_seller()`;
    // The ten-thousandth part of a day: what was sold becomes payable while others are still given back.
    await at`insert into leads.credit_rules (name, description, value, unit)
      select name, description, 0.0001, unit from leads.rule_kinds where kind = 'return_window'`;
    await at`insert into leads.credit_packs (reference, name, credits, bonus, price_cents, price_per_credit_cents)
      select name, name, 40 * n, 4 * n, 9900 * n, 247 from unnest(${packs.map(({ id }) => id)}::text[]) with ordinality as p (name, n)`;
  });
  const leads = names("lead", size.leads);
  await addLeads(sql, leads, "i % 4 = 0");
  await addLeads(sql, names("prize", prizes), "true");
  await sql`vacuum analyze`;
  return { admin: idOf("admin"), buyers, suppliers, leads, prizes: names("prize", prizes), packs };
}

/** Gives every supplier a bank account, as an admin does it: only the function can seal one. */
export async function giveAccounts(dataDir: string, { admin, suppliers }: Market): Promise<void> {
  for (const subject of suppliers) {
    const path = `admin/gains/${subject}/iban`;
    const body = { iban: "FR76 3000 6000 0112 3456 7890 189" };
    const { status } = await sendUntilAnswered(dataDir, {
      kind: "payout",
      actor: admin,
      method: "PUT",
      path,
      subject,
      body,
    });
    if (status !== 200) throw new Error(`${path} answered ${status}`);
  }
}

async function addPeople(at: postgres.TransactionSql, buyers: string[]): Promise<void> {
  const admin = idOf("admin");
  await at`insert into auth.users (id, email) select id, id || '@chaos.test' from unnest(${[admin, ...buyers]}::uuid[]) as id`;
  await at`insert into platform.memberships (user_id, system, role)
    select id, 'leads', case id when ${admin} then 'admin' else 'acheteur' end from unnest(${[admin, ...buyers]}::uuid[]) as id`;
  await at`insert into platform.opening_figures (system, figure, subject, value)
    select 'leads', 'acheteur.credits', id, ${openingCredits} from unnest(${buyers}::text[]) as id`;
  await at`select platform.post_transfer('leads', 'opening', 'chaos', array_agg((l.kind, l.owner, l.amount)::platform.ledger_line))
    from (select 'buyer_paid' as kind, id as owner, ${openingCredits}::bigint as amount from unnest(${buyers}::uuid[]) as id
      union all select 'credits_opening', null, ${-openingCredits * buyers.length}) as l`;
}

async function addLeads(sql: postgres.Sql, names: string[], exclusive: string): Promise<void> {
  await sql`insert into leads.leads (reference, supplier_id, first_name, last_name_mask, company, sector, region, status,
      qualification_status, price_cents, is_exclusive, qualified_at)
    select name, (select id from leads.suppliers where reference = 'supplier-' || 1 + i % 20), 'Camille', 'M.', 'Atelier ' || name,
      'Isolation', 'Bretagne', 'qualified', 'qualified', 1500 + i % 20 * 100, ${sql.unsafe(exclusive)}, now()
    from unnest(${names}::text[]) with ordinality as l (name, i)`;
  await sql`insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone)
    select id, supplier_id, 'Martin', reference || '@chaos.test', '+33 6 39 98 00 00' from leads.leads where reference = any(${names})`;
}

function idOf(name: string): string {
  return randomOf(name).uuid();
}
