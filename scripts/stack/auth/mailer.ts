import { AsyncLocalStorage } from "node:async_hooks";
import type { App } from "@supabase/lite";
import type { AuthServerConfig } from "./config.ts";
import type { Mailbox } from "./mailbox.ts";

type Mailer = NonNullable<App["_mailer"]>;

/**
 * The page that the request being served wants its mailed link to lead to. @supabase/lite forgets it between the
 * route and the mailer, so it travels beside the call.
 */
export const requestedRedirect = new AsyncLocalStorage<string | undefined>();

type MailText = { subject: string; action: string; before?: string; after?: string };

const texts = {
  signup: {
    subject: "Confirmez votre inscription",
    action: "confirmer votre inscription",
    after:
      "Ne le suivez que si c'est vous qui venez de vous inscrire : le mot de passe donné à l'inscription sera celui du compte. S'il est refusé ensuite, choisissez-en un par « Mot de passe oublié ».\n\n",
  },
  recovery: {
    subject: "Réinitialisez votre mot de passe",
    // Also for whoever registers again with an address that is known.
    before: "Vous avez déjà un compte avec cette adresse.\n\n",
    action: "choisir un nouveau mot de passe",
  },
  magiclink: { subject: "Votre lien de connexion", action: "vous connecter" },
  invite: { subject: "Vous êtes invité", action: "accepter l'invitation" },
  email_change: { subject: "Confirmez votre changement d'adresse", action: "confirmer votre nouvelle adresse" },
} satisfies Record<string, MailText>;

export type MailKind = keyof typeof texts;

/** Where a link of a mail leads: the auth server's verify route, which then goes on to the page asked for. */
export function verifyLink(config: AuthServerConfig, kind: string, tokenHash: string, redirectTo?: string): string {
  const url = new URL(`${config.apiUrl}/auth/v1/verify`);
  url.searchParams.set("token", tokenHash);
  url.searchParams.set("type", kind);
  url.searchParams.set("redirect_to", allowedRedirect(config, redirectTo));
  return url.href;
}

/** The page asked for if it is on this machine or on the site's own origin, else the site. */
export function allowedRedirect(config: AuthServerConfig, wanted: string | undefined): string {
  const url = wanted && URL.canParse(wanted) ? new URL(wanted) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) return config.siteUrl;
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return local || url.origin === new URL(config.siteUrl).origin ? url.href : config.siteUrl;
}

/** Puts one mail with a link and a code into the mailbox. */
export function sendLink(
  config: AuthServerConfig,
  mailbox: Mailbox,
  mail: { to: string; kind: MailKind; tokenHash: string; code: string; redirectTo?: string | undefined },
): void {
  const { subject, action, before = "", after = "" }: MailText = texts[mail.kind];
  const link = verifyLink(config, mail.kind, mail.tokenHash, mail.redirectTo ?? requestedRedirect.getStore());
  const text = `Bonjour,\n\n${before}Pour ${action}, suivez ce lien :\n${link}\n\nOu saisissez ce code : ${mail.code}\n\n${after}Il est valable une heure. Si vous n'avez rien demandé, ignorez ce message.\n`;
  mailbox.deliver({ to: mail.to, subject, text, link, code: mail.code });
}

/** The mailer of @supabase/lite, writing to the mailbox. */
export function createMailer(config: AuthServerConfig, mailbox: Mailbox): Mailer {
  const link = (kind: MailKind) => async (to: string, tokenHash: string, code: string) =>
    sendLink(config, mailbox, { to, kind, tokenHash, code });
  return {
    sendConfirmation: link("signup"),
    sendRecovery: link("recovery"),
    sendMagicLink: link("magiclink"),
    sendEmailChange: link("email_change"),
    async sendReauthentication(to, code) {
      mailbox.deliver({ to, subject: "Votre code de confirmation", text: `Votre code : ${code}\n`, code });
    },
  };
}
