/** One round of one side: does some work and returns its figure. */
export type Round = () => Promise<number>;

/** The figures of a side, one for each round. */
export type Figures = number[];

/**
 * Runs the sides in turn, round by round (A B, B A, A B, ...), after one round of each that does not count: whatever
 * slows the machine down for a while slows all sides down alike.
 */
export async function inTurn<Name extends string>(
  sides: Record<Name, Round>,
  rounds: number,
): Promise<Record<Name, Figures>> {
  const names = Object.keys(sides) as Name[];
  const figures = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Figures>;
  for (const name of names) await sides[name]();
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) figures[name].push(await sides[name]());
  }
  return figures;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return (below + above) / 2;
}

/** What a side is compared with another, round by round; the middle of these ratios is the one that counts. */
export function ratioOf(measured: Figures, against: Figures): { ratio: number; lowest: number; highest: number } {
  const ratios = measured.map((figure, round) => figure / (against[round] ?? Number.NaN));
  return { ratio: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
