import fc from "fast-check";
import { expect, test } from "vitest";
import { wholePercentages } from "../../functions/_shared/percentages.ts";

test("whole percentages sum to 100 and are each less than one away from the exact share", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100_000), { minLength: 1 }), (counts) => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      const shares = wholePercentages(counts);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(total === 0 ? 0 : 100);
      for (const [at, share] of shares.entries()) {
        expect(Number.isInteger(share)).toBe(true);
        if (total > 0) expect(Math.abs(share - (100 * (counts[at] ?? 0)) / total)).toBeLessThan(1);
      }
    }),
  );
});
