import { expect, test } from "vitest";
import { routes } from "../../../functions/leads/routes.ts";
import endpoints from "./endpoints.json" with { type: "json" };

type Endpoint = { method: string; path: string; roles?: string[] };

const readings = (endpoints as Endpoint[]).filter(({ method }) => method === "GET");

test("the contract's copy holds the document's readings", () => {
  expect(readings).toHaveLength(23);
});

test.each(readings)("$method $path is in the route table, for the document's roles", ({ method, path, roles }) => {
  const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
  expect(route?.roles).toEqual(roles?.filter((role) => role !== "all"));
});

test("no endpoint is in the route table twice", () => {
  const names = routes.map(({ method, path }) => `${method} ${path}`);
  expect(new Set(names).size).toBe(names.length);
});
