import { describe, expect, test } from "vitest";
import type { Resource } from "../../functions/_shared/resource/resource.ts";
import type { AskSystem } from "./published-system.ts";

type Action = keyof Resource["roles"];

/** What the matrix needs to know of a resource: a body that makes a row, one that changes it, and who makes rows for the rest. */
export type Sample = {
  resource: Resource;
  create?: (n: number) => object | Promise<object>;
  change?: object;
  rows: () => Promise<string>;
};

/**
 * Each action of each resource, asked by nobody, by a stranger, and by each role of the system: 401 without a token, 403
 * without the right, and what the action answers with it.
 *
 * @param refused does a call that is refused, and fails where it has changed anything
 */
export function resourceMatrix(
  samples: readonly Sample[],
  roles: readonly string[],
  ask: AskSystem,
  refused: <T>(work: () => Promise<T>) => Promise<T>,
): void {
  for (const sample of samples) {
    const { resource } = sample;
    describe(resource.path, () => {
      for (const [action, allowed = []] of Object.entries(resource.roles) as [Action, readonly string[]][]) {
        // What a call needs is made before it, so that nothing changes while a refused one is looked at.
        const prepared = async () => {
          const [method, path, body] = await requestOf(sample, action);
          return (role?: string) => ask(method, path, role, body ? { body } : {});
        };
        test(`${action}: 401 for nobody, 403 for a stranger`, async () => {
          const call = await prepared();
          expect((await refused(() => call())).status).toBe(401);
          expect((await refused(() => call("stranger"))).status).toBe(403);
        });
        test.each(roles.map((role) => [role, allowed.includes(role)] as const))(
          `${action}: %s, allowed: %s`,
          async (role, may) => {
            const call = await prepared();
            if (may) expect((await call(role)).status).toBe(action === "create" ? 201 : 200);
            else expect([403, 404]).toContain((await refused(() => call(role))).status);
          },
        );
      }
    });
  }
}

let made = 0;

async function requestOf(
  { resource, create, change, rows }: Sample,
  action: Action,
): Promise<[string, string, (object | undefined)?]> {
  if (action === "list") return ["GET", resource.path];
  if (action === "create") return ["POST", resource.path, await create?.(++made)];
  const path = `${resource.path}/${await rows()}`;
  if (action === "change") return [resource.changeBy ?? "PATCH", path, change];
  return [action === "remove" ? "DELETE" : "GET", path];
}
