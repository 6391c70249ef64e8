import { renameSync, writeFileSync } from "node:fs";

/** Writes a file that only its owner can read, whole or not at all: a reader never sees half of it. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${text}\n`, { mode: 0o600 });
  renameSync(draft, path);
}
