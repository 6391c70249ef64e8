/** What a bank's file says of one transfer: it was carried out, or it came back. */
export type BankEntry = {
  /** The EndToEndId of the order. */
  reference: string;
  cents: number;
  outcome: "completed" | "failed";
  reason?: string;
};

/** One entry for each transfer and amount: where a file holds both, that it came back is what stays. */
export function lastWords(entries: readonly BankEntry[]): BankEntry[] {
  const found = new Map<string, BankEntry>();
  for (const entry of entries) {
    const key = `${entry.cents} ${entry.reference}`;
    if (found.get(key)?.outcome !== "failed") found.set(key, entry);
  }
  return [...found.values()];
}
