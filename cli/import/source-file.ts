import { createReadStream, createWriteStream } from "node:fs";
import { type FileHandle, mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { io } from "../io.ts";
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

const highWaterMark = 256 * 1024;

/** Finds a file, or keeps what comes from the standard input until it is closed: refused rows are read a second time. */
export async function openSourceFile(path: string): Promise<SourceFile> {
  if (path !== standardInput) return fileAt(path);
  const kept = await keepStandardInput();
  return {
    name: "stdin",
    size: (await kept.stat()).size,
    open: () => createReadStream("", { fd: kept.fd, start: 0, autoClose: false, highWaterMark }),
    close: () => kept.close(),
  };
}

async function keepStandardInput(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), "leads-cli-"));
  const kept = await open(join(folder, "stdin"), "wx+", 0o600);
  try {
    // It has no name from here on: people's data is gone with this run, however it ends.
    await rm(folder, { recursive: true });
    await pipeline(io().stdin, createWriteStream("", { fd: kept.fd, autoClose: false }));
    return kept;
  } catch (error) {
    await kept.close();
    throw error;
  }
}

async function fileAt(path: string): Promise<SourceFile> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new Refusal(error.code === "ENOENT" ? `${path}: no such file` : `${path}: ${error.message}`);
  });
  if (!found.isFile()) throw new Refusal(`${path} is no file`);
  return { name: basename(path), size: found.size, open: () => fileBytes(path), close: async () => {} };
}

/** The bytes of a file from its start. */
export function fileBytes(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark });
}
