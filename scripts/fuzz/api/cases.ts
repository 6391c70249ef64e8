import * as fc from "fast-check";
import { formCases } from "./forms.ts";
import { oddHeader, oddName, oddText, oddValue } from "./odd.ts";
import type { Operation, Parameter } from "./operation.ts";
import { type Actor, actors, type Case, type Kind, type Pool } from "./target.ts";
import { edgesOf, type Schema, validValue } from "./valid.ts";
import type { Body, Wire } from "./wire.ts";

type Change = { kind: Kind; wire: Wire };
type Changes = fc.WeightedArbitrary<Change>;

const contentType = "Content-Type";
const inJson: Wire["headers"] = [[contentType, "application/json"]];

/** The cases of an operation: as it is documented, and then with one thing wrong, on each of the roads into it. */
export function casesOf(operation: Operation, pool: Pool): fc.Arbitrary<Case> {
  const good = validWire(operation, pool);
  const change = fc.oneof(
    { weight: 6, arbitrary: good.map((wire): Change => ({ kind: "as documented", wire })) },
    ...queryChanges(operation, good),
    ...pathChanges(operation, good),
    ...headerChanges(operation, good),
    ...bodyChanges(operation, good),
    { weight: 1, arbitrary: otherMethod(operation, good) },
  );
  return fc.record({ actor: actorOf(operation.roles), change }).map(({ actor, change }) => ({ actor, ...change }));
}

/** Mostly those who may, since others are turned away before anything is read. */
function actorOf(allowed: readonly string[]): fc.Arbitrary<Actor> {
  const may = actors.filter((actor) => (allowed.length === 0 ? true : allowed.includes(actor) || actor === "service"));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...(may.filter((actor) => actor !== "service") as Actor[])) },
    { weight: 1, arbitrary: fc.constantFrom(...actors) },
  );
}

function validWire(operation: Operation, pool: Pool): fc.Arbitrary<Wire> {
  const named = (place: Parameter["in"]) => operation.parameters.filter((parameter) => parameter.in === place);
  const family = `${operation.path} `;
  const path = fc.record(
    Object.fromEntries(named("path").map(({ name, schema }) => [name, pathValue(schema, pool(family))])),
  );
  const query = fc.record(
    Object.fromEntries(named("query").map(({ name, schema }) => [name, validValue(schema, operation.schemas, name)])),
    { requiredKeys: [] },
  );
  const headers = fc.record(
    Object.fromEntries(named("header").map(({ name }) => [name, name === "Idempotency-Key" ? fc.uuid() : oddHeader])),
    { requiredKeys: named("header").flatMap(({ name, required }) => (required ? [name] : [])) },
  );
  const body: fc.Arbitrary<Pick<Wire, "headers" | "body">> = operation.form
    ? formCases(operation.form)
    : operation.json
      ? validValue(operation.json, operation.schemas).map((json) => ({ headers: inJson, body: { json } }))
      : fc.constant({ headers: [] });
  return fc.record({ path, query, headers, body }).map((drawn) => ({
    method: operation.method,
    path: operation.prefix + operation.path.replace(/\{(\w+)\}/g, (_, name) => encoded(drawn.path[name] ?? "")),
    query: Object.entries(drawn.query).map(([name, value]): [string, string] => [name, encoded(String(value))]),
    headers: [...drawn.body.headers, ...(Object.entries(drawn.headers) as Wire["headers"])],
    ...(drawn.body.body ? { body: drawn.body.body } : {}),
  }));
}

function pathValue(schema: Schema, known: readonly string[]): fc.Arbitrary<string> {
  const unknown = validValue(schema, {}).map((value) => String(value) || "x");
  return known.length === 0
    ? unknown
    : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: unknown });
}

