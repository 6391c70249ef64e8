import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adminEmail } from "../../cli/seed/admin-email.ts";
import { readSeedFolder } from "../../cli/seed/read-folder.ts";
import type { SeedFiles } from "../../cli/seed/schema.ts";
import { projectRoot } from "../../scripts/stack/project.ts";
import { idOf } from "../support/market.ts";
import { seedAnswers } from "../support/seed-answers.ts";
import { refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

const { sql } = await testDatabase();

const folder = await readSeedFolder(join(projectRoot, "supabase/seed/leads"));
if (!folder.ok) throw new Error(JSON.stringify(folder.problems));
const { files } = folder;

const emails = {
  admin: adminEmail,
  fournisseur: files.users.fournisseur.email,
  agent: files.users.agent.email,
  acheteur: files.users.acheteur.email,
};
const accounts = Object.fromEntries(Object.values(emails).map((email) => [email, idOf(email)]));
await sql`insert into auth.users ${sql(
  Object.values(emails).map((email) => ({ id: idOf(email), email, aud: "authenticated", role: "authenticated" })),
)}`;

type Result = { changed: boolean; inserted?: Record<string, number> };

async function seed(to: Sql, what: SeedFiles): Promise<Result> {
  const [row] = await to<{ result: Result }[]>`
    select leads.seed(${to.json(what as never)}::jsonb, ${to.json(accounts)}::jsonb) as result`;
  return row?.result ?? { changed: false };
}

/** The answer of the API as JSON, to the account. */
async function answer(from: Sql, actor: keyof typeof emails, query: string): Promise<unknown[]> {
  const claims = { sub: idOf(emails[actor]), role: "authenticated" };
  await from`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
  await from`set local role authenticated`;
  const [row] = await from.unsafe<{ rows: unknown[] }[]>(
    `select coalesce(json_agg(answer), '[]') as rows from (${query}) answer`,
  );
  await from`reset role`;
  return row?.rows ?? [];
}

async function expectAnswersOf(what: SeedFiles, from: Sql): Promise<void> {
  for (const { actor, query, wanted } of seedAnswers(what)) {
    expect(await answer(from, actor, query), `${query} to ${actor}`).toEqual(wanted);
  }
}

/** Every table's content, by name, without what differs each time: keys that are drawn, and instants of today. */
async function content(from: Sql): Promise<Record<string, string>> {
  const tables = await from<{ name: string }[]>`
    select schemaname || '.' || tablename as name from pg_tables where schemaname in ('leads', 'platform') order by 1`;
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await from.unsafe<{ content: string }[]>(
      `select md5(string_agg(t::text, ',' order by t::text)) as content from ${name} t`,
    );
    found[name] = row?.content ?? "";
  }
  return found;
}

describe("leads.seed", () => {
  it("makes each endpoint answer its file", async () => {
    await rolledBack(sql, async (transaction) => {
      const { changed, inserted } = await seed(transaction, files);
      expect(changed).toBe(true);
      expect(inserted).toMatchObject({ "leads.leads": files.leads.length, "leads.imports": files.adminImports.length });
      await expectAnswersOf(files, transaction);
      expect([...(await transaction`select * from leads.verify_rollups()`)]).toEqual([]);
    });
  });

  it("also whatever the figures in the files are, and after a recount", async () => {
    await fc.assert(
      fc.asyncProperty(otherFigures(files), (others) =>
        rolledBack(sql, async (transaction) => {
          await seed(transaction, others);
          await expectAnswersOf(others, transaction);
          await transaction`select leads.recount()`;
          await expectAnswersOf(others, transaction);
        }),
      ),
      { seed: 20_260_210, numRuns: 4, endOnFailure: true },
    );
  });

  it("changes nothing the second time", async () => {
    await rolledBack(sql, async (transaction) => {
      await seed(transaction, files);
      const before = await content(transaction);
      expect(await seed(transaction, files)).toEqual({ changed: false });
      expect(await content(transaction)).toEqual(before);
    });
  });

  it("puts another folder in the place of the first, and the first again in the place of that one", async () => {
    const [others] = fc.sample(otherFigures(files), { seed: 3, numRuns: 1 });
    if (!others) throw new Error("no sample");
    others.leads = others.leads.slice(5).map((lead) => ({ ...lead, id: `other-${lead.id}` }));
    others.audios = others.audios.slice(1);
    await rolledBack(sql, async (transaction) => {
      await seed(transaction, files);
      await seed(transaction, others);
      await expectAnswersOf(others, transaction);
      await seed(transaction, files);
      await expectAnswersOf(files, transaction);
      expect([...(await transaction`select * from leads.verify_rollups()`)]).toEqual([]);
    });
  });

  it("reads times without a zone as those of Paris", async () => {
    await rolledBack(sql, async (transaction) => {
      const [lead, ...others] = files.leads;
      await seed(transaction, { ...files, leads: [{ ...lead, createdAt: "2026-07-10T14:30" }, ...others] as never });
      const rows = await transaction`select "createdAt" from public.leads where id = ${lead?.id as string}`;
      expect([...rows]).toEqual([{ createdAt: "2026-07-10T12:30:00Z" }]);
    });
  });

  it("leaves rows alone that it did not bring", async () => {
    await rolledBack(sql, async (transaction) => {
      await seed(transaction, files);
      await transaction`insert into leads.suppliers (id, contact_name, company, email)
        values (${idOf("real")}, 'Réelle Personne', 'Réelle', 'reelle@example.test')`;
      await transaction`insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region)
        values ('real', ${idOf("real")}, 'Réelle', 'P.', 'Isolation', 'Corse')`;
      await seed(transaction, { ...files, leads: files.leads.slice(1) });
      expect(await transaction`select from leads.leads where reference = 'real'`).toHaveLength(1);
      expect(await transaction`select from leads.leads where reference = ${files.leads[0]?.id ?? ""}`).toHaveLength(0);
      expect([...(await transaction`select * from leads.verify_rollups()`)]).toEqual([]);
    });
  });

  it.each([
    [
      "a sale of a seeded lead",
      (to: Sql) => to`
      insert into leads.sales (lead_id, buyer_id, supplier_id, price_cents)
      select id, ${idOf(emails.agent)}, supplier_id, 1000 from leads.leads where status = 'qualified' limit 1`,
    ],
    [
      "a call about a seeded lead",
      (to: Sql) => to`
      insert into leads.calls (lead_id, lead_name, agent_name, duration_seconds, duration, recording_status, result)
      select id, 'X', 'X', 1, '0:01', 'available', 'pending' from leads.leads limit 1`,
    ],
    [
      "a lead of a seeded supplier",
      (to: Sql) => to`
      insert into leads.leads (reference, supplier_id, first_name, last_name_mask, sector, region)
      select 'real', id, 'X', 'X.', 'Isolation', 'Corse' from leads.suppliers limit 1`,
    ],
    [
      "a transfer that the bank has answered since",
      (to: Sql) => to`update leads.payouts set status = 'completed', settled_at = now() where status = 'pending'`,
    ],
  ])("refuses to take the rows back from under %s", async (_, insert) => {
    await rolledBack(sql, async (transaction) => {
      await seed(transaction, files);
      await insert(transaction);
      const before = await content(transaction);
      const again = transaction.savepoint((savepoint) => seed(savepoint, { ...files, leads: files.leads.slice(1) }));
      expect(await refusal(again)).toMatchObject({ code: "PT409", slug: "seed_in_use" });
      expect(await content(transaction)).toEqual(before);
    });
  });

  it("continues the references after those of the files", async () => {
    await rolledBack(sql, async (transaction) => {
      await seed(transaction, files);
      const [row] = await transaction<{ reference: string }[]>`
        insert into leads.transactions (type, user_name, user_role, amount_cents, status, description)
        values ('bonus', 'X', 'acheteur', 0, 'completed', 'X') returning reference`;
      const taken = files.transactions.transactions.map(({ id }) => id);
      expect(taken).not.toContain(row?.reference);
      expect(row?.reference).toMatch(/^TRX-\d{3,}$/);
    });
  });
});

/** The same folder with every number in it changed, within what the files may hold. */
function otherFigures(original: SeedFiles): fc.Arbitrary<SeedFiles> {
  const paths = numberPaths(original, []);
  return fc.array(fc.nat(1_000_000), { minLength: paths.length, maxLength: paths.length }).map((numbers) => {
    const copy = structuredClone(original);
    for (const [index, path] of paths.entries()) {
      const holder = path.slice(0, -1).reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], copy);
      (holder as Record<string, number>)[path.at(-1) as string] = allowed(path, numbers[index] ?? 0);
    }
    return copy;
  });
}

const fractional =
  /^(price|pricePerCredit|amount|revenue|revenus|payouts|gains|paid|value|contribution|avgScore|conversionRate|qualificationRate|averageCallDuration|totalRevenue|pendingPayment|totalEarnings|pendingAmount|paidAmount)$/;

function allowed(path: string[], number: number): number {
  const key = path.at(-1) ?? "";
  if (key === "score") return number % 101;
  if (path[0] === "transactions" && key === "amount") return (number - 500_000) / 100;
  if (key === "value" && path[0] === "stats") return number;
  if (fractional.test(key)) return number / 100;
  return number + 1;
}

function numberPaths(value: unknown, path: string[]): string[][] {
  if (typeof value === "number") return [path];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => numberPaths(item, [...path, key]));
}
