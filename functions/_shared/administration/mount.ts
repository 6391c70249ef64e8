import type { SqlObject } from "../sql-object.ts";

/** Where a system has a family of endpoints that the platform makes for all alike, and who may ask, for the reference. */
export type Mount = { system: string; path: string; section: string; roles: readonly string[] };

/** A function that the platform publishes for every system. */
export function platformObject(kind: "rpc" | "write", name: string): SqlObject {
  return { kind, name, schema: "platform_api" };
}

/** The system is the first argument of all of them. */
export function ofSystem({ system }: Mount): (params: Record<string, string>) => Record<string, unknown> {
  return (params) => ({ ...params, system });
}
