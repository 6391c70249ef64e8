import { type FileHandle, open } from "node:fs/promises";
import { Refusal } from "./output.ts";

/** A new file that its owner alone can read; never one that is there already. Throws a Refusal that says why not. */
export async function openNew(path: string): Promise<FileHandle> {
  return open(path, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    const reasons: Record<string, string> = { EEXIST: "it exists already", ENOENT: "no such folder" };
    throw new Refusal(`cannot write ${path}: ${reasons[error.code ?? ""] ?? error.message}`);
  });
}
