type Outcome = "completed" | "failed";

/** What a bank's file says of one transfer: it was carried out, or it came back. */
export type BankEntry = {
  /** The EndToEndId of the order, or its InstrId. */
  reference: string;
  /** Undefined where the file names no amount: it is that of the order, if the order was in `message`. */
  cents?: number;
  outcome: Outcome;
  reason?: string;
  /** The file of ours that the bank answers to. */
  message?: string;
};

/** What a bank's file says of a whole file of ours, its transfers not named; `cents` is what they come to. */
export type BankBatch = { message: string; cents?: number; outcome: Outcome; reason?: string };

/** A part of a bank's file: where it stands, what is to be said of it, and the reference that it carries. */
export type Remark = { place: string; reason: string; reference?: string };

/** All that a bank's file says. */
export type BankAnswer = {
  entries: BankEntry[];
  batches: BankBatch[];
  /** The ids of files that it names, ours or others'. */
  messages: string[];
  /** The file that all of it is about. */
  answersTo?: string;
  /** What has no outcome yet. */
  waiting: Remark[];
  /** What could not be read. */
  unread: Remark[];
};

/** An answer that says so much, and nothing else. */
export function answerOf(parts: Partial<BankAnswer> = {}): BankAnswer {
  return { entries: [], batches: [], messages: [], waiting: [], unread: [], ...parts };
}

/** One entry for each transfer and amount: where a file holds both, that it came back is what stays. */
export function lastWords(entries: readonly BankEntry[]): BankEntry[] {
  const found = new Map<string, BankEntry>();
  for (const entry of entries) {
    const key = `${entry.cents} ${entry.reference}`;
    if (found.get(key)?.outcome !== "failed") found.set(key, entry);
  }
  return [...found.values()];
}
