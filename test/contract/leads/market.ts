import { randomUUID } from "node:crypto";
import type { TransactionSql } from "postgres";
import { db } from "../../support/stack.ts";
import type { Person } from "../people.ts";

/** What a lead of a test may be told; the rest does not matter to it. */
export type LeadTraits = {
  lastName?: string;
  email?: string | null;
  phone?: string | null;
  notes?: string | null;
  status?: "new" | "qualified" | "sold" | "rejected" | "pending";
  qualificationStatus?: "pending" | "in_progress" | "qualified" | "not_qualified" | "callback";
  agent?: Person;
};

/** A supplier of a test file's own: what he brings is found by nobody else's test, and goes with him. */
export type Supplier = { id: string; reference: string; company: string };

/** A supplier whose account is `person`. */
export async function addSupplier(person: Person): Promise<Supplier> {
  const company = `Fournisseur ${randomUUID()}`;
  const [row] = await db()<{ id: string; reference: string }[]>`
    insert into leads.suppliers (user_id, contact_name, company, email, iban_mask, status)
    values (${person.id}, 'Contact de test', ${company}, ${person.email}, 'FR76 •••• •••• •••• 0001', 'active')
    returning id, reference`;
  if (!row) throw new Error("no supplier was made");
  return { ...row, company };
}

/** Brings leads with their contacts, the first one the newest; returns their references. */
export async function addLeads(supplier: Supplier, leads: LeadTraits[]): Promise<string[]> {
  const now = Date.now();
  const delivery = randomUUID();
  const rows = leads.map((traits, i) => ({ id: keyAt(now - i), reference: `test-${delivery}-${i}`, ...rowOf(traits) }));
  await db()`
    with given as (select * from jsonb_to_recordset(${db().json(rows)}) as given (
      id uuid, reference text, agent uuid, "lastName" text, email text, phone text, notes text, status text, "qualificationStatus" text)
    ), brought as (
      insert into leads.leads (id, reference, supplier_id, agent_id, first_name, last_name_mask, email_mask, phone_mask, company, sector,
        region, score, status, qualification_status, price_cents, qualified_at)
      select id, reference, ${supplier.id}, agent, 'Zoé', platform.mask_last_name("lastName"), platform.mask_email(email),
        platform.mask_phone(phone), ${supplier.company}, 'Isolation', 'Bretagne', 80, status, "qualificationStatus", 2500,
        case when "qualificationStatus" = 'qualified' then now() end
      from given returning id, reference
    )
    insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, notes)
    select brought.id, ${supplier.id}, "lastName", email, phone, given.notes from brought join given using (reference)`;
  return rows.map(({ reference }) => reference);
}

function rowOf(traits: LeadTraits) {
  const { status = "qualified", agent, lastName = "Secret", email = null, phone = null, notes = null } = traits;
  const qualificationStatus = traits.qualificationStatus ?? (status === "new" ? "pending" : "qualified");
  return { agent: agent?.id ?? null, lastName, email, phone, notes, status, qualificationStatus };
}

