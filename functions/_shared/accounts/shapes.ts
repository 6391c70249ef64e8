import * as z from "zod";
import { roleOf } from "./inputs.ts";

const timestamp = z.iso.datetime();

/** What the database says of a person, and of a member to an admin, in a system with these roles. */
export function accountShapes(roles: readonly string[]) {
  const person = {
    id: z.string(),
    email: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    role: roleOf(roles).nullable().describe("Nul pour qui n'a aucun rôle dans ce système."),
    company: z.string().nullable(),
    phone: z.string().nullable(),
  };
  const account = z.strictObject(person).meta({ id: "Account" });
  const member = z
    .strictObject({
      ...person,
      status: z.enum(["active", "suspended", "unconfirmed", "pending"]),
      createdAt: timestamp,
      lastSignInAt: timestamp.nullable(),
      emailConfirmedAt: timestamp.nullable().describe("Quand l'adresse a été prouvée ; nul si elle ne l'est pas."),
    })
    .meta({ id: "User" });
  return { person, account, member, session: sessionShape(account) };
}

function sessionShape<Account extends z.ZodType>(account: Account) {
  return z
    .strictObject({
      token: z.string().describe("Le jeton d'accès ; il vaut aussi pour PostgREST et supabase-js."),
      accessToken: z.string().describe("Le même."),
      refreshToken: z.string(),
      expiresIn: z.int().describe("En secondes."),
      user: account,
    })
    .meta({ id: "Session" });
}

export const message = z.strictObject({ message: z.string() }).meta({ id: "Message" });

export const notification = z
  .strictObject({
    id: z.string(),
    type: z.enum(["info", "success", "warning", "error"]),
    title: z.string(),
    message: z.string(),
    read: z.boolean(),
    createdAt: timestamp,
  })
  .meta({ id: "Notification" });

export const unreadCount = z.strictObject({ count: z.int() }).meta({ id: "UnreadCount" });

export const updatedCount = z.strictObject({ updated: z.int() }).meta({ id: "UpdatedCount" });

export const rateLimit = z
  .strictObject({
    id: z.string(),
    description: z.string(),
    allowed: z.int(),
    periodSeconds: z.int(),
    updatedAt: timestamp,
  })
  .meta({ id: "RateLimit" });
