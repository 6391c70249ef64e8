import type postgres from "postgres";

// Leads in any number, the same ones at every run: whatever differs between two of them comes from a hash of their
// number. They spread over two years, over 40 suppliers and 100 buyers beside the demo ones, and every seventh is sold.

const syllables =
  "ba be bi bo bu ca ce co da de di do fa fe fi fo ga go la le li lo ma me mi mo na ne ni no ra re".split(" ");
const suppliers = 40;
const buyers = 100;

/** Each row's own numbers, out of `generate_series as i`. A year 2023 and one 2024. */
const traits = `
  select i, h, syllable,
    '2023-01-01'::timestamptz + (h >> 20 & 65535) / 65536.0 * interval '730 days' as at,
    (array['new', 'pending', 'qualified', 'qualified', 'qualified', 'sold', 'rejected'])[1 + i % 7] as status,
    (array['Jean', 'Marie', 'Luc', 'Sophie', 'Paul', 'Emma', 'Hugo', 'Chloé', 'Louis', 'Alice'])[1 + (h & 65535) % 10] as first_name
  from generate_series($1::integer, $2::integer) as i
  cross join lateral (select hashint8extended(i, 1) as h) as hashed
  cross join lateral (select string_to_array('${syllables}', ',') as syllable) as words`;

/** Time-ordered like the ones that an import gives, the newest last; older than the demo leads. */
const leadId =
  "(lpad(to_hex(1600000000000 + i), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid";
const supplierId = `md5('supplier ' || i % ${suppliers})::uuid`;
const word = (shift: number) => [0, 5, 10, 15].map((more) => `syllable[1 + (h >> ${shift + more} & 31)]`).join(" || ");

/** A number of leads as people say it: 10k, 1M. */
export function inWords(leads: number): string {
  return leads >= 1_000_000 ? `${leads / 1_000_000}M` : `${leads / 1000}k`;
}

/** The company of one lead, a word that is found in hardly any other. */
export async function rareCompany(sql: postgres.Sql): Promise<string> {
  const [row] = await sql.unsafe(`select ${word(40)} as company from (${traits}) as lead`, [5000, 5000]);
  return (row as unknown as { company: string }).company;
}

/** Adds leads until there are `count` (those of the demo data not counted). */
export async function growTo(sql: postgres.Sql, count: number): Promise<void> {
  const [row] = await sql`select count(*)::integer as n from leads.leads where reference like 'bench-%'`;
  const [from, to] = [(row as unknown as { n: number }).n + 1, count];
  await sql.begin(async (transaction) => {
    if (from === 1) await addParties(transaction);
    await transaction`set local maintenance_work_mem = '1GB'`;
    // One statement for many rows, checked in the recount and nowhere else: triggers would count row sets of a million.
    await transaction`set local session_replication_role = replica`;
    const indexes = from === 1 || to - from < 200_000 ? [] : await dropIndexes(transaction);
    await addLeads(transaction, from, to);
    for (const index of indexes) await transaction.unsafe(index);
  });
  await sql`select leads.recount()`;
  await sql`vacuum analyze`;
}

async function addParties(sql: postgres.TransactionSql): Promise<void> {
  await sql`insert into leads.suppliers (id, reference, contact_name, company, email, status)
    select md5('supplier ' || i)::uuid, 'bench-' || i, 'Contact ' || i, 'Fournisseur ' || i, 'fournisseur-' || i || '@bench.test', 'active'
    from generate_series(0, ${suppliers - 1}::integer) as i`;
  await sql`insert into auth.users (id, email)
    select md5('buyer ' || i)::uuid, 'acheteur-' || i || '@bench.test' from generate_series(0, ${buyers - 1}::integer) as i`;
}

async function addLeads(sql: postgres.TransactionSql, from: number, to: number): Promise<void> {
  // Nothing in these texts is a person's.
  await sql`set local leads.texts_are_looked_at = 'on'`;
  await sql.unsafe(
    `insert into leads.leads (id, reference, supplier_id, first_name, last_name_mask, email_mask, phone_mask, company,
      sector, region, city, source, channel, score, status, qualification_status, price_cents, summary,
      qualified_at, sold_at, created_at, updated_at)
    select ${leadId}, 'bench-' || i, ${supplierId}, first_name, upper(left(${word(12)}, 1)) || '.',
      'x•••@•••', '+33 6 •• •• •• ' || lpad((i % 100)::text, 2, '0'), 'Atelier ' || ${word(40)},
      (array['Énergie Solaire', 'Isolation', 'Pompe à Chaleur', 'Rénovation', 'Assurance', 'Finance'])[1 + (h >> 8 & 65535) % 6],
      (array['Île-de-France', 'PACA', 'Bretagne', 'Occitanie', 'Corse', 'Normandie'])[1 + (h >> 16 & 65535) % 6],
      'Ville ' || i % 500, 'Google Ads', 'Search', (h >> 24 & 65535) % 101, status,
      case status when 'new' then 'pending' when 'pending' then 'callback' when 'rejected' then 'not_qualified' else 'qualified' end,
      1500 + (h >> 32 & 65535) % 30 * 100, 'Souhaite être rappelé en fin de journée',
      case when status in ('qualified', 'sold') then at + interval '1 day' end,
      case when status = 'sold' then at + interval '2 days' end, at, at
    from (${traits}) as lead order by i`,
    [from, to],
  );
  await sql.unsafe(
    `insert into leads.lead_contacts (lead_id, supplier_id, last_name, email, phone, notes)
    select ${leadId}, ${supplierId}, initcap(${word(12)}), 'personne-' || i || '@bench.test',
      '+33 6 39 98 ' || lpad((i / 100 % 100)::text, 2, '0') || ' ' || lpad((i % 100)::text, 2, '0'), 'Souhaite être rappelé en fin de journée'
    from (${traits}) as lead order by i`,
    [from, to],
  );
  // The demo buyer buys one sold lead in a hundred, like the hundred others.
  await sql.unsafe(
    `insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents, supplier_share_cents, sold_at)
    select ${leadId}, coalesce(buyer.id, md5('buyer ' || i / 7 % ${buyers + 1})::uuid), ${supplierId}, 2500, 1500, at + interval '2 days'
    from (${traits}) as lead
    left join platform.profiles as buyer on buyer.email = 'pierre@renovation-plus.fr' and i / 7 % ${buyers + 1} = ${buyers}
    where status = 'sold'`,
    [from, to],
  );
}

/** Indexes are built faster than kept, a million rows at a time. Returns the statements that bring them back. */
async function dropIndexes(sql: postgres.TransactionSql): Promise<string[]> {
  const indexes = await sql<{ name: string; definition: string }[]>`
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
    where i.indrelid in ('leads.leads'::regclass, 'leads.lead_contacts'::regclass) and not i.indisunique`;
  for (const { name } of indexes) await sql.unsafe(`drop index ${name}`);
  return indexes.map(({ definition }) => definition);
}
