import { beforeAll, expect, it } from "vitest";
import type { Entry } from "../../scripts/chaos/journal.ts";
import { type Market, openMarket } from "../../scripts/chaos/market.ts";
import { problemsOf } from "../../scripts/chaos/verdict.ts";
import { testDatabase } from "../support/sql.ts";

// A verdict that never finds anything would say nothing: here it is given answers that the database contradicts.

const { sql } = await testDatabase();
let market: Market;
let buyer: string;

beforeAll(async () => {
  market = await openMarket(sql, { buyers: 2, leads: 5 });
  buyer = market.buyers[0] ?? "";
});

/** A purchase as its client keeps it. */
function bought(lead: string, credits = 5): Entry {
  const operation = { kind: "purchase" as const, actor: buyer, path: `leads/${lead}/purchase`, subject: lead };
  return { n: 1, operation, status: 201, answer: { credits } };
}

async function buy(lead: string): Promise<void> {
  const claims = JSON.stringify({ role: "authenticated", sub: buyer });
  await sql.begin(async (at) => {
    await at`select set_config('request.jwt.claims', ${claims}, true)`;
    await at`set local role authenticated`;
    await at`select public.lead_purchase(${lead})`;
  });
}

const problems = (...entries: Entry[]) => problemsOf(sql, market, entries);

it("finds nothing where nothing was done, and what was answered and is not there", async () => {
  expect(await problems()).toEqual([]);
  expect(await problems(bought("lead-1"))).toEqual([
    `lost: purchase ${buyer} lead-1`,
    `buyer ${buyer} has 60 credits, his answers say 55`,
  ]);
});

it("finds what was done and not answered, and what cost another price than was told", async () => {
  await buy("lead-1");
  expect(await problems(bought("lead-1"))).toEqual([]);
  expect(await problems()).toEqual([
    `nobody was told of it: purchase ${buyer} lead-1`,
    `buyer ${buyer} has 55 credits, his answers say 60`,
  ]);
  expect(await problems(bought("lead-1", 10))).toEqual([`buyer ${buyer} has 55 credits, his answers say 50`]);
});

it("finds an answer that nobody should get", async () => {
  const failed: Entry = { ...bought("lead-2"), status: 500, answer: {} };
  expect(await problems(bought("lead-1"), failed)).toEqual(["purchase of lead-2 was answered 500 "]);
});
