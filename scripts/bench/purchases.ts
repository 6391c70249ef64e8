import type postgres from "postgres";
import { onServer } from "../db/build-database.ts";
import type { StackInfo } from "../stack/index.ts";
import { startServerByHand } from "./by-hand.ts";
import type { LoadClient, Sending } from "./load.ts";
import { type Buyer, connectAs, makeBuyers, makeLeads } from "./purchases-market.ts";
import { connectWithoutRules, makeRowsOfPurchase, writeRowsOfPurchase } from "./purchases-rows.ts";
import { type Comparison, compare, type Result } from "./result.ts";
import { inTurn, type Round } from "./rounds.ts";

/** What the purchases are measured with. */
export type PurchasesRun = { info: StackInfo; client: LoadClient; rounds: number };

const clients = 8;
const purchasesPerRound = 200;
const updatesPerRound = 2000;
const suppliers = 40;
const earlierPurchases = 2000;
const warmingPurchases = 2000;

/**
 * Purchases by one call of the function, against the least that a purchase must do: one UPDATE of the balance that is
 * debited, by the same clients; and against its rows alone. And over HTTP, against a server written by hand that calls the
 * same function.
 */
export async function measurePurchases(run: PurchasesRun): Promise<Result[]> {
  const { info, rounds } = run;
  return onServer(info.dbUrl, async (sql) => {
    const buyers = await makeBuyers(sql, info, clients);
    const needed = (rounds + 1) * purchasesPerRound;
    const spread = await makeLeads(sql, "spread", 5 * needed + earlierPurchases + 2 * warmingPurchases, suppliers);
    const hot = await makeLeads(sql, "hot", needed, 1);
    await makeBalances(sql);
    await makeRowsOfPurchase(sql);
    // A market that has lived for a while, as autovacuum leaves it: plans that are made for empty tables read all of a table
    // for each row, and are kept until the next analyze.
    await buyBefore(info, buyers, spread);
    await sql`vacuum analyze`;
    return [...(await measureCalls(run, buyers, spread, hot)), ...(await measureHttp(run, buyers, spread))];
  });
}

async function buyBefore(info: StackInfo, buyers: Buyer[], leads: Iterator<string>): Promise<void> {
  const connections = await Promise.all(buyers.map((buyer) => connectAs(info.dbUrl, buyer)));
  for (let bought = 0; bought < earlierPurchases; bought += purchasesPerRound) await buying(connections, leads)();
  await Promise.all(connections.map((connection) => connection.end()));
}

async function measureCalls(
  { info, rounds }: PurchasesRun,
  buyers: Buyer[],
  spread: Iterator<string>,
  hot: Iterator<string>,
) {
  const own = await Promise.all(buyers.map((buyer) => connectAs(info.dbUrl, buyer)));
  const same = await Promise.all(buyers.map(() => connectAs(info.dbUrl, buyers[0] as Buyer)));
  const bare = await Promise.all(buyers.map(() => connectWithoutRules(info.dbUrl)));
  try {
    const { purchases, hotBuyer, hotSupplier, rows, updates, hotUpdates } = await inTurn(
      {
        purchases: buying(own, spread),
        hotBuyer: buying(same, spread),
        hotSupplier: buying(own, hot),
        rows: writingRows(bare, buyers, spread),
        updates: updating(own, (client) => client),
        hotUpdates: updating(own, () => 0),
      },
      rounds,
    );
    return [
      compare(named("each of 8 buyers his own", "UPDATE of a balance each", 0.4), purchases, updates),
      compare(named("all by one buyer", "UPDATE of one balance", 0.4), hotBuyer, hotUpdates),
      compare(named("all of one supplier", `of ${suppliers} suppliers`, 0.5), hotSupplier, purchases),
      compare(named("each of 8 buyers his own", "the same rows without a rule", null), purchases, rows),
      compare(
        { ...named("", "UPDATE of a balance each", null), name: "the rows of a purchase without a rule" },
        rows,
        updates,
      ),
    ];
  } finally {
    await Promise.all([...own, ...same, ...bare].map((connection) => connection.end()));
  }
}

