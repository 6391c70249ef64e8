import * as z from "zod";
import type { Refusal, Route } from "./route.ts";
import type { System } from "./system.ts";

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
    description: `Rôle(s) : ${roles}.${route.object ? ` Objet SQL : \`${route.object.name}\`.` : ""}`,
    parameters: [...parameters(route), ...headerParameters(route)],
    ...(route.body ? { requestBody: requestBody(route.body, schemas) } : {}),
    ...(route.form ? { requestBody: requestForm(route.form, schemas) } : {}),
    // The empty requirement says that a token may be left out.
    security: route.roles.length > 0 ? [{ user: [] }] : [{ user: [] }, {}],
    responses: {
      [route.status ?? 200]: success(system, route, route.status, schemas),
      ...(route.alsoStatus ? { [route.alsoStatus]: success(system, route, route.alsoStatus, schemas) } : {}),
      // PostgREST's word for a page of a list whose length is asked for (`Prefer: count=…`).
      ...(route.input?.shape.offset ? { 206: success(system, route, 206, schemas) } : {}),
      ...refusals(system, route, schemas),
    },
  };
}

function parameters(route: Route): Json[] {
  return Object.entries({ ...route.input?.shape, ...route.download?.input.shape }).map(([name, schema]) => {
    const inPath = route.path.split("/").includes(`:${name}`);
    const { $schema: _, description, ...rest } = z.toJSONSchema(schema as z.ZodType, { io: "input" }) as Json;
    return { name, in: inPath ? "path" : "query", required: inPath, description, schema: rest };
  });
}

function headerParameters(route: Route): Json[] {
  return Object.keys(route.headers ?? {}).map((name) => ({
    name,
    in: "header",
    required: route.requiredHeaders?.includes(name) ?? false,
    schema: { type: "string" },
  }));
}

function requestBody(body: z.ZodObject, schemas: Json): Json {
  const required = Object.values(body.shape).some((field) => !(field as z.ZodType).safeParse(undefined).success);
  return { required, content: { [mediaType]: { schema: named(body, schemas, "input") } } };
}

function requestForm(form: z.ZodObject, schemas: Json): Json {
  return { required: true, content: { "multipart/form-data": { schema: named(form, schemas, "input") } } };
}

function success(system: System, route: Route, status: number | undefined, schemas: Json): Json {
  if (status === 204) return { description: "C'est fait." };
  const shape = system.envelope && !route.mediaType ? system.envelope.schema(route.response, route) : route.response;
  return {
    description: "La réponse.",
    content: {
      [route.mediaType ?? mediaType]: { schema: named(shape, schemas) },
      ...Object.fromEntries(
        Object.values(route.download?.mediaTypes ?? {}).map((type) => [type, { schema: { type: "string" } }]),
      ),
    },
  };
}

function refusals(system: System, route: Route, schemas: Json): Json {
  const content = { [mediaType]: { schema: named(system.errors.schema, schemas) } };
  const refusal = (description: string) => ({ description, content });
  return {
    ...(route.input || route.body || route.object
      ? { 400: refusal(route.body ? "Le corps ou un paramètre est invalide." : "Un paramètre est invalide.") }
      : {}),
    401: refusal(route.roles.length > 0 ? "Pas de jeton, ou un jeton invalide." : "Le jeton est invalide."),
    ...(route.roles.length > 0 ? { 403: refusal("Le rôle ne suffit pas.") } : {}),
    // Whoever is suspended reads less than a stranger.
    ...(route.roles.length === 0 && route.object ? { 403: refusal("Le compte est suspendu.") } : {}),
    ...(route.path.includes("/:") ? { 404: refusal("Ce qui est nommé dans l'adresse n'existe pas.") } : {}),
    ...(route.body ? { 413: refusal("Le corps est trop long."), 415: refusal("Le corps n'est pas du JSON.") } : {}),
    ...(route.form ? formRefusals(refusal) : {}),
    ...writeRefusals(route, refusal),
    ...(route.input?.shape.offset
      ? { 416: refusal("La page est au-delà de la liste, dont le compte est demandé.") }
      : {}),
    ...ownRefusals(route, refusal),
    503: refusal("Le service est momentanément indisponible."),
  };
}

function formRefusals(refusal: (description: string) => Json): Json {
  return {
    400: refusal("Le formulaire est invalide."),
    413: refusal("Le fichier est trop gros."),
    415: refusal("Ce n'est pas un formulaire, ou pas un fichier d'un format accepté."),
    422: refusal("Des valeurs sont refusées, champ par champ."),
  };
}

/** What a route says of itself that its shape does not tell. */
const ownRefusal: Partial<Record<Refusal, string>> = {
  400: "Ce n'est pas ce qui est attendu, ou ce n'est pas signé.",
  402: "Les crédits ne suffisent pas.",
  403: "Le compte est suspendu.",
  413: "Le corps est trop long.",
  415: "Le corps est d'un genre qui n'est pas accepté.",
  429: "Trop de tentatives ; `Retry-After` dit combien de secondes attendre.",
};

function ownRefusals({ refusals = [] }: Route, refusal: (description: string) => Json): Json {
  return Object.fromEntries(
    refusals.flatMap((status) => (ownRefusal[status] ? [[status, refusal(ownRefusal[status])]] : [])),
  );
}

function writeRefusals(route: Route, refusal: (description: string) => Json): Json {
  const writes = route.object?.kind === "write";
  const refuses = (status: Refusal, always: boolean) => route.refusals?.includes(status) || (writes && always);
  return {
    ...(refuses(404, route.path.includes(":")) ? { 404: refusal("L'objet n'existe pas pour l'appelant.") } : {}),
    ...(refuses(409, true) ? { 409: refusal("L'état de l'objet ne le permet pas.") } : {}),
    ...(writes && route.headers?.["If-Match"] ? { 412: refusal("L'objet a changé entre-temps.") } : {}),
    ...(refuses(422, route.body !== undefined) ? { 422: refusal("Des valeurs sont refusées, champ par champ.") } : {}),
  };
}

/** A schema's JSON form; the schemas in it that have an id move to `schemas` and are referred to. */
function named(schema: z.ZodType, schemas: Json, io: "input" | "output" = "output"): Json {
  const { $schema: _, $defs, ...rest } = z.toJSONSchema(schema, { reused: "inline", io }) as Json;
  const moved = JSON.parse(JSON.stringify({ rest, defs: $defs ?? {} }).replaceAll("#/$defs/", "#/components/schemas/"));
  for (const [id, definition] of Object.entries(moved.defs as Record<string, Json>)) schemas[id] = definition;
  return moved.rest as Json;
}
