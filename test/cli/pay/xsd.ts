import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { XmlDocument, XsdValidator } from "libxml2-wasm";

const own = fileURLToPath(new URL("pain-001.xsd", import.meta.url));
const paths = [own, ...(process.env.PAIN_001_XSD?.split(":") ?? [])];

// The validators of SEPA files: the project's own, and the published ones that PAIN_001_XSD names.
const schemas = paths.map((path) => XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(path))));

/** Throws, with the line and the reason, where a file is not what a schema says. */
export function validate(xml: string): void {
  using document = XmlDocument.fromString(xml);
  for (const schema of schemas) schema.validate(document);
}
