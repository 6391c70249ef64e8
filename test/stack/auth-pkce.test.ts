import { createClient } from "@supabase/supabase-js";
import { beforeEach, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { followLink, mailsTo, newAccount, newEmail, password } from "../support/accounts.ts";
import { db, stack } from "../support/stack.ts";

// As a server-rendered front end has it (@supabase/ssr): the mailed link leads to the page with a code in its query, which
// is worth a session only in the browser that asked for the mail.

beforeEach(async () => {
  await db()`delete from platform.rate_limit_attempts`;
});

function browser() {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  return createClient(stack.apiUrl, stack.publishableKey, {
    auth: { flowType: "pkce", storage, persistSession: true, autoRefreshToken: false, detectSessionInUrl: false },
    realtime: { transport: WebSocket as never },
  });
}

async function codeFor(address: string): Promise<string> {
  const { page, handed } = await followLink((await mailsTo(address))[0]?.link);
  expect(handed.has("access_token")).toBe(false);
  return new URL(page).searchParams.get("code") ?? "";
}

describe("PKCE", () => {
  it("signs up, and the code is worth a session once", async () => {
    const [client, email] = [browser(), newEmail()];
    await client.auth.signUp({ email, password });
    const code = await codeFor(email);
    const { data, error } = await client.auth.exchangeCodeForSession(code);
    expect(error).toBeNull();
    expect(data.user).toMatchObject({ email, email_confirmed_at: expect.any(String) });
    const again = await fetch(`${stack.apiUrl}/auth/v1/token?grant_type=pkce`, {
      method: "POST",
      headers: { apikey: stack.publishableKey },
      body: JSON.stringify({ auth_code: code, code_verifier: "x".repeat(43) }),
    });
    expect([again.status, await again.json()]).toMatchObject([404, { error_code: "flow_state_not_found" }]);
  });

  it("recovers, signs in and changes an address", async () => {
    const { email } = await newAccount();
    const client = browser();
    await client.auth.resetPasswordForEmail(email, { redirectTo: "http://localhost:5173/nouveau?x=1" });
    expect((await client.auth.exchangeCodeForSession(await codeFor(email))).data.user?.email).toBe(email);
    expect((await client.auth.updateUser({ password: "another-Horse-7" })).error).toBeNull();

    await client.auth.signInWithOtp({ email });
    expect((await client.auth.exchangeCodeForSession(await codeFor(email))).data.user?.email).toBe(email);

    const next = newEmail();
    expect((await client.auth.updateUser({ email: next })).error).toBeNull();
    expect(await codeFor(email)).toBe("");
    // The client forgets its secret when the account has changed, so the code is all that can be seen here.
    expect(await codeFor(next)).toMatch(/^[\w-]{36}$/);
    expect((await client.auth.getUser()).data.user?.email).toBe(next);
  });

  it("gives nothing to another browser, and the first one still gets in", async () => {
    const { email } = await newAccount();
    const [own, other] = [browser(), browser()];
    await own.auth.resetPasswordForEmail(email);
    const code = await codeFor(email);
    await other.auth.resetPasswordForEmail(newEmail());
    expect((await other.auth.exchangeCodeForSession(code)).error).toMatchObject({ code: "bad_code_verifier" });
    expect((await own.auth.exchangeCodeForSession(code)).error).toBeNull();
  });

  it("says on the page what is wrong with a link", async () => {
    const { email } = await newAccount();
    await browser().auth.resetPasswordForEmail(email);
    const link = (await mailsTo(email))[0]?.link;
    await followLink(link);
    const { page, handed } = await followLink(link);
    expect(new URL(page).searchParams.get("error_code")).toBe("otp_expired");
    expect(handed.get("error_code")).toBe("otp_expired");
  });

  it.each([
    { code_challenge: "a".repeat(43) },
    { code_challenge: "short", code_challenge_method: "s256" },
    { code_challenge: "é".repeat(43), code_challenge_method: "s256" },
  ])("refuses a mail with %j", async (challenge) => {
    const answer = await fetch(`${stack.apiUrl}/auth/v1/recover`, {
      method: "POST",
      headers: { apikey: stack.publishableKey },
      body: JSON.stringify({ email: newEmail(), ...challenge }),
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error_code: "validation_failed" }]);
  });
});
