import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

// What imports and exports rows of any kind knows none of them: a kind is told to it.

const root = fileURLToPath(new URL("../../", import.meta.url));
const folders = ["functions/_shared/import", "functions/_shared/export", "cli/import"];
const commands = ["import", "imports", "export"].map((name) => `cli/commands/${name}.ts`);
const files = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`));
// The program's own name is no system's.
const ofSystems = /\b(leads?(?!-cli)|stalla|berinia|mdmc|presta|supplier|fournisseur|vendor|consent)\b/i;

it.each([...files, ...commands])("%s names no system", (file) => {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  expect(lines.filter((line) => ofSystems.test(line))).toEqual([]);
});
