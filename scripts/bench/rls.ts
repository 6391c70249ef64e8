import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type postgres from "postgres";
import { onServer } from "../db/build-database.ts";
import { inWords, rareCompany } from "./grow.ts";
import { compare, type Result } from "./result.ts";
import { type QueryPair, queryPairs } from "./rls-queries.ts";
import { inTurn, median } from "./rounds.ts";

/** The demo buyer. */
const buyer = "pierre@renovation-plus.fr";
const repeats = 5;

/** A connection to the database, the clock of its server process in milliseconds, and the buyer's id. */
type Session = { sql: postgres.Sql; clock: () => number; me: string };

/** What row-level security costs: the buyer's queries against a superuser's, on one connection, warm. */
export async function measureRls(dbUrl: string, leads: number, rounds: number): Promise<Result[]> {
  return onServer(dbUrl, async (sql) => {
    const [row] = await sql<{ id: string; pid: number }[]>`
      select id, pg_backend_pid() as pid from platform.profiles where email = ${buyer}`;
    if (!row) throw new Error(`There is no ${buyer}: the demo data is missing`);
    const session = { sql, clock: clockOf(row.pid), me: row.id };
    const results: Result[] = [];
    for (const pair of queryPairs(await rareCompany(sql), row.id)) {
      results.push(await measurePair(session, pair, leads, rounds));
    }
    return results;
  });
}

async function measurePair(session: Session, pair: QueryPair, leads: number, rounds: number): Promise<Result> {
  await sameAnswer(session, pair);
  const { policies, byHand } = await inTurn(
    {
      policies: () => asBuyer(session, (transaction) => time(transaction, session.clock, pair.policies)),
      byHand: () => asSuperuser(session, (transaction) => time(transaction, session.clock, pair.byHand)),
    },
    rounds,
  );
  const name = `${pair.name}, ${inWords(leads)}`;
  return compare(
    { group: "Row-level security, as acheteur", name, againstName: "superuser", unit: "ms", aim: { atMost: 1.2 } },
    policies,
    byHand,
  );
}

// A comparison of two different answers would say nothing.
async function sameAnswer(session: Session, { name, policies, byHand }: QueryPair): Promise<void> {
  const mine = await asBuyer(session, (transaction) => transaction.unsafe(policies));
  const his = await asSuperuser(session, (transaction) => transaction.unsafe(byHand));
  if (mine.length === 0 || !isDeepStrictEqual([...mine], [...his])) throw new Error(`${name}: the two answers differ`);
}

type Work<T> = (transaction: postgres.TransactionSql) => Promise<T>;

async function asBuyer<T>({ sql, me }: Session, work: Work<T>): Promise<T> {
  const claims = JSON.stringify({ role: "authenticated", sub: me });
  return sql.begin(async (transaction) => {
    await transaction`select set_config('request.jwt.claims', ${claims}, true)`;
    await transaction`set local role authenticated`;
    return work(transaction);
  }) as Promise<T>;
}

async function asSuperuser<T>({ sql }: Session, work: Work<T>): Promise<T> {
  return sql.begin(work) as Promise<T>;
}

/** Milliseconds of a query, planning included. Whole rows are made and counted in the database, not sent. */
async function time(sql: postgres.TransactionSql, clock: () => number, query: string): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < repeats; i++) {
    const begun = clock();
    await sql.unsafe(`select count(answer) from (${query}) as answer`);
    times.push(clock() - begun);
  }
  return median(times);
}

// On Linux the time that the server process was on a processor: all data is in memory, so that the rest is what other
// programs took. Elsewhere the time that passed.
function clockOf(pid: number): () => number {
  const file = `/proc/${pid}/schedstat`;
  if (!existsSync(file)) return () => performance.now();
  return () => Number(readFileSync(file, "utf8").split(" ")[0]) / 1e6;
}
