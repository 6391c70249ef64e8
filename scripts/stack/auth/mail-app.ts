import { Hono } from "hono";
import { html } from "hono/html";
import * as z from "zod";
import type { AuthConfig } from "../auth-config.ts";
import { onlyLocal } from "./local-only.ts";
import type { Mail, Mailbox } from "./mailbox.ts";

const smsShape = z.object({ to: z.string(), text: z.string() });

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #1c1c1c }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .4rem .8rem .4rem 0 }
  tr + tr td { border-top: 1px solid #ddd } pre { white-space: pre-wrap; font: inherit; overflow-wrap: anywhere }
  time { color: #666 }`;

/** The page and the JSON where mails that the stack would have sent are read. */
export function createMailApp(mailbox: Mailbox, templates: AuthConfig["mails"]): Hono {
  const app = new Hono();
  app.use("*", onlyLocal);
  app.use("*", async (c, next) => {
    await next();
    c.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'");
    c.header("Cache-Control", "no-store");
  });
  app.get("/api/messages", (c) => c.json(mailbox.list(c.req.query("to"))));
  app.delete("/api/messages", (c) => {
    mailbox.clear();
    return c.body(null, 204);
  });
  // What a function would have a provider send by SMS.
  app.post("/api/sms", async (c) => {
    const sms = smsShape.safeParse(await c.req.json().catch(() => undefined));
    if (!sms.success) return c.json({ error: "{to, text} are wanted" }, 400);
    mailbox.deliver({ ...sms.data, subject: "SMS" });
    return c.body(null, 204);
  });
  // An Auth server that is a process of its own asks for the project's words here.
  app.get("/templates/:name", (c) => {
    const template = Object.entries(templates).find(([name]) => name === c.req.param("name"))?.[1];
    return template ? c.text(template.html) : c.notFound();
  });
  app.get("/", (c) => c.html(listPage(mailbox.list())));
  app.get("/:id", (c) => {
    const mail = mailbox.find(c.req.param("id"));
    return mail ? c.html(mailPage(mail)) : c.html(page("Mail introuvable", html`<p><a href="/">Retour</a></p>`), 404);
  });
  return app;
}

type Markup = ReturnType<typeof html>;

function page(title: string, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="fr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${style}
        </style>
      </head>
      <body>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`;
}

function listPage(mails: Mail[]): Markup {
  if (mails.length === 0) return page("Courrier", html`<p>Aucun message pour l'instant.</p>`);
  const rows = mails.map(
    (mail) => html`<tr>
      <td><a href="/${mail.id}">${mail.subject}</a></td>
      <td>${mail.to}</td>
      <td><time>${localTime(mail)}</time></td>
    </tr>`,
  );
  return page(
    "Courrier",
    html`<table>
      <tr>
        <th>Objet</th>
        <th>Destinataire</th>
        <th>Reçu</th>
      </tr>
      ${rows}
    </table>`,
  );
}

function mailPage(mail: Mail): Markup {
  // Only the link that the stack wrote itself is made clickable.
  const [before, after] = mail.link ? mail.text.split(mail.link) : [mail.text];
  const link = mail.link ? html`<a href="${mail.link}" rel="noreferrer">${mail.link}</a>` : "";
  return page(
    mail.subject,
    html`<p>À ${mail.to}, <time>${localTime(mail)}</time></p>
      <pre>${before ?? ""}${link}${after ?? ""}</pre>
      <p><a href="/">Tous les messages</a></p>`,
  );
}

function localTime(mail: Mail): string {
  return new Date(mail.date).toLocaleString("fr-FR");
}
