import fc from "fast-check";
import postgres from "postgres";
import { describe, expect, it } from "vitest";
import { refusal, rolledBack, type Sql, testDatabase } from "../support/sql.ts";

// What receipts and invoices of every system count by: numbers without a gap, and VAT by rate to the cent.

const { sql, url } = await testDatabase();

const take = async (on: Sql, series: string, year: number | null = null, system = "somewhere") =>
  (
    await on<{ year: number; number: number; day: string }[]>`
    select year, last_number as number, last_day::text as day from platform.take_number(${system}, ${series}, ${year})`
  )[0];

describe("numbers of documents", () => {
  it("leave none out, with 100 at once of which ten give theirs back", async () => {
    const many = postgres(url, { max: 12, onnotice: () => undefined });
    const taken = await Promise.allSettled(
      Array.from({ length: 100 }, (_, at) =>
        many.begin(async (transaction) => {
          const given = await take(transaction, "R");
          if (at % 10 === 0) throw new Error("given up");
          return given?.number;
        }),
      ),
    );
    await many.end();
    const kept = taken.flatMap((each) => (each.status === "fulfilled" ? [Number(each.value)] : []));
    expect(kept.sort((one, other) => one - other)).toEqual(Array.from({ length: 90 }, (_, at) => at + 1));
  });

  it("begin at one in each system, series and year", async () => {
    await rolledBack(sql, async (on) => {
      const of = async (...which: [string, number, string]) => (await take(on, ...which))?.number;
      expect(await of("A", 2026, "here")).toBe(1);
      expect(await of("A", 2026, "here")).toBe(2);
      expect(await of("B", 2026, "here")).toBe(1);
      expect(await of("A", 2027, "here")).toBe(1);
      expect(await of("A", 2026, "there")).toBe(1);
      expect(await of("A", 2026, "here")).toBe(3);
    });
  });

  it("are of this year in Paris if none is said, and no day comes before the last one", async () => {
    await rolledBack(sql, async (on) => {
      const [today] = await on`select (clock_timestamp() at time zone 'Europe/Paris')::date::text as day`;
      expect(await take(on, "D")).toEqual({ year: Number(today?.day.slice(0, 4)), number: 1, day: today?.day });
      await on`update platform.document_numbers set last_day = last_day + 3 where series = 'D'`;
      const [later] = await on`select (${today?.day}::date + 3)::text as day`;
      expect((await take(on, "D"))?.day).toBe(later?.day);
    });
  });

  it("are taken by nobody from outside", async () => {
    for (const role of ["anon", "authenticated", "service_role"]) {
      const asked = rolledBack(sql, async (on) => {
        await on.unsafe(`set local role ${role}`);
        await take(on, "R");
      });
      expect(await refusal(asked)).toMatchObject({ code: "42501" });
    }
  });
});

describe("VAT", () => {
  type Line = { cents: number; rate: number };
  const vatOf = (lines: Line[], included: boolean) => sql<
    { rate: number; net: string; vat: string; gross: string }[]
  >`select rate_bp as rate, net_cents as net, vat_cents as vat, gross_cents as gross from platform.vat_of(
      (select array_agg((cents, rate)::platform.vat_line) from unnest(${lines.map(({ cents }) => cents)}::bigint[],
        ${lines.map(({ rate }) => rate)}::integer[]) as l (cents, rate)), ${included})`;

  /** The quotient to the nearest whole, half of one away from zero, as nobody's floating point counts it. */
  const rounded = (top: bigint, bottom: bigint) => {
    const size = ((top < 0n ? -top : top) * 2n + bottom) / (bottom * 2n);
    return top < 0n ? -size : size;
  };
  const lines = fc.array(
    fc.record({
      cents: fc.integer({ min: -10_000_000_000, max: 10_000_000_000 }),
      rate: fc.oneof(fc.constantFrom(0, 210, 260, 380, 550, 810, 850, 1000, 2000), fc.integer({ min: 0, max: 10_000 })),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it("is that of the sum of each rate, whatever the lines", async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (given, included) => {
        const sums = new Map<number, bigint>();
        for (const { cents, rate } of given) sums.set(rate, (sums.get(rate) ?? 0n) + BigInt(cents));
        const wanted = [...sums]
          .sort(([one], [other]) => one - other)
          .map(([rate, sum]) => {
            const net = included ? rounded(sum * 10_000n, 10_000n + BigInt(rate)) : sum;
            const vat = included ? sum - net : rounded(sum * BigInt(rate), 10_000n);
            return { rate, net: `${net}`, vat: `${vat}`, gross: `${net + vat}` };
          });
        expect([...(await vatOf(given, included))]).toEqual(wanted);
      }),
      {
        numRuns: 200,
        examples: [
          [[{ cents: 5, rate: 1000 }], false],
          [[{ cents: -5, rate: 1000 }], false],
        ],
      },
    );
  });

  it("is not what each line rounds to", async () => {
    const nets = [6833, 6833, 5750, 8500].map((cents) => ({ cents, rate: 2000 }));
    // 13.67 + 13.67 + 11.50 + 17.00 would be 55.84.
    expect([...(await vatOf(nets, false))]).toEqual([{ rate: 2000, net: "27916", vat: "5583", gross: "33499" }]);
    expect([...(await vatOf([{ cents: 19900, rate: 2000 }], true))]).toEqual([
      { rate: 2000, net: "16583", vat: "3317", gross: "19900" },
    ]);
  });

  it("is refused of a line without amount or rate", async () => {
    for (const line of ["(null, 2000)", "(1, null)", "(1, -1)", "(1, 10001)"]) {
      const asked = sql.unsafe(`select * from platform.vat_of(array[(1, 2000), ${line}]::platform.vat_line[])`);
      expect(await refusal(asked)).toMatchObject({ code: "PT422", slug: "invalid_vat_line" });
    }
    expect(await sql`select * from platform.vat_of('{}')`).toEqual([]);
  });
});
