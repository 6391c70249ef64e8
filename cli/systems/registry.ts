import { leads } from "./leads/index.ts";
import type { CliSystem, ExportSubject, ImportSubject } from "./system.ts";

/** One line a system. */
const systems: readonly CliSystem[] = [leads];

/** What `import` brings in; the first one unless --as says another. */
export const importSubjects: readonly ImportSubject[] = systems.flatMap(({ imports }) => imports);

/** What `export` writes; the first one unless --rows says another. */
export const exportSubjects: readonly ExportSubject[] = systems.flatMap(({ exports }) => exports);
