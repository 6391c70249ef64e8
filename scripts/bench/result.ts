import { type Figures, median, ratioOf } from "./rounds.ts";

/** A bound on a ratio: at least or at most so much. */
export type Aim = { atLeast: number } | { atMost: number };

/** One comparison, as it is kept. */
export type Result = {
  group: string;
  name: string;
  unit: "req/s" | "rows/s" | "ms" | "s" | "MB";
  /** The middle of the rounds of the measured side and of the one that it is compared with. */
  measured: number;
  against: number;
  againstName: string;
  /** The middle of the rounds' ratios, and the two outermost. */
  ratio: number;
  lowest: number;
  highest: number;
  rounds: number;
  /** Null where the ratio is there to be known. */
  aim: Aim | null;
  reached: boolean | null;
};

/** What is compared with what, in words. */
export type Comparison = { group: string; name: string; againstName: string; unit: Result["unit"]; aim: Aim | null };

/** Compares the rounds of two sides. */
export function compare(comparison: Comparison, measured: Figures, against: Figures): Result {
  const ratios = ratioOf(measured, against);
  return {
    ...comparison,
    measured: round(median(measured)),
    against: round(median(against)),
    ratio: round(ratios.ratio),
    lowest: round(ratios.lowest),
    highest: round(ratios.highest),
    rounds: measured.length,
    reached: comparison.aim && isReached(comparison.aim, ratios.ratio),
  };
}

function isReached(aim: Aim, ratio: number): boolean {
  return "atLeast" in aim ? ratio >= aim.atLeast : ratio <= aim.atMost;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
