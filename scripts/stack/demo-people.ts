import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.ts";

/** Somebody who can sign in to the demo of a system. */
export type DemoPerson = { role: string; identifier: string; password: string };

/** The people of a system's demo, as supabase/seed/<system>/people.json names them; nobody without that file. */
export function demoPeople(system: string): DemoPerson[] {
  const file = join(projectRoot, "supabase", "seed", system, "people.json");
  if (!existsSync(file)) return [];
  const { password, people } = JSON.parse(readFileSync(file, "utf8")) as { password: string; people: DemoPerson[] };
  return people.map(({ role, identifier }) => ({ role, identifier, password }));
}
