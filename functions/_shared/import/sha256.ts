import { createHash } from "node:crypto";
import type { Bytes } from "./pieces.ts";

/** The SHA-256 of a file, in hexadecimal. */
export async function sha256Of(bytes: Bytes): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of bytes) hash.update(piece);
  return hash.digest("hex");
}
