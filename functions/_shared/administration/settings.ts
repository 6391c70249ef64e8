import * as z from "zod";
import type { Route } from "../route.ts";
import { type Mount, ofSystem, platformObject } from "./mount.ts";

const setting = z.strictObject({
  section: z.string(),
  description: z.string(),
  value: z.unknown().describe("De la forme que la rubrique attend."),
  isOpen: z.boolean().describe("Si la rubrique se change ici."),
  version: z.int(),
  updatedAt: z.iso.datetime({ offset: true }),
  updatedBy: z.uuid().nullable(),
});

const sectionInput = z.object({ section: z.string().min(1).max(63) });
const change = z.strictObject({
  value: z
    .unknown()
    .refine((value) => value !== undefined, "Une valeur est attendue.")
    .describe("La valeur entière, telle qu'elle doit être ensuite."),
});

/** The settings of a system: all of them, one, and the change of one, by `If-Match`. */
export function settingsRoutes(mount: Mount): Route[] {
  const { path, section, roles } = mount;
  const common = { section, roles, arguments: ofSystem(mount) };
  const one = { ...common, path: `${path}/:section`, input: sectionInput, response: setting };
  return [
    {
      ...common,
      method: "GET",
      path,
      summary: "Les réglages",
      object: platformObject("rpc", "settings"),
      response: z.array(setting),
    },
    {
      ...one,
      method: "GET",
      summary: "Un réglage",
      object: platformObject("rpc", "setting"),
      refusals: [404],
    },
    {
      ...one,
      method: "PUT",
      summary: "Changer un réglage",
      object: platformObject("write", "setting_change"),
      body: change,
      headers: { "If-Match": "if_match" },
      refusals: [404, 422],
    },
  ];
}
