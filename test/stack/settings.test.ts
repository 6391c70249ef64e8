import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readProjectConfig } from "../../scripts/stack/project.ts";
import { functionSettings } from "../../scripts/stack/settings.ts";

const folder = mkdtempSync(join(tmpdir(), "settings-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the functions' settings are the file's lines, but for the platform's own names", () => {
  const file = join(folder, "functions.env");
  writeFileSync(
    file,
    '# payments\nPAYMENT_PROVIDER=stripe\nSTRIPE_SECRET_KEY="sk_test_1"\nEMPTY=\nSUPABASE_URL=http://elsewhere\n',
  );
  expect(functionSettings(file)).toEqual({ PAYMENT_PROVIDER: "stripe", STRIPE_SECRET_KEY: "sk_test_1", EMPTY: "" });
});

test("a named file that is not there is said", () => {
  expect(() => functionSettings(join(folder, "missing.env"))).toThrow(/There is no file .*missing\.env/);
});

test("functions are open to whoever comes only where config.toml says so", () => {
  const { openFunctions } = readProjectConfig();
  expect(openFunctions).toEqual(expect.arrayContaining(["leads", "payout", "purchase"]));
  expect(openFunctions).not.toContain("any-other");
});
