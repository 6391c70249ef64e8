import { afterAll, describe, expect, it } from "vitest";
import { buildDatabase } from "../../scripts/db/build-database.ts";
import { referenceRows } from "../../scripts/db/reference-rows.ts";
import { migrationFiles } from "../../scripts/db/sql-files.ts";
import { schemaDiff } from "../../scripts/db/supabase-cli.ts";
import { adminUrl, dropDatabase, testDatabase } from "../support/sql.ts";

const migrated = `migrated_${process.pid}`;
const fromSql = await testDatabase();
const migratedUrl = await buildDatabase(adminUrl(), migrated, migrationFiles());
afterAll(() => dropDatabase(migrated));

describe("a database built from supabase/migrations is the one that sql/ describes", () => {
  it("in its schema (if not: npm run db:migration -- NAME)", async () => {
    expect(await schemaDiff(migratedUrl, fromSql.url)).toBe("");
  }, 60_000);

  it("in the rows that it starts with", async () => {
    expect(await startingRows(migratedUrl)).toEqual(await startingRows(fromSql.url));
  });
});

/** Without the audit log, where the changes that a migration makes to rows are as any other change. */
async function startingRows(url: string): Promise<Record<string, string[]>> {
  const { "platform.audit_log": _, "platform.audit_chains": __, ...rows } = await referenceRows(url);
  return rows;
}

describe("a difference is seen", () => {
  it("in tables, functions, policies, grants, triggers and comments", async () => {
    await fromSql.sql.unsafe(`
      create index drifted on leads.leads (city);
      create or replace function platform.paris_today() returns date language sql stable set search_path = '' as 'select current_date';
      alter policy select_on_sale on leads.leads using (true);
      grant update on leads.leads to anon;
      alter table leads.leads disable trigger touch;
      comment on table leads.sales is 'Something else.'`);
    const diff = await schemaDiff(migratedUrl, fromSql.url);
    for (const sign of [
      /INDEX drifted/i,
      /current_date/,
      /select_on_sale/,
      /GRANT SELECT, UPDATE/,
      /DISABLE TRIGGER/,
      /Something else/,
    ]) {
      expect(diff).toMatch(sign);
    }
  }, 60_000);

  it("in rows", async () => {
    await fromSql.sql`update leads.sectors set color = '#000000' where name = 'Isolation'`;
    expect(await referenceRows(migratedUrl)).not.toEqual(await referenceRows(fromSql.url));
  });
});
