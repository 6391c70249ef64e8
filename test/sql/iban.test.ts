import fc from "fast-check";
import { countrySpecs, isValidIBAN } from "ibantools";
import { expect, test } from "vitest";
import { testDatabase } from "../support/sql.ts";

// IBANs by the rule in SQL, against a library that knows the registry (ISO 13616).

const { sql } = await testDatabase();

const problemOf = async (iban: string | null) => {
  const [row] = await sql<{ problem: string | null }[]>`select platform.iban_problem(${iban}) as problem`;
  return row?.problem ?? null;
};

/** Check digits that make a country's account number an IBAN. */
function ibanOf(country: string, account: string): string {
  const digits = [...`${account}${country}00`].map((sign) => Number.parseInt(sign, 36)).join("");
  return `${country}${String(98n - (BigInt(digits) % 97n)).padStart(2, "0")}${account}`;
}

// Territories that use the IBANs of the country to which they belong are listed by the library, not by the registry.
const territories = ["AX", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"];
const countries = Object.entries(countrySpecs)
  .filter(([country, { IBANRegistry }]) => IBANRegistry && !territories.includes(country))
  .map(([country, { chars }]) => ({ country, chars }));

test.each(countries)("$country has IBANs of $chars characters", async ({ country, chars }) => {
  const [row] = await sql<{ length: number }[]>`select platform.iban_length(${country}) as length`;
  expect(row?.length).toBe(chars);
});

const account = fc
  .constantFrom(...countries)
  .chain(({ country, chars }) =>
    fc
      .array(fc.constantFrom(..."0123456789"), { minLength: (chars ?? 0) - 4, maxLength: (chars ?? 0) - 4 })
      .map((digits) => ({ country, iban: ibanOf(country, digits.join("")) })),
  );

test("a right one is accepted, in any spelling, and no longer once a sign changes", async () => {
  await fc.assert(
    fc.asyncProperty(account, fc.nat(), fc.constantFrom(..."0123456789"), async ({ iban }, place, digit) => {
      expect(await problemOf(iban)).toBeNull();
      expect(await problemOf(` ${iban.toLowerCase().replace(/(.{4})/g, "$1 ")}`)).toBeNull();
      const at = 4 + (place % (iban.length - 4));
      const changed = iban.slice(0, at) + digit + iban.slice(at + 1);
      expect(await problemOf(changed)).toBe(changed === iban ? null : "invalid_check_digits");
    }),
    { numRuns: 200 },
  );
});

test("whatever the library accepts is accepted", async () => {
  const known = [
    "FR7630006000011234567890189",
    "DE89370400440532013000",
    "GB29NWBK60161331926819",
    "MT84MALT011000012345MTLCAST001S",
    "NO9386011117947",
  ];
  for (const iban of known) {
    expect(isValidIBAN(iban), iban).toBe(true);
    expect(await problemOf(iban), iban).toBeNull();
  }
});

test.each([
  [null, "required"],
  ["  ", "required"],
  ["FR76", "invalid_format"],
  ["7630006000011234567890189FR", "invalid_format"],
  ["FR76 3000 6000 0112 3456 7890 18é", "invalid_format"],
  ["XX7630006000011234567890189", "unknown_country"],
  ["FR763000600001123456789018", "invalid_length"],
  ["FR76300060000112345678901890", "invalid_length"],
  ["FR7730006000011234567890189", "invalid_check_digits"],
])("%s is none: %s", async (iban, problem) => {
  expect(await problemOf(iban)).toBe(problem);
});

test("check digits that are never given out are refused, whatever remainder they leave", async () => {
  // 97 more than 02, 03 … or less than 97, 98.
  const iban = [...Array(10_000).keys()]
    .map((n) => ibanOf("NO", String(n).padStart(11, "0")))
    .find((found) => found.startsWith("NO02"));
  expect(await problemOf(iban ?? "")).toBeNull();
  expect(await problemOf((iban ?? "").replace("NO02", "NO99"))).toBe("invalid_check_digits");
});

test("people see the country, the check digits and the last four", async () => {
  const [row] = await sql`select platform.mask_iban('fr76 3000 6000 0112 3456 7890 189') as mask`;
  expect(row?.mask).toBe("FR76 •••• •••• •••• 0189");
});

test("SEPA reaches France and Switzerland, not Brazil", async () => {
  const rows = await sql<{ reached: boolean }[]>`
    select platform.is_sepa_iban(i) as reached from unnest(array['FR76', 'ch93', 'BR15']) with ordinality as t (i, n) order by n`;
  expect(rows.map(({ reached }) => reached)).toEqual([true, true, false]);
});