function queryChanges(operation: Operation, good: fc.Arbitrary<Wire>): Changes[] {
  const known = operation.parameters.filter((parameter) => parameter.in === "query");
  const name = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(...(known.length > 0 ? known.map((parameter) => parameter.name) : ["limit"])),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "select",
        "order",
        "or",
        "and",
        "limit",
        "offset",
        "id",
        "columns",
        "apikey",
        "a[]",
        "format",
      ),
    },
    { weight: 1, arbitrary: oddName.map(encoded) },
  );
  const edges = known.flatMap(({ schema }) => edgesOf(schema).map(String));
  const value = fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .oneof(
          oddText,
          oddValue.map((value) => JSON.stringify(value) ?? ""),
        )
        .map(encoded),
    },
    { weight: 2, arbitrary: fc.constantFrom("", ...edges.map(encoded)) },
    // Not what it is the code of, or of nothing.
    { weight: 1, arbitrary: fc.constantFrom("%zz", "%", "%E0%A4%A", "%ff", "%00", "+", "&", "=", "a%26b%3Dc", ";") },
  );
  const added = fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 3 });
  const arbitrary = fc.record({ wire: good, added, first: fc.boolean() }).map(({ wire, added, first }): Change => {
    const query = first ? [...added, ...wire.query] : [...wire.query, ...added];
    return { kind: query.some(([, text]) => text.length > 4000) ? "huge" : "odd", wire: { ...wire, query } };
  });
  return [{ weight: known.length > 0 ? 5 : 2, arbitrary }];
}

function pathChanges(operation: Operation, good: fc.Arbitrary<Wire>): Changes[] {
  const segment = fc.oneof(
    { weight: 4, arbitrary: oddText.map(encoded) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        "%00",
        "%ff",
        "%zz",
        "%",
        "..%2f..",
        "%2e%2e",
        "%2F",
        ".",
        "..",
        "%25",
        "a;b",
        "*",
        "é".normalize("NFD"),
      ),
    },
  );
  const odd = fc.record({ wire: good, segment, where: fc.nat() }).map(({ wire, segment, where }): Change => {
    const names = [...operation.path.matchAll(/\{\w+\}/g)];
    const at = names[where % Math.max(1, names.length)]?.[0];
    const path = at
      ? operation.prefix + operation.path.replace(at, () => latin(segment)).replace(/\{\w+\}/g, "x")
      : `${wire.path}/${latin(segment)}`;
    return { kind: path.length > 4000 ? "huge" : "aside", wire: { ...wire, path } };
  });
  const shaped = fc
    .record({ wire: good, shape: fc.constantFrom(...shapes) })
    .map(({ wire, shape }): Change => ({ kind: "aside", wire: { ...wire, path: shape(wire.path) } }));
  return [
    { weight: operation.path.includes("{") ? 3 : 1, arbitrary: odd },
    { weight: 1, arbitrary: shaped },
  ];
}

const shapes: ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => path.replace("/api/", "//api/"),
  (path) => path.replace("/api/", "/api//"),
  (path) => path.toUpperCase(),
  (path) => path.replace("/api/", "/API/"),
  (path) => path.replace("/api/", "/api/./"),
  (path) => path.replace("/api/", "/api/x/../"),
  (path) => path.replace("/api/", "/api/%2e%2e/api/"),
  (path) => `${path}%20`,
  (path) => `${path}.json`,
  (path) => `${path};a=b`,
  (path) => `${path}?x#y`,
];

function headerChanges(operation: Operation, good: fc.Arbitrary<Wire>): Changes[] {
  const own = operation.parameters.filter((parameter) => parameter.in === "header").map(({ name }) => name);
  const preference = fc.constantFrom(
    ...["count=exact", "count=planned", "count=estimated", "count=x", "handling=strict", "handling=strict, foo=bar"],
    ...["return=minimal", "return=representation", "tx=rollback", "tx=commit", "resolution=merge-duplicates"],
    ...[
      "params=single-object",
      "missing=default",
      "max-affected=0",
      "timezone=Mars/Phobos",
      "a,b;c=d",
      "count=exact, count=none",
    ],
  );
  const media = fc.constantFrom(
    ...[
      "*/*",
      "text/html",
      "text/csv",
      "application/xml",
      "application/vnd.pgrst.object+json",
      "application/vnd.pgrst.plan+json",
    ],
    ...[
      "application/octet-stream",
      "image/*;q=0.1",
      "",
      "application/json;q=0",
      ";",
      "application/geo+json",
      "text/plain;charset=utf-16",
    ],
  );
  const header = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(fc.constantFrom("If-Match", "If-None-Match", "Idempotency-Key", ...own), oddHeader),
    },
    { weight: 3, arbitrary: fc.tuple(fc.constant("Prefer"), fc.oneof(preference, oddHeader)) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom("Accept", "Accept-Profile", "Content-Profile"), fc.oneof(media, oddHeader)),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constantFrom("Range", "Range-Unit"),
        fc.constantFrom("0-9", "0-", "-5", "9-0", "items", "bytes=0-1", "bytes=0-1,3-4", "99999999999999999999-"),
      ),
    },
    { weight: 2, arbitrary: fc.tuple(fc.constant("Authorization"), authorization) },
    {
      weight: 2,
      arbitrary: fc.tuple(
        fc.constantFrom(
          "X-Request-Id",
          "X-Forwarded-For",
          "X-Forwarded-Host",
          "X-Forwarded-Proto",
          "X-HTTP-Method-Override",
          "Origin",
          "Cookie",
          "Accept-Language",
          "Accept-Encoding",
          "User-Agent",
          "Referer",
          "X-Original-URL",
          "apikey",
        ),
        oddHeader,
      ),
    },
  );
  const arbitrary = fc.record({ wire: good, header }).map(({ wire, header }): Change => {
    const headers: Wire["headers"] = [...wire.headers, header];
    return { kind: header[1].length > 4000 ? "huge" : "odd", wire: { ...wire, headers } };
  });
  return [{ weight: 4, arbitrary }];
}

