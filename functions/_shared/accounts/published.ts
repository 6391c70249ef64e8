import type { SqlObject } from "../sql-object.ts";

/** A function that is published for all systems, and only reads. */
export function sharedRpc(name: string): SqlObject {
  return { kind: "rpc", name, schema: "platform_api" };
}

/** One that writes. */
export function sharedWrite(name: string): SqlObject {
  return { kind: "write", name, schema: "platform_api" };
}

/** What is published for all systems is told which one asks. */
export function inSystem(system: string) {
  return (params: Record<string, string>): Record<string, unknown> => ({ ...params, system });
}
