import { idInput } from "../../_shared/accounts/inputs.ts";
import { accountRoutes as sharedRoutes } from "../../_shared/accounts/routes.ts";
import { message } from "../../_shared/accounts/shapes.ts";
import type { Route } from "../../_shared/route.ts";
import { rpc, write } from "../../_shared/route.ts";
import * as i from "./account-inputs.ts";
import * as a from "./account-schemas.ts";
import { accounts } from "./accounts.ts";
import { uploadAvatar } from "./avatar.ts";
import { changeOwnProfile, clientSignIn, clientSignOut, clientSignUp, searchUser } from "./client-account.ts";
import * as c from "./client-account-inputs.ts";
import { eraseUser } from "./users.ts";

const auth = { roles: [], section: "6. Authentification" };
const own = { roles: a.roles, section: "Comptes du front end" };
const users = { roles: ["admin"], section: "6. Utilisateurs" };

/** Accounts: what every system has, the calls of the front end, and what is held about a person. */
// biome-ignore format: a table is read across
export const accountRoutes: Route[] = [
  ...sharedRoutes(accounts),

  { ...auth, method: "POST", path: "/api/auth/signup", summary: "S'inscrire, depuis le front end", handle: clientSignUp, refusals: [422, 429], body: c.signUp, response: a.signedUp, status: 201 },
  { ...auth, method: "POST", path: "/api/auth/signin", summary: "Se connecter : la session est un cookie", handle: clientSignIn, refusals: [403, 429], body: c.signIn, response: a.signedIn },
  { ...auth, method: "POST", path: "/api/auth/signout", summary: "Se déconnecter : le cookie part", handle: clientSignOut, response: message },
  { ...own, method: "GET", path: "/api/users/me", summary: "Son profil, quel que soit le rôle", object: rpc("users_me"), response: a.ownProfile },
  { ...own, method: "POST", path: "/api/users/me", summary: "Changer son profil", handle: changeOwnProfile, refusals: [422], body: c.changedProfile, response: a.ownProfile },
  { ...own, method: "GET", path: "/api/users/me/export", summary: "Tout ce qui est conservé à son sujet (RGPD, article 15)", object: write("users_me_export"), refusals: [429], response: a.personalData },
  { ...own, method: "POST", path: "/api/users/uploadAvatar", summary: "Changer sa photo : une image, 2 Mo au plus", handle: uploadAvatar, refusals: [400, 413, 415], response: a.avatar },
  { ...auth, method: "GET", path: "/api/users/search", summary: "Un compte par son adresse : le sien, ou pour un admin", handle: searchUser, refusals: [403], input: c.searchInput, response: a.account.nullable() },
  { ...users, method: "GET", path: "/api/admin/users/:id/export", summary: "Tout ce qui est conservé sur une personne (RGPD, article 15)", object: write("admin_user_export"), refusals: [404, 429], input: idInput, response: a.personalData },
  { ...users, method: "POST", path: "/api/admin/users/:id/erase", summary: "Effacer une personne (RGPD, article 17)", handle: eraseUser, refusals: [404, 409], input: idInput, body: i.erasure, response: a.erased },
];