const authorization = fc.oneof(
  fc.constantFrom(
    "",
    "Bearer",
    "Bearer ",
    "bearer x",
    "Basic YTpi",
    "Bearer a.b.c",
    "Bearer null",
    "Bearer undefined",
    "Token x",
  ),
  fc.constantFrom(
    "Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.",
    `Bearer ${"a".repeat(6000)}`,
    "Bearer ..",
    "Bearer é",
  ),
  oddHeader,
);

function bodyChanges(operation: Operation, good: fc.Arbitrary<Wire>): Changes[] {
  if (operation.form) return [{ weight: 6, arbitrary: rawBody(good) }];
  if (!operation.json) {
    // A body where none is read.
    const stray = fc
      .record({ wire: good, json: oddValue })
      .map(({ wire, json }): Change => ({ kind: "odd", wire: withBody(wire, { json: json ?? null }) }));
    return [{ weight: 1, arbitrary: stray }];
  }
  return [
    { weight: 12, arbitrary: wrongField(operation.json, good) },
    {
      weight: 2,
      arbitrary: fc
        .record({ wire: good, json: oddValue })
        .map(({ wire, json }): Change => ({ kind: "odd", wire: withBody(wire, { json }) })),
    },
    { weight: 4, arbitrary: rawBody(good) },
  ];
}

function wrongField(schema: Schema, good: fc.Arbitrary<Wire>): fc.Arbitrary<Change> {
  const properties = schema.properties ?? {};
  const names = Object.keys(properties);
  const edges = names.flatMap((name) =>
    edgesOf(properties[name] as Schema).map((value): [string, unknown] => [name, value]),
  );
  const name = names.length > 0 ? fc.constantFrom(...names) : oddName;
  const change = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(name, oddValue) },
    { weight: 2, arbitrary: fc.tuple(name, fc.constantFrom(undefined, null)) },
    { weight: 1, arbitrary: fc.tuple(oddName, oddValue) },
    ...(edges.length > 0 ? [{ weight: 3, arbitrary: fc.constantFrom(...edges) }] : []),
    {
      weight: 1,
      arbitrary: fc.tuple(
        name,
        oddValue.map((value) => [value]),
      ),
    },
  );
  return fc
    .record({ wire: good, changes: fc.array(change, { minLength: 1, maxLength: 3 }) })
    .map(({ wire, changes }) => {
      const before = wire.body && "json" in wire.body ? (wire.body.json as object) : {};
      // Defined, not assigned: a field by the name of __proto__ is a field as well.
      const json = Object.fromEntries([...Object.entries(before), ...changes.map(([field, value]) => [field, value])]);
      return { kind: "odd", wire: withBody(wire, { json }) };
    });
}

const types = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/xml",
  "multipart/form-data",
  "multipart/form-data; boundary=",
  "application/json; charset=utf-16",
  "application/vnd.api+json",
  "APPLICATION/JSON",
  "application/json;",
  "json",
  "",
  "application/jsonx",
  "application/octet-stream",
];

