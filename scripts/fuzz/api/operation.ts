import type { Schema, Schemas } from "./valid.ts";

/** What of an OpenAPI document is needed to call its operations. */
export type OpenApiDocument = {
  servers: { url: string }[];
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: { schemas: Schemas };
};

type OpenApiOperation = {
  description?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { content?: Content }>;
};

type Content = Record<string, { schema: Schema }>;

export type Parameter = { name: string; in: "path" | "query" | "header"; required?: boolean; schema: Schema };

/** One line of a system's route table, as its document tells it. */
export type Operation = {
  method: string;
  /** With `{name}` for a parameter; `prefix` comes before it. */
  path: string;
  prefix: string;
  /** The roles that the description names; empty: everybody. */
  roles: string[];
  parameters: Parameter[];
  json?: Schema;
  form?: Schema;
  responses: Record<string, { content?: Content }>;
  schemas: Schemas;
  /** The other methods of this path. */
  siblings: string[];
};

/** The operations of a document. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  const prefix = new URL(document.servers[0]?.url ?? "").pathname;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, found]) => {
      const content = found.requestBody?.content ?? {};
      const json = content["application/json"]?.schema;
      const form = content["multipart/form-data"]?.schema;
      return {
        ...{ path, prefix, method: method.toUpperCase(), responses: found.responses },
        ...{
          roles: rolesOf(found.description),
          parameters: found.parameters ?? [],
          schemas: document.components.schemas,
        },
        ...(json ? { json } : {}),
        ...(form ? { form } : {}),
        siblings: Object.keys(item).map((name) => name.toUpperCase()),
      };
    }),
  );
}

function rolesOf(description = ""): string[] {
  return description.match(/\b(admin|fournisseur|agent|acheteur)\b/g) ?? [];
}
