import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { addressesOf, isPublicAddress } from "../../functions/_shared/outbox/addresses.ts";
import type { Delivery } from "../../functions/_shared/outbox/delivery.ts";
import { mailDelivery } from "../../functions/_shared/outbox/mail.ts";
import { newWebhookSecret, signatureHeaders } from "../../functions/_shared/outbox/signature.ts";
import { smsDelivery } from "../../functions/_shared/outbox/sms.ts";
import { webhookDelivery } from "../../functions/_shared/outbox/webhook.ts";
import { seal, sealingKey } from "../../functions/_shared/sealed.ts";

const key = sealingKey(Buffer.alloc(32, 7).toString("base64"));
const delivery = (more: Partial<Delivery>): Delivery => ({
  ...{ id: "d", kind: "mail", topic: "t", payload: {}, lane: "mail", attempts: 1, created_at: new Date(0) },
  ...{ event_id: null, endpoint_id: null, url: null, sealed_secret: null },
  ...more,
});
const call = async (url: string) =>
  delivery({
    kind: "webhook",
    endpoint_id: "e",
    event_id: "m",
    url,
    sealed_secret: await seal(await key, "e", "whsec_YQ=="),
  });

describe("an address is public", () => {
  it.each(["8.8.8.8", "172.32.0.1", "192.169.0.1", "2606:4700::1111", "2a01:e0a::1"])("%s", (address) => {
    expect(isPublicAddress({ address, family: address.includes(":") ? 6 : 4 })).toBe(true);
  });
  it.each([
    ...[
      "0.0.0.0",
      "10.1.2.3",
      "100.64.0.1",
      "127.0.0.1",
      "127.9.9.9",
      "169.254.169.254",
      "172.16.0.1",
      "172.31.255.255",
    ],
    ...["192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8"],
    ...["fc00::1", "fe80::1", "ff02::1", "64:ff9b::7f00:1", "2001::1", "2001:db8::1", "2002:7f00:1::"],
  ])("not %s", (address) => {
    expect(isPublicAddress({ address, family: address.includes(":") ? 6 : 4 })).toBe(false);
  });
});

describe("a hosted project's worker calls", () => {
  it.each([
    ...[
      "http://127.0.0.1:1/",
      "https://localhost/",
      "https://[::1]/",
      "https://169.254.169.254/latest",
      "https://2130706433/",
    ],
    ...["https://0x7f.1/", "https://[::ffff:10.0.0.1]/"],
  ])("not %s", async (url) => {
    const deliver = webhookDelivery({ key: () => key, localAllowed: false });
    await expect(deliver(await call(url))).rejects.toMatchObject({ code: "private_address", final: false });
  });

  it("nobody where a name stands for nothing, and the machine itself only where that is allowed", async () => {
    await expect(addressesOf(new URL("https://nothing.invalid/"), false)).rejects.toMatchObject({
      code: "unknown_host",
    });
    expect(await addressesOf(new URL("http://127.0.0.1/"), true)).toEqual([{ address: "127.0.0.1", family: 4 }]);
    await expect(addressesOf(new URL("https://10.0.0.1/"), true)).rejects.toMatchObject({ code: "private_address" });
  });
});

describe("a webhook", () => {
  it("is signed as the example of the specification is", async () => {
    const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const at = new Date(1_614_265_330_000);
    const headers = await signatureHeaders(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", '{"test": 2432232314}', at);
    expect(headers).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
    expect(newWebhookSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  });

  it("is not called without the key that opens its secret, nor with another one", async () => {
    const to = await call("http://127.0.0.1:1/");
    const none = webhookDelivery({ key: () => undefined, localAllowed: true });
    await expect(none(to)).rejects.toMatchObject({ code: "webhooks_not_configured" });
    const other = webhookDelivery({ key: () => sealingKey(Buffer.alloc(32).toString("base64")), localAllowed: true });
    await expect(other(to)).rejects.toMatchObject({ code: "secret_unreadable" });
  });

  it("fails by a code where nobody listens", async () => {
    const deliver = webhookDelivery({ key: () => key, localAllowed: true });
    await expect(deliver(await call("http://127.0.0.1:1/"))).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("a mail by HTTP", () => {
  const mail = { to: "zoe@example.test", subject: "Bonjour", text: "Texte" };

  async function provider(status: number) {
    const asked: { headers: Record<string, unknown>; body: unknown }[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        asked.push({ headers: request.headers, body: JSON.parse(body) });
        response.writeHead(status).end('{"message": "zoe@example.test"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/emails` };
  }

  it("is posted with the key, and the id by which a repetition is known", async () => {
    const { asked, url } = await provider(200);
    await mailDelivery({ url, key: "re_key", from: "Nous <nous@example.test>" })(delivery({ payload: mail }));
    expect(asked).toMatchObject([
      {
        headers: { authorization: "Bearer re_key", "idempotency-key": "d" },
        body: { from: "Nous <nous@example.test>", to: ["zoe@example.test"], subject: "Bonjour", text: "Texte" },
      },
    ]);
  });

  it.each([
    [422, true],
    [401, false],
    [429, false],
    [500, false],
  ])("that is answered %i fails by that code, for good: %s", async (status, final) => {
    const { url } = await provider(status);
    const sent = mailDelivery({ url, key: "k", from: "nous@example.test" })(delivery({ payload: mail }));
    await expect(sent).rejects.toMatchObject({ code: `http_${status}`, final, message: `http_${status}` });
  });

  it("goes by SMTP in clear to this machine alone", async () => {
    const { port, heard } = await mailServer();
    const by = (host: string) =>
      mailDelivery({ url: `smtp://nous:secret@${host}:${port}`, key: undefined, from: "nous@example.test" });
    await by("127.0.0.1")(delivery({ payload: mail }));
    await by("localhost")(delivery({ payload: mail }));
    expect(heard.filter((line) => line.startsWith("MAIL FROM"))).toHaveLength(2);
    heard.length = 0;
    // An address of this machine that is not loopback's.
    await expect(by("0.0.0.0")(delivery({ payload: mail }))).rejects.toMatchObject({ code: "smtp_502", final: false });
    expect(heard.map((line) => line.split(" ")[0])).toEqual(["EHLO", "STARTTLS"]);
  });

  it("waits where nobody is named who sends it, and an SMS as well", async () => {
    const none = mailDelivery({ url: undefined, key: undefined, from: undefined });
    await expect(none(delivery({ payload: mail }))).rejects.toMatchObject({
      code: "mail_not_configured",
      final: false,
    });
    const sms = delivery({ kind: "sms", payload: { to: "+2290197123456", text: "x" } });
    await expect(smsDelivery(undefined)(sms)).rejects.toMatchObject({ code: "sms_not_configured", final: false });
  });
});

/** A mail server that knows no TLS, and what it is told. */
async function mailServer(): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  let inMail = false;
  const answerTo = (line: string) => {
    if (inMail && line !== ".") return "";
    inMail = line === "DATA";
    if (inMail) return "354 Go on\r\n";
    if (line.startsWith("EHLO")) return "250-here\r\n250 AUTH PLAIN\r\n";
    if (line.startsWith("AUTH")) return "235 Known\r\n";
    return line === "STARTTLS" ? "502 Not known\r\n" : "250 OK\r\n";
  };
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("220 here\r\n");
    createInterface({ input: socket }).on("line", (line) => {
      heard.push(line);
      socket.write(answerTo(line));
    });
  }).listen(0);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard };
}
