import { beforeAll, expect, test } from "vitest";
import { routes } from "../../../functions/leads/routes.ts";
import { stack } from "../../support/stack.ts";
import { type Answer, askApi, send } from "../http.ts";
import endpoints from "./endpoints.json" with { type: "json" };

// /api/openapi.json: a valid OpenAPI 3.1 document of exactly the route table, and the page that shows it.

type Json = Record<string, unknown>;
type Parameter = { name: string; in: string; required: boolean; schema: Json };
type Operation = Json & {
  operationId: string;
  parameters: Parameter[];
  responses: Record<string, Json>;
  tags: string[];
};
type Document = Json & {
  openapi: string;
  info: Json;
  servers: { url: string }[];
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json>; securitySchemes: Record<string, Json> };
};

let answer: Answer;
let document: Document;
let operations: { path: string; method: string; operation: Operation }[];

beforeAll(async () => {
  answer = await askApi("leads", "/api/openapi.json");
  document = answer.body as Document;
  operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
});

/** All values below `value` with the path to each. */
function* walk(value: unknown, path: string[] = []): Generator<{ path: string[]; value: unknown }> {
  yield { path, value };
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, [...path, key]);
}

test("is read without a token, as JSON", () => {
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toContain("application/json");
});

test("has the head of an OpenAPI 3.1 document", () => {
  expect(document.openapi).toMatch(/^3\.1\.\d+$/);
  expect(document.info).toMatchObject({ title: "Leads Provider", version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  expect(Object.keys(document).sort()).toEqual(["components", "info", "openapi", "paths", "servers", "tags"]);
});

test("names the server by which it was asked, and its paths lead there", async () => {
  expect(document.servers).toEqual([{ url: `${stack.apiUrl}/functions/v1/leads` }]);
  expect((await send(`${document.servers[0]?.url}/api/leads?limit=1`)).status).toBe(200);
});

test("lists exactly the route table", () => {
  const listed = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`);
  const table = routes.map(({ path, method }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
  expect(listed.sort()).toEqual(table.sort());
});

test("holds every reading of the contract", () => {
  const readings = endpoints.filter(({ method }) => method === "GET");
  for (const { path } of readings) expect(document.paths[path]?.get, path).toBeDefined();
});

test("names each operation once, under a tag that is declared", () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  expect(new Set(tags).size).toBe(tags.length);
  for (const { operation } of operations) {
    expect(operation.operationId).toMatch(/^[A-Za-z_]\w*$/);
    expect(operation.tags).toHaveLength(1);
    expect(tags).toContain(operation.tags[0]);
  }
});

test("declares the parameters in each path, and no parameter twice", () => {
  for (const { path, operation } of operations) {
    const inPath = operation.parameters.filter((parameter) => parameter.in === "path");
    expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(inPath.every(({ required }) => required)).toBe(true);
    const names = operation.parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const parameter of operation.parameters) {
      expect(["path", "query", "header"]).toContain(parameter.in);
      expect(Object.keys(parameter.schema), `${path} ${parameter.name}`).not.toHaveLength(0);
    }
  }
});

test("tells the filters of /api/leads with their values", () => {
  const parameters = document.paths["/api/leads"]?.get?.parameters ?? [];
  expect(parameters.map(({ name }) => name)).toEqual([
    "search",
    "sector",
    "region",
    "minScore",
    "status",
    "limit",
    "cursor",
    "format",
    "excel",
  ]);
  const schemaOf = (wanted: string) => parameters.find(({ name }) => name === wanted)?.schema;
  expect(JSON.stringify(schemaOf("status"))).toContain('["new","qualified","sold","rejected","pending"]');
  expect(JSON.stringify(schemaOf("minScore"))).toMatch(/"minimum":0,"maximum":100/);
  expect(schemaOf("limit")).toMatchObject({ type: "integer", minimum: 1, maximum: 1000, default: 1000 });
});

test("describes each answer and each refusal, by a schema that is there", () => {
  for (const { path, operation } of operations) {
    expect(Object.keys(operation.responses), path).toEqual(expect.arrayContaining(["401", "503"]));
    expect(
      Object.keys(operation.responses).some((status) => status.startsWith("2")),
      path,
    ).toBe(true);
    for (const [status, response] of Object.entries(operation.responses)) {
      expect(response.description).toEqual(expect.any(String));
      if (status === "204") continue;
      // JSON, or the one thing that an endpoint is there to give: a file.
      const content = response.content as Record<string, { schema: Json }>;
      const [[type, { schema }] = ["", {}]] = Object.entries(content) as [string, { schema?: Json }][];
      if (status !== "200") expect(type).toBe("application/json");
      expect(schema, path).toBeDefined();
    }
  }
  for (const { path, value } of walk(document)) {
    if (path.at(-1) !== "$ref") continue;
    const [, name] = /^#\/components\/schemas\/([\w.-]+)$/.exec(String(value)) ?? [];
    expect(Object.keys(document.components.schemas), String(value)).toContain(name);
  }
});

test("names the refusals of what a handler answers, as of any other write", () => {
  const refusalsOf = (method: string, path: string) => Object.keys(document.paths[path]?.[method]?.responses ?? {});
  for (const path of ["/api/fournisseur/iban", "/api/admin/gains/{id}/iban"])
    expect(refusalsOf("put", path)).toContain("422");
  expect(refusalsOf("post", "/api/billing/purchase-pack")).toEqual(expect.arrayContaining(["404", "409"]));
  expect(refusalsOf("post", "/api/admin/orders/{id}/refund")).toContain("409");
  expect(refusalsOf("post", "/api/admin/users")).toEqual(expect.arrayContaining(["409", "422"]));
  expect(refusalsOf("post", "/api/auth/reset-password")).toContain("422");
  expect(refusalsOf("post", "/api/auth/login")).not.toContain("422");
});

test("uses the schemas that it has", () => {
  const used = JSON.stringify(document.paths) + JSON.stringify(document.components);
  for (const name of Object.keys(document.components.schemas)) {
    expect(used).toContain(`"#/components/schemas/${name}"`);
  }
});

test("writes its schemas in the dialect of 3.1", () => {
  const types = ["string", "number", "integer", "boolean", "array", "object", "null"];
  for (const { path, value } of walk({ schemas: document.components.schemas, paths: document.paths })) {
    const key = path.at(-1) ?? "";
    expect(["nullable", "$schema", "$defs", "~standard"], path.join(".")).not.toContain(key);
    const named = path.at(-2) === "properties";
    if (key === "type" && !named) expect([value].flat().every((type) => types.includes(String(type)))).toBe(true);
    if (key === "required" && Array.isArray(value)) {
      const properties = path.slice(0, -1).reduce<unknown>((found, step) => (found as Json)[step], {
        schemas: document.components.schemas,
        paths: document.paths,
      }) as { properties: Json };
      expect(Object.keys(properties.properties)).toEqual(expect.arrayContaining(value));
    }
  }
});

test("says of each operation who may ask", () => {
  expect(document.components.securitySchemes).toMatchObject({ user: { type: "http", scheme: "bearer" } });
  for (const { path, method, operation } of operations) {
    const route = routes.find(
      (each) => each.path.replace(/:(\w+)/g, "{$1}") === path && each.method.toLowerCase() === method,
    );
    const roles = route?.roles ?? [];
    expect(operation.security).toEqual(roles.length > 0 ? [{ user: [] }] : [{ user: [] }, {}]);
    // Where there is no role to lack, it is the account that may be suspended.
    expect("403" in operation.responses).toBe(roles.length > 0 || !!route?.object || !!route?.refusals?.includes(403));
    for (const role of roles) expect(operation.description).toContain(role);
  }
});

test("is shown by a page that loads everything from here", async () => {
  const page = await askApi("leads", "/api/reference");
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const assets = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address as string);
  expect(assets.length).toBeGreaterThan(2);
  for (const address of assets) {
    expect(address).not.toMatch(/^(https?:)?\/\//);
    expect((await askApi("leads", `/api/${address}`)).status, address).toBe(200);
  }
  for (const name of ["..%2fapp.ts", "package.json", "index.ts", "%2e%2e/%2e%2e/deno.json"]) {
    expect((await askApi("leads", `/api/reference/${name}`)).status, name).toBe(404);
  }
});
