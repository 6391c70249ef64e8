import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { Refusal } from "../output.ts";

/** What stands for the standard input on the command line. */
export const standardInput = "-";

/** A file to read, as often as it is asked for; sizes in bytes. */
export type SourceFile = {
  name: string;
  size: number;
  open: () => AsyncIterable<Uint8Array>;
  close: () => Promise<void>;
};

/** Finds a file, or keeps what comes from the standard input until it is closed: refused rows are read a second time. */
export async function openSourceFile(path: string): Promise<SourceFile> {
  if (path !== standardInput) return fileAt(path, basename(path), async () => {});
  const folder = await mkdtemp(join(tmpdir(), "leads-import-"));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const kept = join(folder, "stdin");
    await pipeline(process.stdin, createWriteStream(kept, { mode: 0o600 }));
    return await fileAt(kept, "stdin", close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function fileAt(path: string, name: string, close: () => Promise<void>): Promise<SourceFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(error.code === "ENOENT" ? `${path}: no such file` : `${path}: ${error.message}`);
  });
  if (!found.isFile()) throw new Refusal(`${path} is no file`);
  return { name, size: found.size, open: () => fileBytes(path), close };
}

/** The bytes of a file from its start. */
export function fileBytes(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 64 * 1024 });
}
