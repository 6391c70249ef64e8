import { expect, test } from "vitest";
import { provider } from "../../functions/leads/purchases/providers/chosen.ts";

test.each(["manual", "stripe"])("%s is a payment provider", async (name) => {
  expect((await provider(name)).name).toBe(name);
});

test.each([undefined, "", "free"])("%j is none: nobody is given credits for nothing", async (name) => {
  await expect(provider(name)).rejects.toMatchObject({ status: 503, code: "payment_not_configured" });
});
