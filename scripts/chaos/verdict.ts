import type postgres from "postgres";
import type { Entry } from "./journal.ts";
import { type Market, openingCredits } from "./market.ts";
import type { Kind } from "./operation.ts";

/** Where the database contradicts what the clients were answered, or itself. None: nothing was lost or done twice. */
export async function problemsOf(sql: postgres.Sql, market: Market, entries: readonly Entry[]): Promise<string[]> {
  const sold = await sql<{ pair: string }[]>`
    select buyer_id || ' ' || l.reference as pair from leads.sales s join leads.leads l on l.id = s.lead_id`;
  const returned = await sql<{ pair: string }[]>`select buyer_id || ' ' || lead_reference as pair from leads.returns`;
  const followed = await sql<{ pair: string }[]>`
    select buyer_id || ' ' || l.reference as pair from leads.outcomes o join leads.leads l on l.id = o.lead_id`;
  return [
    ...unexpected(entries),
    ...differences("purchase", pairsOf(entries, ["purchase"]), sold),
    ...differences("return", pairsOf(entries, ["return"]), returned),
    ...differences("outcome", pairsOf(entries, ["outcome"]), followed),
    ...(await decisionProblems(sql, entries)),
    ...(await keyedProblems(sql, entries)),
    ...(await balanceProblems(sql, market, entries)),
    ...(await placeProblems(sql)),
    ...(await bookProblems(sql)),
  ];
}

/** What each kind of request may be answered: done, done before, or refused for a reason. */
const answers: Record<Kind, number[]> = {
  purchase: [200, 201, 402, 404, 409],
  again: [],
  return: [200, 201, 409],
  decision: [200, 409],
  outcome: [200, 409],
  pack: [200, 201],
  payout: [200, 201, 409],
  settlement: [200, 409],
};

const decisions: Kind[] = ["decision", "settlement"];

function unexpected(entries: readonly Entry[]): string[] {
  return entries
    .filter(({ operation, status }) => status === undefined || !answers[operation.kind].includes(status))
    .map(
      ({ operation, status, answer }) =>
        `${operation.kind} of ${operation.subject} was answered ${status} ${answer?.code ?? ""}`,
    );
}

const isDone = ({ status = 0 }: Entry) => status >= 200 && status < 300;

function pairsOf(entries: readonly Entry[], kinds: Kind[]): Set<string> {
  const done = entries.filter((entry) => kinds.includes(entry.operation.kind) && isDone(entry));
  return new Set(done.map(({ operation }) => `${operation.actor} ${operation.subject}`));
}

function differences(what: string, answered: Set<string>, rows: readonly { pair: string }[]): string[] {
  const found = new Set(rows.map(({ pair }) => pair));
  return [
    ...[...answered].filter((pair) => !found.has(pair)).map((pair) => `lost: ${what} ${pair}`),
    ...[...found].filter((pair) => !answered.has(pair)).map((pair) => `nobody was told of it: ${what} ${pair}`),
    ...(found.size < rows.length ? [`twice: ${what}, ${rows.length - found.size} times`] : []),
  ];
}

// The decision that was answered is the one that holds, and there is no other.
async function decisionProblems(sql: postgres.Sql, entries: readonly Entry[]): Promise<string[]> {
  const rows = await sql<{ id: string; status: string; undecided: string }[]>`
    select reference as id, status, 'requested' as undecided from leads.returns
    union all select reference, status, 'pending' from leads.payouts`;
  const told = new Map<string, string>();
  for (const { operation, answer } of entries.filter(isDone)) {
    if (decisions.includes(operation.kind)) told.set(operation.subject, answer?.status ?? "");
  }
  return rows
    .filter(({ id, status, undecided }) => (told.get(id) ?? undecided) !== status)
    .map(({ id, status }) => `${id} is ${status}, told was ${told.get(id) ?? "nothing"}`);
}

// Each key did one thing, and each thing has its key.
async function keyedProblems(sql: postgres.Sql, entries: readonly Entry[]): Promise<string[]> {
  const [rows] = await sql<{ pack: number; payout: number }[]>`
    select (select count(*)::integer from leads.payments where type = 'credit_purchase') as pack,
      (select count(*)::integer from leads.payouts) as payout`;
  return (["pack", "payout"] as const).flatMap((kind) => {
    const done = entries.filter((entry) => entry.operation.kind === kind && isDone(entry));
    const keys = new Set(done.map(({ operation }) => operation.key)).size;
    return rows?.[kind] === keys ? [] : [`${kind}: ${keys} keys were answered, ${rows?.[kind]} rows are there`];
  });
}

// Every buyer's credits, counted from the answers alone.
async function balanceProblems(sql: postgres.Sql, market: Market, entries: readonly Entry[]): Promise<string[]> {
  const credits = new Map(market.buyers.map((buyer) => [buyer, openingCredits]));
  const add = (buyer: string, amount: number) => credits.set(buyer, (credits.get(buyer) ?? 0) + amount);
  const counted = new Set<string>();
  for (const entry of entries.filter(isDone)) {
    const { kind, actor, subject, key } = entry.operation;
    const event = `${kind} ${key ?? `${actor} ${subject}`}`;
    if (counted.has(event)) continue;
    counted.add(event);
    if (kind === "purchase") add(actor, -(entry.answer?.credits ?? 0));
    if (kind === "pack") add(actor, market.packs.find(({ id }) => id === subject)?.credits ?? 0);
  }
  const rows = await sql<{ buyer: string; returned: number; credits: number }[]>`
    select b.id as buyer, leads.credits_of(b.id)::integer as credits, coalesce((
      select sum(s.credits) from leads.returns r join leads.sales s using (buyer_id, lead_id)
      where r.buyer_id = b.id and r.status = 'accepted'), 0)::integer as returned
    from unnest(${market.buyers}::uuid[]) as b (id)`;
  return rows
    .filter((row) => row.credits !== (credits.get(row.buyer) ?? 0) + row.returned)
    .map(
      (row) =>
        `buyer ${row.buyer} has ${row.credits} credits, his answers say ${(credits.get(row.buyer) ?? 0) + row.returned}`,
    );
}

async function placeProblems(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql<{ lead: string; sales: number }[]>`
    select l.reference as lead, count(*)::integer as sales from leads.sales s join leads.leads l on l.id = s.lead_id
    group by l.id having count(*) > case when l.is_exclusive then 1 else leads.rule('buyers_per_shared_lead') end`;
  return rows.map(({ lead, sales }) => `${lead} was sold ${sales} times`);
}

async function bookProblems(sql: postgres.Sql): Promise<string[]> {
  const rows = await sql`select * from leads.ledger_problems()`;
  return rows.map((row) => `ledger: ${JSON.stringify(row)}`);
}
