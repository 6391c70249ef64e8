import { expect, it } from "vitest";
import { testDatabase } from "../support/sql.ts";

// The keys in the numbers of companies, and the days on which euros move.

const { sql } = await testDatabase();

it.each([
  ["732 829 320 00074", null],
  ["73282932000074", null],
  ["73282932000075", "invalid_check_digits"],
  // Its places are checked by their sum; others with La Poste's digits in another order are not.
  ["35600000000048", null],
  ["35600000049837", null],
  ["35600000049838", "invalid_check_digits"],
  // Right as a whole, but of no company.
  ["12345678900007", "invalid_check_digits"],
  ["7328293200007", "invalid_value"],
  ["732829320", "invalid_value"],
  ["7328293200007X", "invalid_value"],
  ["", "invalid_value"],
  [null, null],
])("SIRET %s: %s", async (siret, problem) => {
  expect(await sql`select platform.siret_problem(${siret}) as problem`).toEqual([{ problem }]);
});

it.each([
  ["FR44732829320", null],
  ["fr 44 732 829 320", null],
  ["FR45732829320", "invalid_check_digits"],
  ["FR44732829321", "invalid_check_digits"],
  ["FR4473282932", "invalid_value"],
  ["FRAB732829320", null],
  ["FRAB732829321", "invalid_check_digits"],
  ["FROO732829320", "invalid_value"],
  ["DE123456789", null],
  ["DE12345678", "invalid_value"],
  ["BE0123456789", null],
  ["BE123456789", "invalid_value"],
  ["ATU12345678", null],
  ["NL123456789B01", null],
  ["NL123456789", "invalid_value"],
  ["ESB12345678", null],
  ["EL123456789", null],
  ["GR123456789", "invalid_value"],
  ["IT12345678901", null],
  ["GB123456789", null],
  ["CHE123456789", null],
  ["12345678901", "invalid_value"],
  [null, null],
])("VAT number %s: %s", async (number, problem) => {
  expect(await sql`select platform.vat_number_problem(${number}) as problem`).toEqual([{ problem }]);
});

it("Easter is when it is", async () => {
  const [row] = await sql`select array_agg(platform.easter_sunday(y)::text order by y) as days
    from unnest(array[1961, 2000, 2024, 2025, 2026, 2027, 2038, 2285]) y`;
  expect(row?.days).toEqual([
    "1961-04-02",
    "2000-04-23",
    "2024-03-31",
    "2025-04-20",
    "2026-04-05",
    "2027-03-28",
    "2038-04-25",
    "2285-03-22",
  ]);
});

it.each([
  ["2026-11-28", "2026-11-30"],
  ["2026-11-30", "2026-11-30"],
  ["2027-01-01", "2027-01-04"],
  ["2026-04-03", "2026-04-07"],
  ["2026-05-01", "2026-05-04"],
  ["2025-12-25", "2025-12-29"],
  // Holidays of France alone.
  ["2026-07-14", "2026-07-14"],
  ["2026-05-14", "2026-05-14"],
])("from %s on, the first TARGET day is %s", async (day, next) => {
  expect(await sql`select platform.next_target_day(${day}::date)::text as next`).toEqual([{ next }]);
});

it.each([
  ["CH9300762011623852957", true],
  ["GB29 NWBK 6016 1331 9268 19", true],
  ["MC58 •••• •••• •••• 0189", true],
  ["FR7630006000011234567890189", false],
  ["NO9386011117947", false],
  ["BR1500000000000010932840814P2", false],
])("%s needs a BIC: %s", async (iban, needs) => {
  expect(await sql`select platform.needs_bic(${iban}) as needs`).toEqual([{ needs }]);
});
