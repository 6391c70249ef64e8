import { randomUUID } from "node:crypto";

/** A mail, or an SMS, that was caught instead of sent. */
export interface Mail {
  id: string;
  to: string;
  /** Of an SMS, which has none: SMS. */
  subject: string;
  text: string;
  /** The link to follow, where the mail has one. */
  link?: string;
  /** The six digits to type instead of following the link. */
  code?: string;
  /** ISO 8601. */
  date: string;
}

/** The mails and SMS of this run, newest first, in memory. */
export interface Mailbox {
  deliver(mail: Omit<Mail, "id" | "date">): void;
  list(to?: string): Mail[];
  find(id: string): Mail | undefined;
  clear(): void;
}

/** Makes an empty mailbox that keeps the newest `capacity` mails. */
export function createMailbox(capacity = 500): Mailbox {
  let mails: Mail[] = [];
  return {
    deliver(mail) {
      mails = [{ ...mail, id: randomUUID(), date: new Date().toISOString() }, ...mails].slice(0, capacity);
    },
    list: (to) => mails.filter((mail) => to === undefined || mail.to.toLowerCase() === to.toLowerCase()),
    find: (id) => mails.find((mail) => mail.id === id),
    clear() {
      mails = [];
    },
  };
}
