import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadKeys } from "../../scripts/stack/keys.ts";

// The secrets of a data folder outlive every start.

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "keys-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test("are made once, for their owner's eyes", () => {
  const folder = newFolder();
  const keys = loadKeys(folder);
  expect(loadKeys(folder)).toEqual(keys);
  expect(Buffer.from(keys.ibanEncryptionKey, "base64")).toHaveLength(32);
  expect(Buffer.from(keys.secretsEncryptionKey, "base64")).toHaveLength(32);
  expect(statSync(join(folder, "keys.json")).mode & 0o777).toBe(0o600);
});

test("of an earlier version stay, and those that it lacks are added once", () => {
  const folder = newFolder();
  const known = { jwtSecret: "a", publishableKey: "b", secretKey: "c" };
  writeFileSync(join(folder, "keys.json"), JSON.stringify(known));
  const keys = loadKeys(folder);
  expect(keys).toMatchObject(known);
  expect(loadKeys(folder).ibanEncryptionKey).toBe(keys.ibanEncryptionKey);
  expect(JSON.parse(readFileSync(join(folder, "keys.json"), "utf8"))).toMatchObject(known);
});
