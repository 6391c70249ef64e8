import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";

/**
 * Where databases go that are made and thrown away by the dozen: memory, if there is enough of it, else the folder for
 * temporary files. A database is some nine hundred small files: measured, 20 ms each in memory, 400 on a disk.
 */
export function memoryFolder(): string {
  const memory = "/dev/shm";
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 2_000_000_000 ? memory : tmpdir();
}
