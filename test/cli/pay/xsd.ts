import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { XmlDocument, XsdValidator } from "libxml2-wasm";
import { publishedSchema } from "./published-schema.ts";

const own = fileURLToPath(new URL("pain-001.xsd", import.meta.url));
const more = process.env.PAIN_001_XSD?.split(":") ?? [];
const iso = await publishedSchema();

/** ISO's schema; undefined where it cannot be fetched. */
export const published = iso && validatorOf(iso);

// The project's own, which is narrower; ISO's; and those of a bank, which PAIN_001_XSD names.
const schemas = [...[own, ...more].map((path) => validatorOf(readFileSync(path))), ...(published ? [published] : [])];

function validatorOf(schema: Uint8Array): XsdValidator {
  return XsdValidator.fromDoc(XmlDocument.fromBuffer(schema));
}

/** Throws, with the line and the reason, where a file is not what each of the schemas says. */
export function validate(xml: string, by: readonly XsdValidator[] = schemas): void {
  using document = XmlDocument.fromString(xml);
  for (const schema of by) schema.validate(document);
}
