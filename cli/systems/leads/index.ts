import type { CliSystem } from "../system.ts";
import { leadExports } from "./exports.ts";
import { leadImports } from "./imports.ts";

/** Leads Provider. */
export const leads: CliSystem = { slug: "leads", imports: [leadImports], exports: [leadExports] };
