import * as z from "zod";
import { credentials, registrationOf } from "../../_shared/accounts/inputs.ts";

// What the front end's account calls send. Its "hashedPassword" is what the browser made of the password: a password like
// any other to whoever gets it. Its user name is the e-mail address.

const { email, password, firstName, lastName, phone } = registrationOf(["acheteur"]).shape;

export const signUp = z.strictObject({
  email,
  hashedPassword: password,
  username: z.string().max(254).optional().describe("L'adresse e-mail tient lieu de nom d'utilisateur."),
  lastname: lastName,
  firstname: firstName,
});

export const signIn = z.strictObject({
  username: credentials.shape.email.describe("L'adresse e-mail."),
  hashedPassword: credentials.shape.password,
});

export const changedProfile = z.strictObject({
  bio: z.string().trim().max(2000).optional(),
  phone,
  email: email.optional().describe("Change quand les deux boîtes mail ont confirmé."),
  displayName: z.string().trim().max(100).optional(),
});

export const searchInput = z.object({ username: z.string().max(254).optional().describe("Une adresse e-mail.") });

export type SignUp = z.infer<typeof signUp>;
export type SignIn = z.infer<typeof signIn>;
