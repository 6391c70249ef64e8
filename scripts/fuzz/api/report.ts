import type { FuzzReport } from "./run.ts";

/** The counts by target and status, what is wrong, and how to ask for it again. */
export function inWords({ answers, failures, seed, seconds }: FuzzReport): string {
  const names = Object.keys(answers);
  const width = Math.max(0, ...names.map((name) => name.length));
  const rows = names.map((name) => `${name.padEnd(width)}  ${counts(answers[name] ?? {})}`);
  const total = Object.values(answers).reduce((sum, by) => sum + Object.values(by).reduce((one, n) => one + n, 0), 0);
  const wrong = failures.flatMap(({ target, fault, times, actor, curl, answer }) => [
    `FAILURE ${target}: ${fault} (${times} times, first as ${actor})`,
    `  ${curl}`,
    `  answered ${answer}`,
  ]);
  const verdict = failures.length === 0 ? "No fault." : `${failures.length} faults; again with --seed ${seed}`;
  return [...rows, "", ...wrong, `${total} cases of ${names.length} targets in ${seconds} s. ${verdict}`].join("\n");
}

function counts(by: Record<string, number>): string {
  return Object.entries(by)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([status, n]) => `${n} × ${status}`)
    .join(", ");
}
