import * as fc from "fast-check";

/** A JSON schema, as far as the documents use it. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  contentEncoding?: string;
};

/** The schemas that others refer to, by their names. */
export type Schemas = Readonly<Record<string, Schema>>;

// What the database accepts in a field is narrower than its schema: without these few calls would get behind the checks.
const plausible: Readonly<Record<string, readonly unknown[]>> = {
  email: ["jean.fuzz@example.test", "Marie.Fuzz@Example.test", "pierre@renovation-plus.fr"],
  phone: ["+33 6 39 98 12 34", "0639981235", "06.39.98.12.36", null],
  password: ["correct-Horse-9", "demo-Password-1"],
  firstName: ["Jean", "Zoé"],
  lastName: ["Dupont", "d'Été"],
  sector: ["Isolation", "Énergie Solaire"],
  region: ["Bretagne", "Île-de-France"],
  iban: ["FR76 3000 6000 0112 3456 7890 189", "DE89370400440532013000"],
  price: [10, 25, "12.5"],
  score: [50, 100],
  result: ["qualified", "not_qualified", "callback"],
  callbackAt: ["2027-01-05T10:00:00+01:00", null],
  durationSeconds: [90, 3600],
  reason: ["invalid_number", "duplicate", "out_of_criteria"],
  outcome: ["won", "lost", "unreachable"],
  accepted: [true, false],
  fournisseur: ["sophie@agence-ads.fr"],
  packId: ["pack-1", "pack-2"],
  siret: ["73282932000074", null],
  vatNumber: ["FR40303265045", null],
  kind: ["age_decay", "return_window"],
  isExclusive: [true, false],
  consent: [null],
};

/** Values that fit a schema, of a field of that name. */
export function validValue(schema: Schema, schemas: Schemas, name = "", depth = 0): fc.Arbitrary<unknown> {
  if (schema.$ref) return validValue(schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}, schemas, name, depth);
  const fitting = Object.hasOwn(plausible, name) ? plausible[name] : undefined;
  const anything = bySchema(schema, schemas, depth);
  return fitting
    ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: anything })
    : anything;
}

function bySchema(schema: Schema, schemas: Schemas, depth: number): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((one) => validValue(one, schemas, "", depth)));
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => bySchema({ ...schema, type }, schemas, depth)));
  switch (schema.type) {
    case "object":
      return validObject(schema, schemas, depth);
    case "array":
      return depth > 4
        ? fc.constant([])
        : fc.array(validValue(schema.items ?? {}, schemas, "", depth + 1), { maxLength: 3 });
    case "string":
      return validText(schema);
    case "integer":
      return fc.integer(bounds(schema));
    case "number":
      return fc.double({ ...bounds(schema), noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function validObject(
  { properties = {}, required = [] }: Schema,
  schemas: Schemas,
  depth: number,
): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, schema]) => [
    name,
    validValue(schema, schemas, name, depth + 1),
  ]);
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: required });
}

function validText({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (format === "date-time")
    return fc
      .date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
      .map((date) => date.toISOString());
  if (format === "date") return fc.constantFrom("2026-02-10", "2025-12-31");
  if (format === "email") return fc.nat(10_000).map((n) => `fuzz-${n}@example.test`);
  if (pattern) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ unit: "grapheme", minLength, maxLength: Math.max(minLength, Math.min(maxLength, 60)) });
}

function bounds({ minimum = -1000, maximum = 100_000 }: Schema): { min: number; max: number } {
  return { min: minimum, max: Math.max(minimum, Math.min(maximum, 2 ** 31)) };
}

/** Values at the edge of what a schema accepts, and one step beyond. */
export function edgesOf(schema: Schema): unknown[] {
  const { minimum, maximum, minLength, maxLength } = schema;
  return [
    ...[minimum, maximum].flatMap((edge) => (edge === undefined ? [] : [edge, edge - 1, edge + 1, String(edge)])),
    ...[minLength, maxLength].flatMap((edge) =>
      edge === undefined
        ? []
        : [Math.max(0, edge - 1), edge, edge + 1].map((length) => "x".repeat(Math.min(length, 200_000))),
    ),
    ...(schema.anyOf ?? []).flatMap(edgesOf),
  ];
}
