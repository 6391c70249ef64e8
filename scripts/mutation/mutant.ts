/** One defect that is put into a database on purpose, for a test to fail of it. */
export type Mutant = {
  kind: "policy" | "check" | "key" | "grant";
  /** What is done to the database; also the mutant's name. */
  statement: string;
  /** What it is done to, as the tests name it: a relation with its schema, a constraint, a function. */
  subject: string;
  /** Why nobody could tell the difference; such a mutant is listed and not run. */
  equivalent?: string;
};

/** Begins the message where a defect could not be put in, which must not pass for a test that failed. */
export const notApplied = "The mutant could not be made";
