import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "smol-toml";
import { afterAll, describe, expect, test } from "vitest";
import { allowedRedirect } from "../../scripts/stack/auth/mailer.ts";
import { weaknessOf } from "../../scripts/stack/auth/passwords.ts";
import { readAuthConfig, unservedKeys } from "../../scripts/stack/auth-config.ts";
import { projectRoot, readProjectConfig } from "../../scripts/stack/project.ts";

const root = mkdtempSync(join(tmpdir(), "auth-config-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const read = (toml: string) => readAuthConfig(parse(toml), root);

test("every key of the project's own [auth] is obeyed, or is the stack's own on purpose", () => {
  const { auth } = parse(readFileSync(join(projectRoot, "supabase", "config.toml"), "utf8")) as { auth: object };
  expect(unservedKeys({ ...auth })).toEqual([]);
  expect(readProjectConfig().unserved).toEqual([]);
});

test("what is left out is as the Supabase CLI has it", () => {
  expect(read("")).toMatchObject({
    ...{ siteUrl: "http://127.0.0.1:3000", jwtExpiry: 3600, minimumPasswordLength: 6, requiredCharacters: [] },
    ...{ enableConfirmations: false, doubleConfirmChanges: true, mailInterval: 1, otpLength: 6, otpExpiry: 3600 },
    ...{ maxFactors: 10, totp: { enroll: false, verify: false }, securePasswordChange: false },
  });
});

test("each key is read", () => {
  mkdirSync(join(root, "mails"));
  writeFileSync(join(root, "mails", "invite.html"), "<p>{{ .Token }}</p>");
  const config = read(`
    site_url = "https://leads.example"
    additional_redirect_urls = ["https://app.example/**"]
    minimum_password_length = 12
    password_requirements = "lower_upper_letters_digits_symbols"
    [email]
    enable_signup = false
    secure_password_change = true
    max_frequency = "1m30s"
    otp_length = 8
    otp_expiry = 600
    [email.template.invite]
    subject = "Venez"
    content_path = "./mails/invite.html"
    [sessions]
    timebox = "24h"
    inactivity_timeout = "8h"
    [mfa]
    max_enrolled_factors = 2
    [mfa.totp]
    enroll_enabled = true
    verify_enabled = true`);
  expect(config).toMatchObject({
    ...{ siteUrl: "https://leads.example", redirectUrls: ["https://app.example/**"], minimumPasswordLength: 12 },
    ...{ enableEmail: false, securePasswordChange: true, mailInterval: 90, otpLength: 8, otpExpiry: 600 },
    ...{ sessionLength: 86_400, sessionIdle: 28_800, maxFactors: 2, totp: { enroll: true, verify: true } },
    mails: { invite: { subject: "Venez", html: "<p>{{ .Token }}</p>" } },
  });
  expect(config.requiredCharacters).toHaveLength(4);
});

test.each([
  ["minimum_password_length = 5", /auth\.minimum_password_length/],
  ['password_requirements = "long"', /auth\.password_requirements/],
  ['site_url = "leads"', /auth\.site_url/],
  ['[email]\nmax_frequency = "soon"', /auth\.email\.max_frequency: "soon" is no duration/],
  ["[email]\notp_length = 4", /auth\.email\.otp_length/],
  ['[email.template.invite]\ncontent_path = "none.html"', /none\.html/],
])("%j is refused, and the key named", (toml, message) => {
  expect(() => read(toml)).toThrow(message);
});

test.each([
  ["enable_anonymous_sign_ins = true", ["enable_anonymous_sign_ins"]],
  ["[external.google]\nenabled = true\nclient_id = 'x'", ["external"]],
  ["minimum_pasword_length = 8", ["minimum_pasword_length"]],
  ["[mfa.phone]\nenroll_enabled = true", ["mfa.phone"]],
  ["enable_manual_linking = false\n[external.google]\nenabled = false\nclient_id = 'x'", []],
  ["[rate_limit]\nemail_sent = 2\n[email.smtp]\nenabled = true\nhost = 'x'", []],
])("of %j the keys that are on and not served are named", (toml, keys) => {
  expect(unservedKeys(parse(toml))).toEqual(keys);
});

describe("a password", () => {
  const weakness = (requirements: string, password: string) =>
    weaknessOf(read(`minimum_password_length = 8\npassword_requirements = "${requirements}"`), password)?.reasons;

  test.each([
    ["", "abcdefgh", undefined],
    ["", "abcdefg", ["length"]],
    ["letters_digits", "abcdefgh", ["characters"]],
    ["letters_digits", "12345678", ["characters"]],
    ["letters_digits", "abcdefg1", undefined],
    ["lower_upper_letters_digits", "abcdefg1", ["characters"]],
    ["lower_upper_letters_digits", "Abcdefg1", undefined],
    ["lower_upper_letters_digits_symbols", "Abcdefg1", ["characters"]],
    ["lower_upper_letters_digits_symbols", "Abcdef1'", undefined],
    ["lower_upper_letters_digits_symbols", "é", ["length", "characters"]],
  ])("under %j, %j lacks %j", (requirements, password, reasons) => {
    expect(weakness(requirements, password)).toEqual(reasons);
  });
});

describe("a mailed link leads to", () => {
  const site = "https://leads.example";
  const config = read(`site_url = "${site}"
    additional_redirect_urls = ["http://localhost:*", "https://*.preview.example/**", "https://app.example/{a,b}", "myapp://**"]`);

  test.each([
    "https://leads.example/any/page?x=1",
    "http://localhost:5173",
    "http://127.0.0.1:4000/page",
    "https://one.preview.example/a/b.html",
    "https://app.example/b",
    "myapp://open/this",
  ])("%s, which the project allows", (page) => {
    expect(allowedRedirect(config, page)).toContain(page);
  });

  test.each([
    "http://localhost:5173/page",
    "http://leads.example/page",
    "https://leads.example:8443/page",
    "https://leads.example.evil.test/",
    "https://a.b.preview.example/x",
    "https://app.example/c",
    "https://app.example/ab",
    "https://203.0.113.7/",
    "javascript:alert(1)",
    "//evil.test",
    "",
    undefined,
  ])("the site, not to %s", (page) => {
    expect(allowedRedirect(config, page)).toBe(site);
  });
});
