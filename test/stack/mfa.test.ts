import { generateSync } from "otplib";
import { describe, expect, it } from "vitest";
import { type Account, claimsOf, newAccount, password } from "../support/accounts.ts";
import { anonClient, isAuthEmbedded, serviceClient } from "../support/stack.ts";

/** The code that an authenticator app shows, `later` steps of 30 s from now. */
function codeOf(secret: string, later = 0): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * later });
}

async function enroll({ client }: Pick<Account, "client">) {
  const { data, error } = await client.auth.mfa.enroll({ factorType: "totp", issuer: "Leads" });
  if (error || data.type !== "totp") throw error ?? new Error("no TOTP factor");
  return { factorId: data.id, secret: data.totp.secret, totp: data.totp };
}

/** An account with a verified factor, its session raised to aal2. */
async function protectedAccount() {
  const account = await newAccount();
  const factor = await enroll(account);
  const { error } = await account.client.auth.mfa.challengeAndVerify({
    factorId: factor.factorId,
    code: codeOf(factor.secret),
  });
  if (error) throw error;
  return { ...account, ...factor };
}

async function levels(client: Account["client"]) {
  const { data } = await client.auth.mfa.getAuthenticatorAssuranceLevel();
  return [data?.currentLevel, data?.nextLevel];
}

describe("enrolling", () => {
  it("gives a QR code, a secret and an address for authenticator apps", async () => {
    const account = await newAccount();
    const { secret, totp } = await enroll(account);
    expect(totp.qr_code).toMatch(/^data:image\/svg\+xml;utf-8,<(\?xml|svg)/);
    const uri = new URL(totp.uri);
    expect(uri.protocol).toBe("otpauth:");
    expect(uri.searchParams.get("secret")).toBe(secret);
    expect(decodeURIComponent(uri.pathname)).toContain(account.email);
  });

  it("asks for no second factor before the first code", async () => {
    const account = await newAccount();
    const { factorId } = await enroll(account);
    expect(await levels(account.client)).toEqual(["aal1", "aal1"]);
    const { data } = await account.client.auth.mfa.listFactors();
    expect(data?.all).toMatchObject([{ id: factorId, status: "unverified" }]);
    expect(data?.totp).toEqual([]);
  });

  it("refuses two factors of the same name", async () => {
    const { client } = await newAccount();
    const enrollPhone = () => client.auth.mfa.enroll({ factorType: "totp", friendlyName: "Téléphone" });
    expect((await enrollPhone()).error).toBeNull();
    expect((await enrollPhone()).error?.code).toBe("mfa_factor_name_conflict");
  });
});

