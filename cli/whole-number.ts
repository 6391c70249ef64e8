import { InvalidArgumentError } from "commander";

/** Reads the value of an option: a whole number, `least` or more. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least) throw new InvalidArgumentError(`not a whole number from ${least} on.`);
    return value;
  };
}
