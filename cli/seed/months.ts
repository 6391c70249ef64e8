/** 1 to 12, by the abbreviations in use: French and English, accents and case aside. */
const monthNumbers = new Map(
  [
    ["jan", "janv"],
    ["feb", "fev", "fevr"],
    ["mar", "mars"],
    ["apr", "avr"],
    ["may", "mai"],
    ["jun", "juin"],
    ["jul", "juil"],
    ["aug", "aou", "aout"],
    ["sep", "sept"],
    ["oct"],
    ["nov"],
    ["dec"],
  ].flatMap((names, index) => names.map((name) => [name, index + 1] as const)),
);

/** The number (1 to 12) of a month's label such as `Sep`, `Déc`, `août`; undefined if it is none. */
export function monthNumber(label: string): number | undefined {
  const plain = label
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .replace(/\.$/, "");
  return monthNumbers.get(plain.trim().toLowerCase());
}

/** Why these labels are no run of months, with the position of the first that breaks it; undefined if they are one. */
export function brokenMonthRun(labels: readonly string[]): { index: number; reason: string } | undefined {
  if (labels.length > 6) return { index: 6, reason: "plus de six mois" };
  for (const [index, label] of labels.entries()) {
    const month = monthNumber(label);
    if (month === undefined) return { index, reason: `mois « ${label} » inconnu (attendu : Sep, Oct, Nov, Déc, …)` };
    const before = index === 0 ? undefined : labels[index - 1];
    if (before !== undefined && month !== ((monthNumber(before) ?? 0) % 12) + 1) {
      return { index, reason: `le mois « ${label} » ne suit pas « ${before} »` };
    }
  }
  return undefined;
}

/**
 * Gives each label its period, `2025-09`. Labels have no year, so the last one is the latest such month
 * that is not after the month of `newestDay` (`2026-02-11`), and the others go back from it one by one.
 */
export function monthPeriods(labels: readonly string[], newestDay: string): string[] {
  const last = labels.at(-1);
  if (last === undefined) return [];
  const newestMonth = Number(newestDay.slice(0, 4)) * 12 + Number(newestDay.slice(5, 7)) - 1;
  const lastOfYear = (monthNumber(last) ?? 1) - 1;
  const lastMonth = newestMonth - ((newestMonth - lastOfYear) % 12);
  return labels.map((_, index) => {
    const month = lastMonth - (labels.length - 1 - index);
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}`;
  });
}

const dated = /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?$/;

/** The newest day, `2026-02-11`, named by any value inside; undefined if there is no date at all. */
export function newestDay(value: unknown): string | undefined {
  if (typeof value === "string") return dated.test(value) ? value.slice(0, 10) : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  return Object.values(value)
    .map(newestDay)
    .reduce((newest, day) => (day !== undefined && (newest === undefined || day > newest) ? day : newest), undefined);
}
