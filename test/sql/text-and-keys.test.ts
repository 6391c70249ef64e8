import { describe, expect, it } from "vitest";
import { asActor, refusal, rolledBack, testDatabase } from "../support/sql.ts";

const { sql } = await testDatabase();

/** The only value of the only row of a query. */
async function value(query: string, ...parameters: string[]): Promise<unknown> {
  const [row] = await sql.unsafe(query, parameters);
  return Object.values(row ?? {})[0];
}

describe("platform.uuid_v7", () => {
  it("has the version and variant of RFC 9562", async () => {
    const rows = await sql<{ id: string }[]>`select platform.uuid_v7() as id from generate_series(1, 200)`;
    for (const { id } of rows)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(200);
  });

  it("begins with the milliseconds of its instant", async () => {
    expect(await value("select platform.uuid_v7('2026-02-10T14:30:00.123Z')")).toMatch(/^019c47f5-8abb-7/);
  });

  it("is ordered by time", async () => {
    const rows = await sql<{ sorted: boolean }[]>`
      select id > lag(id) over (order by n) as sorted from (
        select n, platform.uuid_v7(timestamptz '2026-01-01' + n * interval '1 millisecond') as id from generate_series(1, 500) n) ids`;
    expect(rows.slice(1).every(({ sorted }) => sorted)).toBe(true);
  });
});

describe("short references", () => {
  it.each([
    ["1", "IMP-001"],
    ["42", "IMP-042"],
    ["999", "IMP-999"],
    ["1000", "IMP-1000"],
    ["1234567", "IMP-1234567"],
  ])("%s is %s", async (number, reference) => {
    expect(await value("select platform.short_reference('IMP', $1::bigint)", number)).toBe(reference);
  });

  it("are not given out a second time after rows came in with references of their own", async () => {
    await rolledBack(sql, async (transaction) => {
      const next = async () => (await transaction`select nextval('leads.import_numbers')::integer as n`)[0]?.n;
      await transaction`select platform.skip_references('leads.import_numbers', array['IMP-007', 'IMP-1200', 'without number'])`;
      expect(await next()).toBe(1201);
      await transaction`select platform.skip_references('leads.import_numbers', array['IMP-3'])`;
      expect(await next()).toBe(1202);
      await transaction`select platform.skip_references('leads.import_numbers', null)`;
      expect(await next()).toBe(1203);
    });
  });
});

describe("platform.fold", () => {
  it.each([
    ["Énergie Solaire", "energie solaire"],
    ["ÎLE-DE-FRANCE", "ile-de-france"],
    ["Cœur de Noël, Français", "coeur de noel, francais"],
    ["", ""],
  ])("%s becomes %s", async (text, folded) => {
    expect(await value("select platform.fold($1)", text)).toBe(folded);
  });

  it("leaves no wildcard in a pattern", async () => {
    expect(await value("select '50% d''É_T\\E' like any (array[platform.like_pattern('%'), 'no'])")).toBe(true);
    expect(
      await value("select 'abc' like platform.like_pattern('a%c') or 'abc' like platform.like_pattern('a_c')"),
    ).toBe(false);
  });
});

describe("masks", () => {
  it.each([
    ["mask_email", "jean.dupont@example.com", "j•••@•••"],
    ["mask_last_name", "dupont", "D."],
    ["mask_last_name", "Écuyer", "É."],
    ["mask_last_name", "", ""],
    ["mask_phone", "+33 6 12 34 56 78", "+33 6 •• •• •• 78"],
    ["mask_phone", "+33612345678", "+33 6 •• •• •• 78"],
    ["mask_phone", "+262 692 12 34 56", "+262 •• •• •• 56"],
    ["mask_phone", "+1 415 555 0132", "+1 •• •• •• 32"],
    ["mask_phone", "+14155550132", "•• •• •• 32"],
    ["mask_phone", "06 12 34 56 78", "•• •• •• 78"],
    ["mask_phone", "", ""],
  ])("%s of « %s » is « %s »", async (name, text, masked) => {
    expect(await value(`select platform.${name}($1)`, text)).toBe(masked);
  });
});

describe("platform.iso_timestamp", () => {
  it.each([
    ["2026-02-10T15:30:00+01:00", "2026-02-10T14:30:00Z"],
    ["2026-02-10T14:30:00.5Z", "2026-02-10T14:30:00.5Z"],
  ])("%s is written %s", async (instant, written) => {
    expect(await value("select platform.iso_timestamp($1::timestamptz)", instant)).toBe(written);
  });
});

describe("platform.fail", () => {
  it.each([400, 401, 403, 404, 409, 422, 429, 503])(
    "%i becomes SQLSTATE PT%i, which PostgREST turns into that status",
    async (status) => {
      const refused = refusal(
        asActor(
          sql,
          "anon",
          (transaction) => transaction`select platform.fail(${status}, 'a_slug', 'Un message.', 'Une suite.')`,
        ),
      );
      expect(await refused).toEqual({
        code: `PT${status}`,
        message: "Un message.",
        slug: "a_slug",
        hint: "Une suite.",
      });
    },
  );

  it("can do without a hint", async () => {
    expect(await refusal(sql`select platform.fail(404, 'a_slug', 'Un message.')`)).toMatchObject({ hint: "" });
  });
});

describe("months and days", () => {
  it("are those of Paris", async () => {
    expect(await value("select platform.paris_month('2025-12-31T23:30:00Z')::text")).toBe("2026-01-01");
    expect(await value("select platform.paris_month('2026-07-31T21:59:59Z')::text")).toBe("2026-07-01");
  });
});