/** A good body that comes in bad bytes, or under another name. */
function rawBody(good: fc.Arbitrary<Wire>): fc.Arbitrary<Change> {
  const spoil = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...spoilt) },
    {
      weight: 1,
      arbitrary: fc.nat(200).map((length) => (wire: Wire) => withBytes(wire, textOf(wire).subarray(0, length))),
    },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => (wire: Wire) => withBytes(wire, Buffer.from(bytes))),
    },
    { weight: 2, arbitrary: fc.constantFrom(...types).map((type) => (wire: Wire) => withType(wire, type)) },
  );
  return fc.record({ wire: good, spoil }).map(({ wire, spoil }): Change => ({ kind: "odd", wire: spoil(wire) }));
}

const spoilt: ((wire: Wire) => Wire)[] = [
  (wire) => withoutBody(wire),
  (wire) => withBytes(wire, Buffer.alloc(0)),
  (wire) => withBytes(wire, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), textOf(wire)])),
  (wire) => withBytes(wire, Buffer.from(textOf(wire).toString(), "utf16le")),
  (wire) => withBytes(wire, Buffer.from(`${textOf(wire)}}`)),
  (wire) => withBytes(wire, Buffer.from("[".repeat(50_000))),
  (wire) => withBytes(wire, Buffer.from('{"a":'.repeat(5000))),
  (wire) => withBytes(wire, Buffer.from(`${'{"a":['.repeat(2000)}${"]}".repeat(2000)}`)),
  (wire) => withBytes(wire, Buffer.from('{"price":NaN,"score":Infinity}')),
  (wire) =>
    withBytes(wire, Buffer.from('{"price":1e400,"score":-0,"credits":1e-400,"value":123456789012345678901234567890}')),
  (wire) => withBytes(wire, Buffer.from('{"role":"acheteur","role":"admin","email":"a@b.fr","email":null}')),
  (wire) => withBytes(wire, Buffer.from('{"email":"\\ud800","lastName":"\\u0000"}')),
  (wire) => withBytes(wire, Buffer.from([0x22, 0xff, 0xfe, 0x22])),
  (wire) => withBytes(wire, Buffer.from(`"${"a".repeat(1_200_000)}"`)),
  (wire) => ({
    ...wire,
    ...(wire.body && "json" in wire.body ? { body: { ...wire.body, gzip: true as const } } : {}),
    headers: [...wire.headers, ["Content-Encoding", "gzip"]],
  }),
  (wire) => ({ ...wire, headers: [...wire.headers, ["Content-Encoding", "br"]] }),
  (wire) => ({ ...wire, headers: [...wire.headers, ["Transfer-Encoding", "chunked"]] }),
  (wire) => ({ ...wire, headers: wire.headers.filter(([name]) => name !== contentType) }),
];

function otherMethod({ method, siblings }: Operation, good: fc.Arbitrary<Wire>): fc.Arbitrary<Change> {
  const others = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "PROPFIND", "TRACE", "QUERY"].filter(
    (other) => other !== method && !siblings.includes(other === "HEAD" ? "GET" : other),
  );
  return fc
    .record({ wire: good, other: fc.constantFrom(...others) })
    .map(({ wire, other }): Change => ({ kind: "method", wire: { ...wire, method: other } }));
}

function withBody(wire: Wire, body: Body): Wire {
  return { ...wire, headers: [...wire.headers.filter(([name]) => name !== contentType), ...inJson], body };
}

function withBytes(wire: Wire, bytes: Buffer): Wire {
  return { ...wire, body: { bytes } };
}

function withoutBody({ body: _, ...wire }: Wire): Wire {
  return wire;
}

function withType(wire: Wire, type: string): Wire {
  return { ...wire, headers: [...wire.headers.filter(([name]) => name !== contentType), [contentType, type]] };
}

function textOf({ body }: Wire): Buffer {
  if (!body) return Buffer.alloc(0);
  return "bytes" in body ? body.bytes : Buffer.from(JSON.stringify(body.json) ?? "");
}

/** A text as part of an address; half a character goes as the bytes that a careless program makes of it. */
export function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** What may stand in a request's first line. */
function latin(text: string): string {
  return text.replace(/[^!-ÿ]|[?#\s]/g, (sign) => encoded(sign));
}
