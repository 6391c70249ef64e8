import * as z from "zod";
import { type Route, rpc, view, write } from "../../_shared/route.ts";
import * as i from "./import-inputs.ts";
import { importRejects } from "./import-rejects.ts";
import { goOnWith } from "./import-turns.ts";
import { uploadImport } from "./import-upload.ts";
import { importUploadOf } from "./sent-file.ts";

const admin = { method: "POST", roles: ["admin"], section: "6. Imports", input: i.importIdInput } as const;
const imports = { roles: ["admin", "fournisseur"], section: "6. Imports" };

/** Files of leads: sent, followed, and what was refused taken back (document, chapter 6). */
// biome-ignore format: a table is read across
export const importRoutes: Route[] = [
  { ...imports, method: "POST", path: "/api/imports", summary: "Envoyer un fichier de leads (200 : il est déjà venu, rien n'est ajouté)", handle: uploadImport, form: i.uploadForm, refusals: [409], response: i.importDetail, status: 202, alsoStatus: 200 },
  { ...imports, method: "POST", path: "/api/imports/upload", summary: "Adresse où déposer un gros fichier, à nommer ensuite dans POST /api/imports", object: rpc("import_upload"), refusals: [413, 422, 429], body: i.importUploadInput, response: i.importUploadTarget, finish: importUploadOf, status: 201 },
  { ...imports, method: "GET", path: "/api/imports", summary: "Ses imports, les derniers d'abord", object: view("imports"), input: i.importsInput, response: z.array(i.supplierImport) },
  { ...imports, method: "GET", path: "/api/imports/:id", summary: "Où en est un import, ses comptes et ses refus", object: rpc("import_detail"), finish: goOnWith, input: i.importIdInput, response: i.importDetail },
  { ...imports, method: "GET", path: "/api/imports/:id/rejects", summary: "Les lignes refusées, à corriger et renvoyer", handle: importRejects, refusals: [409], input: i.importIdInput, response: z.string(), mediaType: "text/csv" },
  { ...admin, path: "/api/admin/imports/:id/accept", summary: "Faire entrer un import en attente", object: write("admin_import_accept"), response: i.importDetail },
  { ...admin, path: "/api/admin/imports/:id/discard", summary: "Écarter un import en attente", object: write("admin_import_discard"), response: i.importDetail },
  { ...admin, path: "/api/admin/imports/:id/undo", summary: "Annuler un import : ce qui n'est ni vendu ni changé depuis", object: write("admin_import_undo"), response: i.undoneImport },
];
