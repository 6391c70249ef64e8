import { expect, test } from "vitest";
import { anonClient, clientFor, db, stack } from "../support/stack.ts";

test("x", async () => {
  console.log(await anonClient().from("leads").select("id").limit(1));
  console.log(await (await clientFor("sophie@agence-ads.fr")).from("leads").select("id").limit(1));
  console.log(await db()`select 1`);
  expect(stack.pid).toBeGreaterThan(1);
});
