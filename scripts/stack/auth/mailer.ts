import type { AuthConfig, MailTemplate } from "../auth-config.ts";
import type { AuthServerConfig } from "./config.ts";
import { escaped, mailText } from "./mail-text.ts";
import type { Mailbox } from "./mailbox.ts";

const templates = {
  signup: "confirmation",
  recovery: "recovery",
  magiclink: "magic_link",
  invite: "invite",
  email_change: "email_change",
} satisfies Record<string, MailTemplate>;

export type MailKind = keyof typeof templates;

/** Where a link of a mail leads: the auth server's verify route, which then goes on to the page asked for. */
export function verifyLink(config: AuthServerConfig, kind: string, tokenHash: string, redirectTo?: string): string {
  const url = new URL(`${config.apiUrl}/auth/v1/verify`);
  url.searchParams.set("token", tokenHash);
  url.searchParams.set("type", kind);
  url.searchParams.set("redirect_to", allowedRedirect(config.auth, redirectTo));
  return url.href;
}

/** The page asked for if it is the site's, on this machine or matches a pattern of the project, else the site. */
export function allowedRedirect({ siteUrl, redirectUrls }: AuthConfig, wanted: string | undefined): string {
  if (!wanted || !URL.canParse(wanted)) return siteUrl;
  const [url, site] = [new URL(wanted), new URL(siteUrl)];
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  // A page of this machine may be at any port; every other at the site's.
  if (url.protocol === site.protocol && url.hostname === site.hostname && (url.port === site.port || isLoopback)) {
    return url.href;
  }
  if (/^(\d+\.){3}\d+$|^\[/.test(url.hostname)) return isLoopback ? url.href : siteUrl;
  const [plain = ""] = wanted.split("#");
  return redirectUrls.some((pattern) => globPattern(pattern).test(plain)) ? url.href : siteUrl;
}

/** As GoTrue reads them: `*` and `?` stop at `.` and `/`, `**` does not. */
function globPattern(glob: string): RegExp {
  const parts = glob.match(/\*\*|\*|\?|\[!?[^\]]*\]|\{[^}]*\}|\\.|./gs) ?? [];
  const source = parts.map((part) => {
    if (part === "**") return ".*";
    if (part === "*") return "[^./]*";
    if (part === "?") return "[^./]";
    if (part.length > 1 && part.startsWith("[")) return part.replace(/^\[!/, "[^");
    if (part.length > 1 && part.startsWith("{")) return `(?:${part.slice(1, -1).split(",").map(literal).join("|")})`;
    return literal(part.replace(/^\\/, ""));
  });
  return new RegExp(`^${source.join("")}$`, "s");
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

type Values = Record<string, string | undefined>;

/** Puts one mail with a link and a code into the mailbox. */
export function sendLink(
  config: AuthServerConfig,
  mailbox: Mailbox,
  mail: {
    to: string;
    kind: MailKind;
    tokenHash: string;
    code: string;
    redirectTo?: string | undefined;
    /** The address that an account has, and the one that it is to have. */
    change?: { email: string; newEmail: string };
    data?: Record<string, unknown>;
  },
): void {
  const { to, kind, tokenHash, code, redirectTo, change, data = {} } = mail;
  const link = verifyLink(config, kind, tokenHash, redirectTo);
  deliver(config.auth, mailbox, templates[kind], {
    to,
    link,
    code,
    values: {
      ConfirmationURL: link,
      Token: code,
      TokenHash: tokenHash,
      RedirectTo: allowedRedirect(config.auth, redirectTo),
      Email: change?.email ?? to,
      NewEmail: change?.newEmail,
      ...Object.fromEntries(Object.entries(data).map(([name, value]) => [`Data.${name}`, String(value)])),
    },
  });
}

/** Puts a mail with the code into the mailbox that a new password may want. */
export function sendReauthentication(config: AuthServerConfig, mailbox: Mailbox, to: string, code: string): void {
  deliver(config.auth, mailbox, "reauthentication", { to, code, values: { Token: code, Email: to } });
}

function deliver(
  { mails, siteUrl }: AuthConfig,
  mailbox: Mailbox,
  template: MailTemplate,
  { values, ...mail }: { to: string; link?: string; code: string; values: Values },
): void {
  const { subject, html } = mails[template];
  const fill = (text: string, shown: (value: string) => string) =>
    text.replace(/\{\{\s*\.([\w.]+)\s*\}\}/g, (_, name: string) =>
      shown((name === "SiteURL" ? siteUrl : values[name]) ?? ""),
    );
  mailbox.deliver({ ...mail, subject: fill(subject, String), text: `${mailText(fill(html, escaped))}\n` });
}
