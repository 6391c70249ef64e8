import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seal, sealingKey, unseal } from "../../functions/_shared/sealed.ts";

// Values that the database keeps and cannot read.

const key = await sealingKey(randomBytes(32).toString("base64"));

test("what was sealed opens, and shows nothing of itself", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 6 }), fc.uuid(), async (text, owner) => {
      const sealed = await seal(key, owner, text);
      expect(sealed).toMatch(/^v1\.[\w-]{16}\.[\w-]+$/);
      expect(await unseal(key, owner, sealed)).toBe(text);
      expect(await seal(key, owner, text)).not.toBe(sealed);
    }),
    { numRuns: 50 },
  );
});

test("nobody else's key or owner opens it, and no changed value opens", async () => {
  const sealed = await seal(key, "supplier A", "FR7630006000011234567890189");
  const other = await sealingKey(randomBytes(32).toString("base64"));
  // Not the last letter, whose lowest bits may stand for nothing.
  const changed = sealed.slice(0, -8) + (sealed.at(-8) === "A" ? "B" : "A") + sealed.slice(-7);
  const none = "the encryption key is not the one that sealed it";
  await expect(unseal(other, "supplier A", sealed)).rejects.toThrow(none);
  await expect(unseal(key, "supplier B", sealed)).rejects.toThrow(none);
  await expect(unseal(key, "supplier A", changed)).rejects.toThrow(none);
  await expect(unseal(key, "supplier A", "v2.a.b")).rejects.toThrow("unknown kind");
});

test.each(["", "short", randomBytes(16).toString("base64")])("a key that is none is refused: %j", (text) => {
  expect(() => sealingKey(text)).toThrow("not 32 bytes in base64");
});