describe("verifying", () => {
  it("raises the session to aal2 and keeps it through a refresh", async () => {
    const { client } = await protectedAccount();
    expect(await levels(client)).toEqual(["aal2", "aal2"]);
    const { data } = await client.auth.refreshSession();
    const claims = claimsOf(data.session?.access_token ?? "");
    expect(claims.aal).toBe("aal2");
    expect((claims.amr as { method: string }[]).map(({ method }) => method).sort()).toEqual(["password", "totp"]);
  });

  it("asks for the code again at the next sign-in", async () => {
    const { email, factorId, secret } = await protectedAccount();
    const client = anonClient();
    await client.auth.signInWithPassword({ email, password });
    expect(await levels(client)).toEqual(["aal1", "aal2"]);
    const { error } = await client.auth.mfa.challengeAndVerify({ factorId, code: codeOf(secret, 1) });
    expect(error).toBeNull();
    expect(await levels(client)).toEqual(["aal2", "aal2"]);
  });

  it("ends the sessions that were opened without the code", async () => {
    const account = await newAccount();
    const other = anonClient();
    await other.auth.signInWithPassword({ email: account.email, password });
    const { factorId, secret } = await enroll(account);
    await account.client.auth.mfa.challengeAndVerify({ factorId, code: codeOf(secret) });
    expect((await other.auth.getUser()).error?.name).toBe("AuthSessionMissingError");
    expect((await account.client.auth.getUser()).error).toBeNull();
  });

  it("refuses a wrong code and stays at aal1", async () => {
    const account = await newAccount();
    const { factorId, secret } = await enroll(account);
    const wrong = codeOf(secret, 10);
    const { error } = await account.client.auth.mfa.challengeAndVerify({ factorId, code: wrong });
    expect(error).toMatchObject({ status: 422, code: "mfa_verification_failed" });
    expect(await levels(account.client)).toEqual(["aal1", "aal1"]);
  });

  it.runIf(isAuthEmbedded)("refuses a code that was used", async () => {
    const { email, factorId, secret } = await protectedAccount();
    const client = anonClient();
    await client.auth.signInWithPassword({ email, password });
    const code = codeOf(secret, 1);
    expect((await client.auth.mfa.challengeAndVerify({ factorId, code })).error).toBeNull();
    const again = await client.auth.mfa.challengeAndVerify({ factorId, code });
    expect(again.error?.code).toBe("mfa_verification_failed");
  });

  it("accepts a challenge once", async () => {
    const { client, factorId, secret } = await protectedAccount();
    const { data } = await client.auth.mfa.challenge({ factorId });
    const challengeId = data?.id ?? "";
    expect((await client.auth.mfa.verify({ factorId, challengeId, code: codeOf(secret, 1) })).error).toBeNull();
    const again = await client.auth.mfa.verify({ factorId, challengeId, code: codeOf(secret, 1) });
    expect(again.error?.code).toBe("mfa_ip_address_mismatch");
  });

  it.runIf(isAuthEmbedded)("pauses after five wrong codes, for the right one too", async () => {
    const account = await newAccount();
    const { factorId, secret } = await enroll(account);
    const attempt = (code: string) => account.client.auth.mfa.challengeAndVerify({ factorId, code });
    for (const later of [10, 11, 12, 13, 14]) {
      expect((await attempt(codeOf(secret, later))).error?.code).toBe("mfa_verification_failed");
    }
    expect((await attempt(codeOf(secret))).error).toMatchObject({ status: 429, code: "over_request_rate_limit" });
  });

  it.runIf(isAuthEmbedded)("counts guesses that are sent all at once", async () => {
    const { client, factorId, secret } = await protectedAccount();
    const guesses = Array.from({ length: 12 }, (_, later) => codeOf(secret, later + 10));
    const answers = await Promise.all(
      guesses.map(async (code) => {
        const { data } = await client.auth.mfa.challenge({ factorId });
        return client.auth.mfa.verify({ factorId, challengeId: data?.id ?? "", code });
      }),
    );
    expect(answers.filter(({ error }) => error?.code === "mfa_verification_failed")).toHaveLength(5);
  });

  it("leaves another person's factor alone", async () => {
    const { factorId, secret } = await protectedAccount();
    const { client } = await newAccount();
    const { error } = await client.auth.mfa.challengeAndVerify({ factorId, code: codeOf(secret, 1) });
    expect(error?.code).toBe("mfa_factor_not_found");
  });
});

describe("a session without the code", () => {
  it("may change neither the password nor the factors", async () => {
    const { email, factorId } = await protectedAccount();
    const client = anonClient();
    await client.auth.signInWithPassword({ email, password });
    expect((await client.auth.updateUser({ password: "stolen-Horse-1" })).error?.code).toBe("insufficient_aal");
    expect((await client.auth.mfa.unenroll({ factorId })).error?.code).toBe("insufficient_aal");
    expect((await client.auth.mfa.enroll({ factorType: "totp", friendlyName: "a second" })).error?.code).toBe(
      "insufficient_aal",
    );
    expect((await anonClient().auth.signInWithPassword({ email, password })).error).toBeNull();
  });
});

describe("unenrolling", () => {
  it("brings the account back to one factor", async () => {
    const { client, factorId } = await protectedAccount();
    expect((await client.auth.mfa.unenroll({ factorId })).data?.id).toBe(factorId);
    await client.auth.refreshSession();
    expect(await levels(client)).toEqual(["aal1", "aal1"]);
  });

  it("is open to an admin, for a person who lost the phone", async () => {
    const { id, factorId } = await protectedAccount();
    const { mfa } = serviceClient().auth.admin;
    expect((await mfa.listFactors({ userId: id })).data?.factors).toMatchObject([{ id: factorId }]);
    expect((await mfa.deleteFactor({ userId: id, id: factorId })).error).toBeNull();
    expect((await mfa.listFactors({ userId: id })).data?.factors).toEqual([]);
  });
});
