import { Ajv2020 } from "ajv/dist/2020.js";
import formatsModule from "ajv-formats";
import type { StackInfo } from "../../stack/index.ts";
import { casesOf } from "./cases.ts";
import { faultsOf } from "./faults.ts";
import { type OpenApiDocument, operationsOf } from "./operation.ts";
import type { Target } from "./target.ts";

const functions = ["leads", "purchase", "payout"];

/** Every operation of every function, as their documents tell them. */
export async function operationTargets({ apiUrl }: StackInfo): Promise<Target[]> {
  const ajv = new Ajv2020({ strict: false, validateFormats: true });
  // A CommonJS module: what it exports by default is one level down for some loaders.
  const addFormats = "default" in formatsModule ? formatsModule.default : formatsModule;
  (addFormats as (to: Ajv2020) => void)(ajv);
  const documents = await Promise.all(
    functions.map(
      async (slug) =>
        (await (await fetch(`${apiUrl}/functions/v1/${slug}/api/openapi.json`)).json()) as OpenApiDocument,
    ),
  );
  return documents.flatMap(operationsOf).map((operation) => ({
    name: `${operation.method} ${operation.prefix.replace("/functions/v1", "")}${operation.path}`.replace(
      "/leads/api/",
      "/api/",
    ),
    cases: (pool) => casesOf(operation, pool),
    faults: faultsOf(operation, ajv),
  }));
}
