import * as z from "zod";
import type { Route, System } from "./route.ts";

type Json = Record<string, unknown>;

const mediaType = "application/json";

/** The OpenAPI 3.1 document of a system, out of its route table; `origin` is the gateway's, as callers know it. */
export function openApi(system: System, origin: string): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of system.routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(system, route, schemas) };
  }
  return {
    openapi: "3.1.0",
    info: { title: system.title, description: system.description, version: "1.0.0" },
    servers: [{ url: `${origin}/functions/v1/${system.slug}` }],
    tags: [...new Set(system.routes.map((route) => route.section))].map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes: { user: { type: "http", scheme: "bearer", bearerFormat: "JWT" } } },
  };
}

function operation(system: System, route: Route, schemas: Json): Json {
  const roles = route.roles.length > 0 ? route.roles.join(", ") : "tous, connectés ou non";
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace(/\W+/g, "_")}`,
    tags: [route.section],
    summary: route.summary,
    description: `Rôle(s) : ${roles}. Objet SQL : \`${route.object.name}\`.`,
    parameters: parameters(route),
    // The empty requirement says that a token may be left out.
    security: route.roles.length > 0 ? [{ user: [] }] : [{ user: [] }, {}],
    responses: {
      200: { description: "La réponse.", content: { [mediaType]: { schema: named(route.response, schemas) } } },
      ...refusals(system, route, schemas),
    },
  };
}

function parameters(route: Route): Json[] {
  return Object.entries(route.input?.shape ?? {}).map(([name, schema]) => {
    const inPath = route.path.split("/").includes(`:${name}`);
    const { $schema: _, description, ...rest } = z.toJSONSchema(schema as z.ZodType) as Json;
    return { name, in: inPath ? "path" : "query", required: inPath, description, schema: rest };
  });
}

function refusals(system: System, route: Route, schemas: Json): Json {
  const content = { [mediaType]: { schema: named(system.errors.schema, schemas) } };
  const refusal = (description: string) => ({ description, content });
  return {
    ...(route.input ? { 400: refusal("Un paramètre est invalide.") } : {}),
    401: refusal(route.roles.length > 0 ? "Pas de jeton, ou un jeton invalide." : "Le jeton est invalide."),
    ...(route.roles.length > 0 ? { 403: refusal("Le rôle ne suffit pas.") } : {}),
    ...(route.path.includes("/:") ? { 404: refusal("Ce qui est nommé dans l'adresse n'existe pas.") } : {}),
    503: refusal("Le service est momentanément indisponible."),
  };
}

/** A schema's JSON form; the schemas in it that have an id move to `schemas` and are referred to. */
function named(schema: z.ZodType, schemas: Json): Json {
  const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { reused: "inline" }) as Json;
  const moved = JSON.parse(JSON.stringify({ rest, defs: $defs ?? {} }).replaceAll("#/$defs/", "#/components/schemas/"));
  for (const [id, definition] of Object.entries(moved.defs as Record<string, Json>)) schemas[id] = definition;
  return moved.rest as Json;
}
