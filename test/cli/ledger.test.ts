import { expect, it } from "vitest";
import { openMarket } from "../support/market.ts";
import { testDatabase } from "../support/sql.ts";
import { runCli } from "./run-cli.ts";

const { sql, url } = await testDatabase();
await openMarket(sql);
const verify = (...options: string[]) => runCli(["ledger", "verify", "--db-url", url, ...options]);

it("says that the ledger holds, or exits 1 with the first difference", async () => {
  expect(await verify()).toMatchObject({ code: 0, stdout: "The ledger holds: 3 transfers.\n" });
  await sql`update leads.earnings set amount_cents = 700 where supplier_id = (select id from leads.suppliers where reference = 'supplier-a')`;
  const broken = await verify();
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain("supplier_not_his_earnings supplier-a: expected 700, found 500");
  const asJson = await verify("--json");
  expect({ code: asJson.code, ...JSON.parse(asJson.stdout) }).toEqual({
    ...{ code: 1, ok: false, transfers: 3 },
    problems: [{ problem: "supplier_not_his_earnings", subject: "supplier-a", expected: "700", found: "500" }],
  });
});
