import type { ImportReport } from "../../functions/_shared/import/run.ts";
import { print, printPairs, printTable } from "../output.ts";
import type { ImportSubject } from "../systems/system.ts";
import type { OnceResult } from "./once.ts";

const shownReasons = 8;
const shownNames = 6;
const barWidth = 24;

/** What has just become of a file, for people. */
export function printImport(
  subject: ImportSubject,
  { report, mapping, ignored, known }: OnceResult,
  { dryRun }: { dryRun: boolean },
): void {
  if (known) {
    print(`${report.fileName} came in before, as ${report.import} (${report.status}): nothing was added.`);
    print(`See leads-cli imports show ${report.import}`);
    return;
  }
  printReport(subject, report, dryRun ? "Rehearsal of" : report.import, { mapping, ignored });
  if (dryRun) print("Nothing was written (--dry-run).");
}

/** The report of an import for people. */
export function printReport(
  subject: ImportSubject,
  report: ImportReport,
  title = report.import,
  { mapping, ignored }: Pick<OnceResult, "mapping" | "ignored"> = { mapping: {}, ignored: [] },
): void {
  const { duplicates } = report;
  print([`${title} ${report.fileName}`, report.processingTime].filter(Boolean).join(" · "));
  printPairs(
    [
      ["read", report.read],
      ["inserted", report.inserted],
      ["updated", report.updated],
      ...Object.entries(subject.duplicates).map(([name, label]) => [label, duplicates[name]] as const),
      ["invalid", report.invalid],
    ].map(([name, value]) => [`  ${name}`, value?.toLocaleString("en") ?? ""]),
  );
  const columns = Object.entries(mapping).map(([name, field]) => `${name || "(no name)"} = ${field}`);
  if (columns.length > 0) print(`Columns: ${columns.join(", ")}`);
  if (ignored.length > 0) print(`Ignored columns: ${ignored.map((name) => name || "(no name)").join(", ")}`);
  if (report.status === "pending_review") {
    print(`Too many rows were refused: nothing is in yet. leads-cli imports accept|discard ${report.import}`);
  }
  if (report.failure) print(`Failed: ${report.failure}`);
  if (report.undoneAt) print(`Taken back on ${report.undoneAt}.`);
  printReasons(subject, report);
  for (const [name, title] of Object.entries(subject.parts)) {
    // Beside its counts a report has the parts that its kind tells of.
    printBars(title, subject.nouns.many, (report as Record<string, unknown>)[name] as readonly Part[]);
  }
}

function printReasons({ kind }: ImportSubject, { reasons }: ImportReport): void {
  if (reasons.length === 0) return;
  print("\nWhy rows were refused");
  printTable(
    ["rows", "field", "reason", "for example"],
    reasons
      .slice(0, shownReasons)
      .map(({ rows, field, code, example }) => [rows, kind.labels[field] ?? field, code, example]),
  );
  if (reasons.length > shownReasons) print(`… and ${reasons.length - shownReasons} more reasons`);
}

/** How many rows have a name; the count is called as the rows are. */
type Part = Readonly<Record<string, string | number>>;

function printBars(title: string, noun: string, items: readonly Part[]): void {
  const parts = items.map((part) => ({ name: String(part.name), rows: Number(part[noun]) }));
  const shown = parts.slice(0, shownNames);
  const most = shown[0]?.rows;
  if (!most) return;
  print(`\n${title}`);
  const width = Math.max(...shown.map(({ name }) => name.length));
  for (const { name, rows } of shown) {
    const bar = "█".repeat(Math.max(1, Math.round((barWidth * rows) / most)));
    print(`  ${name.padEnd(width)}  ${bar.padEnd(barWidth)} ${rows.toLocaleString("en")}`);
  }
  if (items.length > shownNames) print(`  … and ${items.length - shownNames} more`);
}
