import { describe, expect, test } from "vitest";
import { newEmail } from "../support/accounts.ts";
import { stack } from "../support/stack.ts";

// Auth as strangers call it: with bodies that supabase-js never sends, and at addresses that are not there.

const bodies = [
  ...[
    "null",
    "[]",
    '"a"',
    "1",
    "{",
    "a=b",
    '{"email":1}',
    '{"email":{"a":"b"},"password":"x"}',
    '{"token_hash":true,"type":"email"}',
  ],
  ...[
    '{"email":"a\\u0000@b.fr"}',
    '{"email":"a@b.fr","data":{"name":"\\ud800"}}',
    '{"refresh_token":["a"]}',
    '{"email":"a@b.fr","data":"x"}',
    "\u0000",
  ],
];

const paths = [
  "signup",
  "token?grant_type=password",
  "token?grant_type=refresh_token",
  "verify",
  "resend",
  "recover",
  "otp",
  "magiclink",
];

async function ask(method: string, path: string, body?: string) {
  const headers = { apikey: stack.publishableKey, "Content-Type": "application/json" };
  const answer = await fetch(`${stack.apiUrl}/auth/v1/${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

describe("a body that is not what it should be", () => {
  test.each(paths)("is 400 at %s, and says so", async (path) => {
    const answers = await Promise.all(bodies.map((body) => ask("POST", path, body)));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 400));
    for (const { json } of answers) expect(json).toMatchObject({ error_code: "bad_json", msg: expect.any(String) });
  });
});

test("a method that is not for this path is refused in JSON", async () => {
  expect(await ask("DELETE", "signup")).toMatchObject({ status: 405, json: { error_code: "method_not_allowed" } });
});

test("codes asked for at once, to an address that is new, are all answered", async () => {
  const email = newEmail();
  const answers = await Promise.all(Array.from({ length: 6 }, () => ask("POST", "otp", JSON.stringify({ email }))));
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
});
