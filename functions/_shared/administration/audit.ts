import * as z from "zod";
import type { Route } from "../route.ts";
import { type Mount, ofSystem, platformObject } from "./mount.ts";

const time = z.iso.datetime({ offset: true });
const content = z.record(z.string(), z.unknown()).nullable();
const entry = z.strictObject({
  at: time,
  actor: z.uuid().nullable().describe("Qui l'a fait ; vide pour les opérateurs."),
  actorName: z.string().nullable(),
  role: z.string(),
  relation: z.string(),
  row: z.string(),
  operation: z.enum(["INSERT", "UPDATE", "DELETE"]),
  before: content,
  after: content,
});
const input = z.object({
  relation: z.string().max(100).optional().describe("Une table : `schéma.table`."),
  row: z.string().max(200).optional().describe("Une ligne de la table, par sa clé."),
  from: time.optional().describe("À partir de ce moment."),
  to: time.optional().describe("Avant ce moment."),
  cursor: z.string().max(60).optional().describe("Donné par l'en-tête `Link` de la page précédente."),
  limit: z.coerce.number().int().min(1).max(1000).optional().describe("Nombre de lignes au plus (100 par défaut)."),
});

/** Who changed what in a system, before and after, newest first, page by page. */
export function auditRoutes(mount: Mount): Route[] {
  const { path, section, roles } = mount;
  return [
    {
      method: "GET",
      path,
      section,
      roles,
      summary: "Ce qui a été changé",
      object: platformObject("rpc", "audit"),
      arguments: ofSystem(mount),
      input,
      strict: true,
      // PostgREST takes `limit` for its own.
      sqlNames: { limit: "entries" },
      response: z.array(entry),
    },
  ];
}
