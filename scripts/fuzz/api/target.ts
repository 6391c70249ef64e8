import type * as fc from "fast-check";
import type { Answer, Wire } from "./wire.ts";

/** Who calls: the roles of Leads Provider, those without one, and those whose token is worth nothing. */
export const actors = [
  ...(["anon", "acheteur", "fournisseur", "agent", "admin"] as const),
  ...(["suspended", "expired", "forged", "service"] as const),
];

export type Actor = (typeof actors)[number];

/** One request and what is special about it. */
export type Case = { actor: Actor; kind: Kind; wire: Wire };

/** `aside`: the path may lead elsewhere. `huge`: a gateway may refuse it for its length. `method`: it is not the operation's. */
export type Kind = "as documented" | "odd" | "aside" | "huge" | "method";

/** What the cases of a target take from the database as it is when they are made. */
export type Pool = (family: string) => readonly string[];

/** Something to be called: an operation, a published view or function, a path of Auth or Storage. */
export type Target = {
  name: string;
  cases: (pool: Pool) => fc.Arbitrary<Case>;
  /** What is wrong with an answer, in words that are the same for the same fault; none where all is well. */
  faults: (one: Case, answer: Answer) => string[];
};
