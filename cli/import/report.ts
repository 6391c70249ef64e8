import { fieldLabels, isImportField } from "../../functions/_shared/import/fields.ts";
import type { ImportReport } from "../../functions/_shared/import/run.ts";
import { print, printPairs, printTable } from "../output.ts";
import type { OnceResult } from "./once.ts";

const shownReasons = 8;
const shownNames = 6;
const barWidth = 24;

/** What has just become of a file, for people. */
export function printImport({ report, mapping, ignored, known }: OnceResult, { dryRun }: { dryRun: boolean }): void {
  if (known) {
    print(`${report.fileName} came in before, as ${report.import} (${report.status}): nothing was added.`);
    print(`See leads-cli imports show ${report.import}`);
    return;
  }
  printReport(report, dryRun ? "Rehearsal of" : report.import, { mapping, ignored });
  if (dryRun) print("Nothing was written (--dry-run).");
}

/** The report of an import for people. */
export function printReport(
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
      ["duplicates in the file", duplicates.inFile],
      ["duplicates of the supplier", duplicates.ofSupplier],
      ["already sold", duplicates.alreadySold],
      ["duplicates on the platform", duplicates.onPlatform],
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
  printReasons(report);
  printBars("Sectors", report.sectors);
  printBars("Regions", report.regions);
}

function printReasons({ reasons }: ImportReport): void {
  if (reasons.length === 0) return;
  print("\nWhy rows were refused");
  printTable(
    ["rows", "field", "reason", "for example"],
    reasons.slice(0, shownReasons).map(({ rows, field, code, example }) => [rows, label(field), code, example]),
  );
  if (reasons.length > shownReasons) print(`… and ${reasons.length - shownReasons} more reasons`);
}

function printBars(title: string, items: readonly { name: string; leads: number }[]): void {
  const shown = items.slice(0, shownNames);
  const most = shown[0]?.leads;
  if (!most) return;
  print(`\n${title}`);
  const width = Math.max(...shown.map(({ name }) => name.length));
  for (const { name, leads } of shown) {
    const bar = "█".repeat(Math.max(1, Math.round((barWidth * leads) / most)));
    print(`  ${name.padEnd(width)}  ${bar.padEnd(barWidth)} ${leads.toLocaleString("en")}`);
  }
  if (items.length > shownNames) print(`  … and ${items.length - shownNames} more`);
}

function label(field: string): string {
  return isImportField(field) ? fieldLabels[field] : field;
}
