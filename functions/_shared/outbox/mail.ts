import { attemptMs, type Deliver, DeliveryFailure, type Mail, readPayload } from "./delivery.ts";

/** Where mails go out: `smtp://user:password@host:port`, or the address of a provider's HTTP API; and who writes them. */
export type MailSettings = { url: string | undefined; key: string | undefined; from: string | undefined };

type Send = (mail: Mail, id: string, from: string) => Promise<void>;

/** Sends mails by what the settings name: hosted functions have no SMTP ports, so there it is an HTTP API. */
export function mailDelivery({ url, key, from }: MailSettings): Deliver {
  return async ({ id, payload }) => {
    const mail = readPayload("mail", payload);
    if (!url || !from) throw new DeliveryFailure("mail_not_configured");
    await (/^smtps?:/.test(url) ? bySmtp(url) : byHttp(url, key))(mail, id, from);
  };
}

/** As Resend, and others after it, take mails; by the key a repetition is known. */
function byHttp(url: string, key: string | undefined): Send {
  return async ({ to, subject, text }, id, from) => {
    const headers: Record<string, string> = { "Content-Type": "application/json", "Idempotency-Key": id };
    if (key) headers.Authorization = `Bearer ${key}`;
    const body = JSON.stringify({ from, to: [to], subject, text });
    const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(attemptMs) }).catch(
      () => undefined,
    );
    await response?.body?.cancel();
    if (!response) throw new DeliveryFailure("unreachable");
    if (!response.ok) throw new DeliveryFailure(`http_${response.status}`, isRefusal(response.status));
  };
}

function bySmtp(url: string): Send {
  return async ({ to, subject, text }, id, from) => {
    // Loaded where it is used: a hosted function never does.
    const { createTransport } = await import("nodemailer");
    const timeouts = { connectionTimeout: attemptMs, greetingTimeout: attemptMs, socketTimeout: attemptMs };
    const { hostname, port, protocol, username, password } = new URL(url);
    const transport = createTransport({
      host: hostname,
      port: Number(port || (protocol === "smtps:" ? 465 : 587)),
      secure: protocol === "smtps:",
      // Else who is in between might leave it out, and read the password.
      requireTLS: protocol === "smtp:" && !isLoopback(hostname),
      ...(username && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
      ...timeouts,
    });
    try {
      await transport.sendMail({
        from,
        to,
        subject,
        text,
        messageId: `<${id}@${from.split("@").at(-1)?.replace(/>$/, "")}>`,
      });
    } catch (error) {
      const { responseCode } = error as { responseCode?: number };
      throw responseCode
        ? new DeliveryFailure(`smtp_${responseCode}`, responseCode >= 550)
        : new DeliveryFailure("unreachable");
    } finally {
      transport.close();
    }
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Whether the provider will not take this mail, whenever it comes; a key that is refused may be put right. */
function isRefusal(status: number): boolean {
  return status === 400 || status === 422;
}
