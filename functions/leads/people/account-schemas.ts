import * as z from "zod";
import { accountShapes } from "../../_shared/accounts/shapes.ts";

export const roles = ["admin", "fournisseur", "agent", "acheteur"] as const;

const timestamp = z.iso.datetime();

const { person, ...shared } = accountShapes(roles);
export const { account, session } = shared;

export const ownProfile = z
  .looseObject({
    ...person,
    username: z.string().describe("L'adresse e-mail."),
    displayName: z.string(),
    bio: z.string(),
    avatar: z.string().nullable().describe("Adresse de l'image, à partir de l'origine de l'API."),
    createdAt: timestamp,
  })
  .describe("Avec ce que le profil du rôle ajoute (chapitre 3.2).")
  .meta({ id: "OwnProfile" });

export const signedUp = z.strictObject({ userId: z.string(), message: z.string() }).meta({ id: "SignedUp" });

export const signedIn = z.strictObject({ userId: z.string() }).meta({ id: "SignedIn" });

export const avatar = z.strictObject({ documentId: z.uuid(), sharingKey: z.uuid() }).meta({ id: "Avatar" });

export const user = shared.member
  .extend({
    status: z.enum(["active", "suspended", "unconfirmed", "pending_validation"]),
    knownSupplier: z
      .strictObject({ id: z.string(), company: z.string(), status: z.string() })
      .nullable()
      .describe("Le fournisseur connu à cette adresse, sans compte, que cette personne deviendrait."),
  })
  .meta({ id: "User" });

export const personalData = z
  .strictObject({
    person: z.string(),
    exportedAt: z.iso.datetime(),
    account: z.strictObject({
      data: z
        .record(z.string(), z.union([z.array(z.looseObject({})), z.strictObject({ count: z.int() })]))
        .describe("Par table ; de ce qui est d'autres personnes, combien."),
      files: z.array(z.strictObject({ bucket: z.string(), path: z.string() })),
      afterErasure: z
        .array(z.strictObject({ what: z.string(), fate: z.enum(["pseudonym", "kept"]), why: z.string().nullable() }))
        .describe("Ce qui reste après un effacement, et pourquoi."),
    }),
    leads: z.array(z.looseObject({})).describe("Ce qui est conservé de la même personne comme prospect."),
  })
  .meta({ id: "PersonalData" });

const count = z.int().min(0);
export const erased = z
  .strictObject({
    accounts: count,
    leads: count,
    withdrawn: count,
    calls: count,
    consents: count,
    refusedRows: count,
    buyersTold: count,
    opposed: count,
    leftInAuth: z
      .array(z.string())
      .describe("Tables de Supabase Auth que la base ne peut pas vider : à vider par l'exploitant."),
  })
  .meta({ id: "Erased" });
