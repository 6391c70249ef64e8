import { createHash } from "node:crypto";

/** Draws that are the same each time for the same seed. */
export type Random = {
  /** A whole number from 0 to below `limit`. */
  below: (limit: number) => number;
  /** One of the items; undefined where there is none. */
  pick: <Item>(items: readonly Item[]) => Item | undefined;
  uuid: () => string;
};

/** Draws from any values, so that the thousandth of something is known without the 999 before it. */
export function randomOf(...seed: (string | number)[]): Random {
  let draws = 0;
  const next = () =>
    createHash("sha256")
      .update([...seed, draws++].join("/"))
      .digest();
  const below = (limit: number) => next().readUInt32BE() % limit;
  return {
    below,
    pick: (items) => (items.length === 0 ? undefined : items[below(items.length)]),
    uuid: () =>
      next()
        .toString("hex")
        .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5"),
  };
}