/** A uuid v7: lists are ordered by these keys, newest first. */
function keyAt(milliseconds: number): string {
  const time = milliseconds.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** Sells a lead, which goes on being shown as what its status says. */
export async function sell(reference: string, buyer: Person): Promise<void> {
  await db()`
    with sold as (update leads.leads set sales_count = 1 where reference = ${reference} returning *)
    insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents, supplier_share_cents)
    select id, ${buyer.id}, supplier_id, price_cents, 1500 from sold`;
}

/** Takes a sale back, as no part of the product does. */
export async function undoSale(reference: string, buyer: Person): Promise<void> {
  await db()`
    delete from leads.sales using leads.leads
    where leads.id = sales.lead_id and leads.reference = ${reference} and sales.buyer_id = ${buyer.id}`;
}

/** Takes suppliers away again, with all that hangs on them. */
export async function removeSuppliers(...suppliers: Supplier[]): Promise<void> {
  const ids = suppliers.map(({ id }) => id);
  await db().begin(async (sql) => {
    await refusePending(sql, ids);
    await forgetTransfers(sql, ids);
    const payouts = sql`(select id from leads.payouts where supplier_id in ${sql(ids)})`;
    await sql`delete from leads.transactions t using leads.sales s join leads.leads l on l.id = s.lead_id
      where l.supplier_id in ${sql(ids)} and t.user_id = s.buyer_id
        and t.description in ('Achat lead — ' || leads.title_of(l), 'Remboursement lead — ' || leads.title_of(l))`;
    await sql`delete from leads.payout_lines where payout_id in ${payouts}`;
    await sql`delete from leads.earnings where supplier_id in ${sql(ids)}`;
    const sold = sql`(select id from leads.leads where supplier_id in ${sql(ids)})`;
    for (const table of ["returns", "outcomes", "payments", "sales"]) {
      await sql`delete from ${sql(`leads.${table}`)} where lead_id in ${sold}`;
    }
    await sql`with gone as (delete from leads.payouts where supplier_id in ${sql(ids)} returning transaction_id)
      delete from leads.transactions t using gone where t.id = gone.transaction_id`;
    await sql`delete from leads.leads where supplier_id in ${sql(ids)}`;
    await sql`delete from leads.suppliers where id in ${sql(ids)}`;
    // What the product never removes is not taken out of the figures either.
    await sql`select leads.recount()`;
  });
}

/** What is on its way would stay so in the ledger. */
async function refusePending(sql: TransactionSql, suppliers: string[]): Promise<void> {
  await sql`select set_config('request.jwt.claims', '{"role": "service_role"}', true)`;
  await sql`select leads.settle_payout(reference, 'failed') from leads.payouts
    where status = 'pending' and supplier_id in ${sql(suppliers)}`;
}

/** Takes out of the books what moved for sales and payouts that are removed, as no part of the product can. */
async function forgetTransfers(sql: TransactionSql, suppliers: string[]): Promise<void> {
  await sql`set local session_replication_role = replica`;
  await sql`
    with rows as (
      select id::text as key from leads.payouts where supplier_id in ${sql(suppliers)}
      union all select lead_id || ':' || buyer_id from leads.sales where supplier_id in ${sql(suppliers)}
      union all select r.id::text from leads.returns r join leads.leads l on l.id = r.lead_id where l.supplier_id in ${sql(suppliers)}
    ), transfers as (
      delete from platform.ledger_transfers t using rows where t.system = 'leads' and t.key = rows.key returning t.id
    ), entries as (
      delete from platform.ledger_entries e using transfers where e.transfer_id = transfers.id returning e.account_id, e.amount
    )
    update platform.ledger_balances b set balance = b.balance - e.amount
    from (select account_id, sum(amount) as amount from entries group by 1) e
    where b.account_id = e.account_id and b.slot = (select min(slot) from platform.ledger_balances s where s.account_id = b.account_id)`;
  // The statements of guarded accounts close up.
  await sql`
    with kept as (
      select e.transfer_id, e.account_id, row_number() over w as number, sum(e.amount) over w as balance
      from platform.ledger_entries e where e.number is not null window w as (partition by e.account_id order by e.number)
    )
    update platform.ledger_entries e set number = k.number, balance = k.balance from kept k
    where k.transfer_id = e.transfer_id and k.account_id = e.account_id and (e.number, e.balance) is distinct from (k.number, k.balance)`;
  await sql`
    update platform.ledger_balances b set entries = (select count(*) from platform.ledger_entries e where e.account_id = b.account_id)
    where b.guarded`;
  await sql`set local session_replication_role = origin`;
}

/** Owes a supplier so many cents, payable now, as the opening of a ledger does. */
export async function owe(supplier: Supplier, cents: number): Promise<void> {
  await db().begin((sql) => oweIn(sql, supplier, cents));
}

/** The same in a transaction that is under way. */
export async function oweIn(sql: TransactionSql, supplier: Supplier, cents: number): Promise<void> {
  await sql`insert into leads.earnings (supplier_id, kind, amount_cents, payable_from) values (${supplier.id}, 'opening', ${cents}, now())`;
  await sql`select platform.post_transfer('leads', 'opening', ${randomUUID()},
    array[('supplier_earnings', ${supplier.id}::uuid, ${cents}), ('opening', null, ${-cents})]::platform.ledger_line[])`;
}

/** Lets the return window of all that a supplier sold be over. */
export async function endReturnWindow(supplier: Supplier): Promise<void> {
  await db()`update leads.earnings set payable_from = now() where supplier_id = ${supplier.id}`;
}
