import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type postgres from "postgres";
import { describe, expect, it } from "vitest";
import { ImportRefusal, isMatterOfChoice } from "../../functions/_shared/import/refusal.ts";
import { rolledBack, testDatabase } from "../support/sql.ts";
import { mapOf, runImport } from "./reading.ts";

// Small files as they come, one for each trait; what an import of it does stands beside it, in <file>.json: how it is to be
// read (wish), how it was understood (reading), the leads that it brought and the rows that it refused, or why all of
// it was refused (refusal).

const folder = fileURLToPath(new URL("files/", import.meta.url));
const files = readdirSync(folder).filter((name) => !name.endsWith(".json"));
const { sql } = await testDatabase();

type Expected = {
  wish?: { encoding?: string; sheet?: string };
  reading?: object | null;
  leads?: object[];
  rejects?: string[];
  refusal?: { code: string; message: string };
};

const expectedOf = (file: string) => JSON.parse(readFileSync(`${folder}${file}.json`, "utf8")) as Expected;

describe("a file", () => {
  it.each(files)("%s", async (file) => {
    const expected = expectedOf(file);
    await rolledBack(sql, async (transaction) => {
      expect({
        ...(expected.wish ? { wish: expected.wish } : {}),
        ...(await outcome(transaction, file, expected)),
      }).toEqual(expected);
    });
  });
});

async function outcome(transaction: postgres.TransactionSql, file: string, { wish }: Expected): Promise<Expected> {
  await transaction`delete from leads.leads`;
  const supplier = await addSupplier(transaction);
  // The import begins transactions of its own; here they are parts of the one that is rolled back.
  const inside = Object.assign(transaction, { begin: transaction.savepoint }) as unknown as postgres.Sql;
  try {
    const { reading } = await runImport(inside, {
      supplierId: supplier,
      fileName: file,
      open: () => [readFileSync(`${folder}${file}`)],
      wish: { asked: mapOf({}), saved: mapOf({}), ...wish },
      onDuplicate: "skip",
      dryRun: false,
    });
    return { reading, leads: await leadsOf(transaction), rejects: await rejectsOf(transaction) };
  } catch (error) {
    if (!(error instanceof ImportRefusal)) throw error;
    const { code, message } = error;
    const failed = await transaction<{ status: string; failure: string }[]>`
      select status, failure from leads.imports where supplier_id = ${supplier}`;
    expect([...failed]).toEqual(isMatterOfChoice(error) ? [] : [{ status: "failed", failure: message }]);
    expect(await leadsOf(transaction)).toEqual([]);
    return { refusal: { code, message } };
  }
}

async function addSupplier(transaction: postgres.TransactionSql): Promise<string> {
  const [row] = await transaction<{ id: string }[]>`
    insert into leads.suppliers (contact_name, company, email, status) values ('Contact', 'Société', 'files@import.test', 'active') returning id`;
  return (row as { id: string }).id;
}

async function leadsOf(transaction: postgres.TransactionSql): Promise<object[]> {
  const [row] = await transaction<{ leads: object[] }[]>`
    select coalesce(json_agg(json_strip_nulls(json_build_object('firstName', nullif(l.first_name, ''), 'lastName', k.last_name, 'email', k.email, 'phone', k.phone,
      'company', l.company, 'sector', l.sector, 'region', l.region, 'priceCents', nullif(l.price_cents, 0), 'score', nullif(l.score, 0),
      'notes', k.notes, 'consentAt', s.given_at at time zone 'UTC')) order by l.id desc), '[]') as leads
    from leads.leads l join leads.lead_contacts k on k.lead_id = l.id left join leads.lead_consents s on s.lead_id = l.id`;
  return (row as { leads: object[] }).leads;
}

async function rejectsOf(transaction: postgres.TransactionSql): Promise<string[]> {
  const rows = await transaction<{ reason: string }[]>`
    select format('%s %s/%s %s', line, field, code, message) as reason from leads.import_rejects order by line`;
  return rows.map(({ reason }) => reason);
}
