import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { projectRoot } from "../stack/project.ts";
import type { Aim, Result } from "./result.ts";

const note =
  "Load generator, gateway and servers share this machine's cores: what counts is each ratio, taken round by round, not the figures.";

/** Keeps the results as .bench/latest.json and under the time of the run. Returns the second file's path. */
export function keep(results: readonly Result[], options: object, seconds: number): string {
  const at = new Date().toISOString();
  const machine = {
    cpus: cpus().length,
    cpu: cpus()[0]?.model ?? "",
    platform: process.platform,
    node: process.version,
  };
  const text = `${JSON.stringify({ at, seconds, options, machine, note, results }, null, 2)}\n`;
  const folder = join(projectRoot, ".bench");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${at.slice(0, 19).replaceAll(":", "-")}.json`);
  for (const file of [path, join(folder, "latest.json")]) writeFileSync(file, text);
  return path;
}

/** The results as a table for people. */
export function table(results: readonly Result[]): string {
  const lines: string[] = [];
  for (const group of new Set(results.map((result) => result.group))) {
    lines.push("", bold(group));
    for (const result of results.filter((one) => one.group === group)) lines.push(...linesOf(result));
  }
  const aimed = results.filter((result) => result.reached !== null);
  const reached = aimed.filter((result) => result.reached).length;
  return [...lines, "", `${reached} of ${aimed.length} aims reached. ${cpus().length} CPUs. ${note}`].join("\n");
}

function linesOf(result: Result): string[] {
  const { name, againstName, measured, against, unit, ratio, lowest, highest, rounds, aim } = result;
  return [
    `  ${name}`,
    `    ${measured} ${unit} against ${against} ${unit} (${againstName})`,
    `    ${bar(ratio, aim)} x ${ratio.toFixed(2)}  ${verdict(result)}  (${rounds} rounds, ${lowest.toFixed(2)} to ${highest.toFixed(2)})`,
  ];
}

function verdict({ aim, reached }: Result): string {
  if (aim === null) return "for information";
  const wanted = "atLeast" in aim ? `aim at least ${aim.atLeast}` : `aim at most ${aim.atMost}`;
  return `${wanted}: ${reached ? colored("green", "pass") : colored("red", "MISS")}`;
}

const cells = 30;
const widest = 2;

/** A bar from 0 to 2, with a mark where the aim is. */
function bar(ratio: number, aim: Aim | null): string {
  const at = (value: number) => Math.min(cells, Math.round((value / widest) * cells));
  const drawn = [..."█".repeat(at(ratio)).padEnd(cells, "·")];
  if (aim) drawn[Math.min(cells - 1, at("atLeast" in aim ? aim.atLeast : aim.atMost))] = "|";
  return drawn.join("");
}

function bold(text: string): string {
  return colored("bold", text);
}

function colored(style: "bold" | "green" | "red", text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}
