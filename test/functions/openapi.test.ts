import { describe, expect, test } from "vitest";
import { openApi } from "../../functions/_shared/openapi.ts";
import { leads } from "../../functions/leads/app.ts";

type Operation = {
  parameters: { name: string; in: string; required: boolean; schema: object }[];
  security: object[];
  responses: Record<string, object>;
};

const document = openApi(leads, "https://example.supabase.co");
const paths = document.paths as Record<string, { get: Operation }>;
const operation = (path: string): Operation => {
  const found = paths[path]?.get;
  if (!found) throw new Error(`no operation at ${path}`);
  return found;
};

describe("the OpenAPI document", () => {
  test("has one operation for each line of the route table", () => {
    const lines = leads.routes.map((route) => `${route.method.toLowerCase()} ${route.path.replace(/:(\w+)/g, "{$1}")}`);
    const listed = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(listed.sort()).toEqual(lines.sort());
  });

  test("has its address below the project's gateway", () => {
    expect(document.servers).toEqual([{ url: "https://example.supabase.co/functions/v1/leads" }]);
  });

  test("refers only to schemas that it holds", () => {
    const text = JSON.stringify(document);
    const { schemas } = document.components as { schemas: object };
    const referred = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1] as string);
    expect([...new Set(referred)].sort()).toEqual(Object.keys(schemas).sort());
    expect(text).not.toContain("$defs");
  });

  test("names every filter of the catalogue, none of them required", () => {
    const { parameters } = operation("/api/leads");
    const names = ["search", "sector", "region", "minScore", "status", "limit", "cursor", "format", "excel"];
    expect(parameters.map(({ name }) => name)).toEqual(names);
    expect(parameters.every((parameter) => parameter.in === "query" && !parameter.required)).toBe(true);
    expect(parameters.find(({ name }) => name === "minScore")?.schema).toEqual({
      type: "number",
      minimum: 0,
      maximum: 100,
    });
  });

  test("has path parameters, which are required", () => {
    expect(operation("/api/admin/audios/{id}/recording").parameters).toMatchObject([
      { name: "id", in: "path", required: true },
    ]);
  });

  test("says where a token is wanted", () => {
    expect(operation("/api/leads").security).toEqual([{ user: [] }, {}]);
    expect(operation("/api/stats/global").security).toEqual([{ user: [] }]);
    expect(Object.keys(operation("/api/stats/global").responses)).toEqual(["200", "400", "401", "403", "503"]);
  });
});
