import { createConnection } from "node:net";
import { parse } from "smol-toml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createMailbox } from "../../scripts/stack/auth/mailbox.ts";
import { listenForMails } from "../../scripts/stack/auth/smtp.ts";
import { readAuthConfig } from "../../scripts/stack/auth-config.ts";
import { authBinary, goTrueEnv } from "../../scripts/stack/gotrue.ts";
import { freePort } from "../../scripts/stack/ports.ts";

// An Auth server of Supabase's own in the place of the embedded one: what it is told, and what becomes of its mails.

const env = (toml: string) =>
  goTrueEnv(
    {
      ...{ binary: "auth", dataDir: "/tmp", apiUrl: "http://127.0.0.1:54321", smtpPort: 2500 },
      ...{ keys: { jwtSecret: "secret" }, ports: { db: 5432, mail: 54324 } },
      auth: readAuthConfig(parse(toml), "/"),
    },
    9999,
  );

test("it is told the project's [auth], and where the database, the catcher and the mails' words are", () => {
  expect(
    env(`
      jwt_expiry = 900
      minimum_password_length = 8
      password_requirements = "lower_upper_letters_digits_symbols"
      additional_redirect_urls = ["http://a.test", "http://b.test"]
      enable_signup = false
      [email]
      enable_confirmations = true
      max_frequency = "1m"
      [sessions]
      timebox = "24h"
      [mfa.totp]
      enroll_enabled = true`),
  ).toMatchObject({
    GOTRUE_API_PORT: "9999",
    API_EXTERNAL_URL: "http://127.0.0.1:54321/auth/v1",
    GOTRUE_DB_DATABASE_URL: "postgresql://supabase_auth_admin:postgres@127.0.0.1:5432/postgres",
    GOTRUE_JWT_SECRET: "secret",
    GOTRUE_JWT_EXP: "900",
    GOTRUE_JWT_ISSUER: "http://127.0.0.1:54321/auth/v1",
    GOTRUE_PASSWORD_MIN_LENGTH: "8",
    GOTRUE_PASSWORD_REQUIRED_CHARACTERS: expect.stringMatching(/^abc.*:ABC.*:0123456789:!@.*\\:/),
    GOTRUE_URI_ALLOW_LIST: "http://a.test,http://b.test",
    GOTRUE_DISABLE_SIGNUP: "true",
    GOTRUE_MAILER_AUTOCONFIRM: "false",
    GOTRUE_SMTP_PORT: "2500",
    GOTRUE_SMTP_MAX_FREQUENCY: "60s",
    GOTRUE_MAILER_TEMPLATES_MAGIC_LINK: "http://127.0.0.1:54324/templates/magic_link",
    GOTRUE_MAILER_URLPATHS_RECOVERY: "http://127.0.0.1:54321/auth/v1/verify",
    GOTRUE_SESSIONS_TIMEBOX: "86400s",
    GOTRUE_MFA_TOTP_ENROLL_ENABLED: "true",
    GOTRUE_MFA_TOTP_VERIFY_ENABLED: "false",
  });
  expect(env("")).not.toHaveProperty("GOTRUE_SESSIONS_TIMEBOX");
});

test("what the shell holds for another one is not for it", () => {
  process.env.GOTRUE_JWT_SECRET = "another";
  process.env.GOTRUE_HOOK_SEND_EMAIL_ENABLED = "true";
  try {
    expect(env("").GOTRUE_JWT_SECRET).toBe("secret");
    expect(env("")).not.toHaveProperty("GOTRUE_HOOK_SEND_EMAIL_ENABLED");
  } finally {
    delete process.env.GOTRUE_JWT_SECRET;
    delete process.env.GOTRUE_HOOK_SEND_EMAIL_ENABLED;
  }
});

test("a file that is not there is said", () => {
  expect(() => authBinary("none/auth")).toThrow(/There is no auth binary .*none\/auth/);
});

describe("its mails, by SMTP", () => {
  const mailbox = createMailbox();
  let port = 0;
  let server: Awaited<ReturnType<typeof listenForMails>>;
  beforeAll(async () => {
    port = await freePort();
    server = await listenForMails(mailbox, port);
  });
  afterAll(() => server.close());

  /** Says the lines to the catcher; resolves with what it answered when it hangs up. */
  function say(lines: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = createConnection(port, "127.0.0.1").setEncoding("utf8");
      let heard = "";
      socket.on("data", (text) => (heard += text));
      socket.once("error", reject).once("close", () => resolve(heard));
      socket.write(`${lines.join("\r\n")}\r\n`);
    });
  }

  test("are read: subject, text, link and code", async () => {
    const heard = await say([
      ...["EHLO localhost", "MAIL FROM:<auth@localhost>", "RCPT TO:<zoe@example.test>", "DATA"],
      "Subject: =?UTF-8?q?R=C3=A9initialisez?=",
      " =?UTF-8?q?_votre_mot_de_passe?=",
      ...["Content-Type: text/html; charset=UTF-8", "Content-Transfer-Encoding: quoted-printable", ""],
      '<p>Bonjour,</p><p>Suivez <a href=3D"http://127.0.0.1:1/auth/v1/verify?token=3Dabc&amp;=',
      'type=3Drecovery">ce lien</a>, ou saisissez ce code : 123456</p>',
      ...["..<p>=C3=A9t=C3=A9</p>", ".", "QUIT"],
    ]);
    expect(heard).toMatch(/^220 .*\r\n(250 ok\r\n){3}354 .*\r\n250 kept\r\n221 bye\r\n$/);
    const link = "http://127.0.0.1:1/auth/v1/verify?token=abc&type=recovery";
    expect(mailbox.list("zoe@example.test")).toMatchObject([
      {
        subject: "Réinitialisez votre mot de passe",
        ...{ link, code: "123456" },
        text: `Bonjour,\n\nSuivez ce lien (${link}), ou saisissez ce code : 123456\n\n.été\n`,
      },
    ]);
  });

  test("that are broken off are not there, and what it does not know it refuses", async () => {
    expect(await say(["EHLO x", "VRFY zoe", "RCPT TO:<late@example.test>", "RSET", "QUIT"])).toContain("502");
    const socket = createConnection(port, "127.0.0.1");
    await new Promise((done) => socket.once("data", done));
    socket.write("MAIL FROM:<a@b.c>\r\nRCPT TO:<late@example.test>\r\nDATA\r\nSubject: x\r\n\r\nhalf");
    socket.destroy();
    expect(await say(["NOOP", "QUIT"])).toContain("250 ok");
    expect(mailbox.list("late@example.test")).toEqual([]);
  });
});
