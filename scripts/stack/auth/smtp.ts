import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { mailText, unescaped } from "./mail-text.ts";
import type { Mailbox } from "./mailbox.ts";

/** Takes mails by SMTP on this machine, for the mailbox, and sends none on. */
export function listenForMails(mailbox: Mailbox, port: number): Promise<Server> {
  const server = createServer((socket) => converse(socket, mailbox));
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

function converse(socket: Socket, mailbox: Mailbox): void {
  const say = (line: string) => void socket.write(`${line}\r\n`);
  let recipients: string[] = [];
  let body: string[] | undefined;
  const lines = createInterface({ input: socket.setEncoding("utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  // Who hangs up is heard of by both.
  for (const end of [socket, lines]) end.on("error", () => socket.destroy());
  say("220 stack ESMTP");
  lines.on("line", (line) => {
    if (body) {
      if (line !== ".") return void body.push(line.replace(/^\./, ""));
      for (const to of recipients) mailbox.deliver({ to, ...readMail(body) });
      [recipients, body] = [[], undefined];
      return say("250 kept");
    }
    const command = line.slice(0, 4).toUpperCase();
    if (command === "QUIT") return void socket.end("221 bye\r\n");
    if (command === "DATA") {
      body = [];
      return say("354 end with a point");
    }
    if (command === "RSET") recipients = [];
    if (command === "RCPT") recipients.push(/<([^>]*)>/.exec(line)?.[1] ?? "");
    say(["EHLO", "HELO", "MAIL", "RCPT", "RSET", "NOOP"].includes(command) ? "250 ok" : "502 not here");
  });
}

/** What a mail holds: one part, of HTML if it is Auth's, of text if it is a function's. */
function readMail(lines: string[]): { subject: string; text: string; link?: string; code?: string } {
  const end = lines.indexOf("");
  const head = lines
    .slice(0, end)
    .join("\n")
    .replace(/\n[ \t]+/g, " ");
  const header = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "im").exec(head)?.[1] ?? "";
  const html = decoded(lines.slice(end + 1).join("\n"), header("Content-Transfer-Encoding"));
  if (/^text\/plain/i.test(header("Content-Type"))) return { subject: decodedWords(header("Subject")), text: html };
  const link = /<a\s[^>]*?href="([^"]*\/verify\?[^"]*)"/i.exec(html)?.[1];
  const text = mailText(html);
  const code = /(?<!\S)\d{6,10}(?!\S)/.exec(text)?.[0];
  return {
    subject: decodedWords(header("Subject")),
    text: `${text}\n`,
    ...(link && { link: unescaped(link) }),
    ...(code && { code }),
  };
}

function decoded(text: string, encoding: string): string {
  if (/base64/i.test(encoding)) return Buffer.from(text, "base64").toString();
  return /quoted-printable/i.test(encoding) ? fromQuoted(text.replace(/=\n/g, "")) : text;
}

/** A header's words that are not plain ASCII. */
function decodedWords(text: string): string {
  const joined = text.replace(/\?=\s+=\?/g, "?==?");
  return joined.replace(/=\?[\w-]+\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
    kind.toLowerCase() === "b" ? Buffer.from(word, "base64").toString() : fromQuoted(word.replaceAll("_", " ")),
  );
}

function fromQuoted(text: string): string {
  const bytes = Buffer.from(text).toString("latin1");
  const read = bytes.replace(/=([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(read, "latin1").toString();
}