function named(name: string, againstName: string, atLeast: number | null): Comparison {
  const aim = atLeast === null ? null : { atLeast };
  return { group: "Purchases", name: `lead_purchase, ${name}`, againstName, unit: "req/s", aim };
}

function buying(connections: postgres.Sql[], leads: Iterator<string>): Round {
  return () => {
    const wanted = take(leads, purchasesPerRound);
    return perSecond(connections, purchasesPerRound, (sql, n) => sql`select public.lead_purchase(${wanted[n] ?? ""})`);
  };
}

function writingRows(connections: postgres.Sql[], buyers: Buyer[], leads: Iterator<string>): Round {
  return () => {
    const wanted = take(leads, purchasesPerRound);
    return perSecond(connections, purchasesPerRound, (sql, n, client) =>
      writeRowsOfPurchase(sql, wanted[n] ?? "", buyers[client]?.id ?? "", 100 + client),
    );
  };
}

function updating(connections: postgres.Sql[], rowOf: (client: number) => number): Round {
  return () =>
    perSecond(connections, updatesPerRound, (sql, _, client) => {
      return sql`update public.bench_balances set balance = balance - 1 where id = ${rowOf(client)}`;
    });
}

type Statement = (sql: postgres.Sql, n: number, client: number) => PromiseLike<unknown>;

// Each client sends one statement after the other, until all are sent.
async function perSecond(connections: postgres.Sql[], count: number, statement: Statement): Promise<number> {
  const left = Array.from({ length: count }, (_, n) => n).values();
  const begun = performance.now();
  const loop = async (sql: postgres.Sql, client: number) => {
    for (const n of left) await statement(sql, n, client);
  };
  await Promise.all(connections.map(loop));
  return (count / (performance.now() - begun)) * 1000;
}

async function makeBalances(sql: postgres.Sql): Promise<void> {
  await sql`create table public.bench_balances (id integer primary key, balance bigint not null)`;
  await sql`insert into public.bench_balances select i, 1000000000 from generate_series(0, ${clients - 1}::integer) as i`;
  await sql`grant select, update on public.bench_balances to authenticated`;
}

async function measureHttp(
  { info, client, rounds }: PurchasesRun,
  buyers: Buyer[],
  leads: Iterator<string>,
): Promise<Result[]> {
  const server = await startServerByHand(info);
  const buy = async (api: string, headers: Record<string, string>, count: number) => {
    const requests = take(leads, count).map((lead, n): Sending => {
      const token = buyers[n % buyers.length]?.token ?? "";
      return {
        method: "POST",
        url: `${api}/leads/${lead}/purchase`,
        headers: { ...headers, Authorization: `Bearer ${token}` },
        status: 201,
      };
    });
    return (await client.send({ requests, connections: 4 })).requestsPerSecond;
  };
  const api = info.systems.leads?.apiBase ?? "";
  const measuredSide = (count: number) => buy(api, { apikey: info.publishableKey }, count);
  const sideByHand = (count: number) => buy(`${server.url}/api`, {}, count);
  const sides = { measured: () => measuredSide(purchasesPerRound), byHand: () => sideByHand(purchasesPerRound) };
  try {
    // Servers run for days: what they have not compiled yet is no part of their speed.
    await measuredSide(warmingPurchases);
    await sideByHand(warmingPurchases);
    const { measured, byHand } = await inTurn(sides, rounds);
    const comparison = {
      name: "POST /api/leads/:id/purchase",
      againstName: "Fastify + postgres.js by hand",
      aim: { atLeast: 0.8 },
    };
    return [compare({ group: "Purchases", unit: "req/s", ...comparison }, measured, byHand)];
  } finally {
    server.stop();
  }
}

function take(leads: Iterator<string>, count: number): string[] {
  return Array.from({ length: count }, () => {
    const { value, done } = leads.next();
    if (done) throw new Error("There are not enough leads");
    return value;
  });
}
