import * as fc from "fast-check";
import type { StackInfo } from "../../stack/index.ts";
import { encoded } from "./cases.ts";
import { leaks, parsed } from "./faults.ts";
import { oddHeader, oddName, oddText, oddValue } from "./odd.ts";
import { actors, type Case, type Pool, type Target } from "./target.ts";
import { type Schema, validValue } from "./valid.ts";
import { type Answer, bytesOf, type Wire } from "./wire.ts";

/** What PostgREST tells of what is published (OpenAPI 2.0). */
type RestDocument = {
  paths: Record<string, Record<string, { parameters?: RestParameter[] }>>;
  definitions: Record<string, { properties?: Record<string, Schema> }>;
};

type RestParameter = { in: string; name: string; schema?: Schema };

/** Every view and function that is published, as the project's own key is told of them. */
export async function restTargets({ apiUrl, secretKey }: StackInfo): Promise<Target[]> {
  const answer = await fetch(`${apiUrl}/rest/v1/`, { headers: { apikey: secretKey } });
  const { paths, definitions } = (await answer.json()) as RestDocument;
  return Object.entries(paths).flatMap(([path, methods]) => {
    if (path === "/") return [];
    const name = path.replace("/rpc/", "");
    const args = methods.post?.parameters?.find((parameter) => parameter.in === "body")?.schema ?? {};
    const columns = Object.keys(definitions[name]?.properties ?? {});
    const cases = (pool: Pool) =>
      path.startsWith("/rpc/") ? functionCases(path, args, pool(name)) : viewCases(path, columns);
    return [{ name: `REST ${path}`, cases, faults: restFaults }];
  });
}

/** PostgREST speaks of columns and types by design; it must not fall over, nor show what a caller may not see. */
function restFaults(one: Case, answer: Answer): string[] {
  const { status, text, headers } = answer;
  if (isPostgrestsOwn(one, answer)) return leaks(one, answer);
  if (status >= 500) return [`status ${status} ${String((parsed(text) as { code?: string } | undefined)?.code ?? "")}`];
  const isJson = /json/.test(headers["content-type"] ?? "");
  return [
    ...(isJson && text !== "" && parsed(text) === undefined ? [`${status}: not JSON`] : []),
    ...leaks(one, answer),
  ];
}

// Its server ends the connection on a long body that it refuses unread. Forms are not sent: a long one, or one that is no
// UTF-8, is more than it can read.
function isPostgrestsOwn({ wire }: Case, { status }: Answer): boolean {
  return status === 502 && (bytesOf(wire.body)?.length ?? 0) > 8192;
}

function viewCases(path: string, columns: readonly string[]): fc.Arbitrary<Case> {
  const method = fc.oneof(
    { weight: 8, arbitrary: fc.constant("GET") },
    { weight: 2, arbitrary: fc.constantFrom("POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS") },
  );
  const body = fc.oneof(
    oddValue,
    fc.dictionary(columnOf(columns), oddValue, { maxKeys: 3 }),
    fc.array(fc.dictionary(columnOf(columns), oddValue, { maxKeys: 2 }), { maxLength: 2 }),
  );
  return fc
    .record({ actor: fc.constantFrom(...actors), method, query: queryOf(columns), headers: headersOf, body })
    .map(({ actor, method, query, headers, body }) => ({
      ...{ actor, kind: "odd" },
      wire: {
        method,
        path: `/rest/v1${path}`,
        query,
        headers,
        ...(/POST|PATCH|PUT/.test(method) ? asJson(headers, body) : {}),
      },
    }));
}

function functionCases(path: string, args: Schema, known: readonly string[]): fc.Arbitrary<Case> {
  const names = Object.keys(args.properties ?? {});
  const reference = known.length > 0 ? fc.constantFrom(...known) : fc.constant("x");
  const good = fc.tuple(validValue(args, {}), reference).map(([value, id]) => {
    const given = { ...(value as Record<string, unknown>) };
    for (const name of ["id", "lead", "order", "audio", "leadId", "supplierId", "ref"])
      if (name in given) given[name] = id;
    return given;
  });
  const wrong = fc.array(
    fc.tuple(
      names.length > 0 ? fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, oddName) : oddName,
      oddValue,
    ),
    { maxLength: 2 },
  );
  const byGet = fc.record({ given: good, wrong, more: queryOf(names) }).map(({ given, wrong, more }) => {
    const query = Object.entries({ ...given, ...Object.fromEntries(wrong) }).map(([name, value]): [string, string] => [
      encoded(name),
      encoded(typeof value === "string" ? value : (JSON.stringify(value) ?? "")),
    ]);
    return { method: "GET", query: [...query, ...more.slice(0, 1)] };
  });
  const byPost = fc.record({ given: good, wrong, more: queryOf(names) }).map(({ given, wrong, more }) => ({
    method: "POST",
    query: more.slice(0, 1),
    json: Object.fromEntries([...Object.entries(given), ...wrong]) as unknown,
  }));
  const whole = oddValue.map((json) => ({ method: "POST", query: [] as Wire["query"], json }));
  const drawn: fc.Arbitrary<{ method: string; query: Wire["query"]; json?: unknown }> = fc.oneof(
    { weight: 4, arbitrary: byPost },
    { weight: 2, arbitrary: byGet },
    { weight: 1, arbitrary: whole },
    { weight: 1, arbitrary: good.map((json) => ({ method: "POST", query: [], json })) },
  );
  return fc
    .record({ actor: fc.constantFrom(...actors), drawn, headers: headersOf })
    .map(({ actor, drawn: { method, query, json }, headers }) => ({
      ...{ actor, kind: "odd" },
      wire: { method, path: `/rest/v1${path}`, query, headers, ...(method === "POST" ? asJson(headers, json) : {}) },
    }));
}

function asJson(headers: Wire["headers"], json: unknown): Pick<Wire, "headers" | "body"> {
  return { headers: [["Content-Type", "application/json"], ...headers], body: { json: json ?? null } };
}

function columnOf(columns: readonly string[]): fc.Arbitrary<string> {
  const known = columns.length > 0 ? columns : ["id"];
  return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: oddName });
}

const operators = [
  ...[
    "eq",
    "neq",
    "gt",
    "gte",
    "lt",
    "lte",
    "like",
    "ilike",
    "match",
    "imatch",
    "in",
    "is",
    "isdistinct",
    "fts",
    "plfts",
  ],
  ...[
    "phfts",
    "wfts(french)",
    "cs",
    "cd",
    "ov",
    "sl",
    "sr",
    "nxr",
    "nxl",
    "adj",
    "not.eq",
    "not.in",
    "eq(any)",
    "like(all)",
    "xx",
    "",
  ],
];

const operands = fc.oneof(
  fc.constantFrom(
    "1",
    "null",
    "true",
    "unknown",
    "(1,2)",
    "()",
    "(",
    "{1,2}",
    "{a}",
    "[1,2)",
    "%",
    "*",
    "(a+)+$",
    "[",
    "\\",
    '("a","b")',
    "now",
    "a & b",
    "!&|",
    "1e400",
  ),
  oddText,
);

const condition = (columns: readonly string[]) =>
  fc.tuple(
    columnOf(columns),
    fc.constantFrom("", "->a", "->>0", "::text", "->'"),
    fc.constantFrom(...operators),
    operands,
  );

function queryOf(columns: readonly string[]): fc.Arbitrary<Wire["query"]> {
  const filter = condition(columns).map(([column, suffix, operator, operand]): [string, string] => [
    encoded(column + suffix),
    `${operator}.${encoded(operand)}`,
  ]);
  const tree = fc
    .array(condition(columns), { maxLength: 4 })
    .map((all) =>
      all
        .map(
          ([column, suffix, operator, operand]) =>
            `${encoded(column + suffix)}.${operator}.${encoded(operand.slice(0, 50))}`,
        )
        .join(","),
    );
  const deep = fc.constantFrom(1, 5, 50, 300).map((depth) => `${"or(and(".repeat(depth)}id.eq.1${"))".repeat(depth)}`);
  const logic = fc
    .tuple(
      fc.constantFrom("or", "and", "not.or", "not.and"),
      fc.oneof({ weight: 4, arbitrary: tree }, { weight: 1, arbitrary: deep }),
    )
    .map(([name, text]): [string, string] => [name, `(${text})`]);
  const select = fc.oneof(
    fc
      .array(
        fc.tuple(
          columnOf(columns),
          fc.constantFrom("", "::text", "::int", "::regclass", "->a", ".count()", ".sum()", ".max()::text"),
        ),
        { maxLength: 4 },
      )
      .map((all) => all.map(([column, suffix]) => encoded(column) + suffix).join(",")),
    fc.constantFrom(
      "*",
      "*,leads(*)",
      "lead_contacts(*)",
      "leads!inner(*,imports(*))",
      "count()",
      "a:id",
      "...leads(*)",
      "id,id,id",
      "",
      "((",
      "*,*",
      "id::text::text",
      "auth.users(*)",
    ),
    oddText.map(encoded),
  );
  const order = fc.oneof(
    columnOf(columns).map((column) => `${encoded(column)}.desc.nullslast`),
    fc.constantFrom("", ".", "id.asc.x", "leads(id)", "id->a", "1", "id,id,id"),
    oddText.map(encoded),
  );
  const page = fc.constantFrom(
    "0",
    "1",
    "-1",
    "1e3",
    "99999999999999999999",
    "2147483648",
    "",
    "a",
    "9223372036854775807",
    "1000001",
  );
  const part = fc.oneof(
    { weight: 4, arbitrary: filter },
    { weight: 2, arbitrary: logic },
    { weight: 2, arbitrary: select.map((text): [string, string] => ["select", text]) },
    { weight: 2, arbitrary: order.map((text): [string, string] => ["order", text]) },
    { weight: 2, arbitrary: fc.tuple(fc.constantFrom("limit", "offset"), page) },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom("columns", "on_conflict", "apikey", "select", "id.limit", "leads.order"),
        oddText.map(encoded),
      ),
    },
  );
  return fc.array(part, { maxLength: 4 });
}

const headersOf: fc.Arbitrary<Wire["headers"]> = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constant("Prefer"),
      fc.constantFrom(
        "count=exact",
        "count=planned",
        "count=estimated",
        "return=representation",
        "return=minimal",
        "resolution=merge-duplicates",
        "missing=default",
        "tx=rollback",
        "handling=strict,x=y",
        "timezone=Mars/Phobos",
        "max-affected=1",
        "params=single-object",
        "return=headers-only",
      ),
    ),
    fc.tuple(
      fc.constant("Accept"),
      fc.constantFrom(
        "*/*",
        "text/csv",
        "application/geo+json",
        "application/vnd.pgrst.object+json",
        "application/vnd.pgrst.plan+json",
        "application/vnd.pgrst.plan",
        "application/vnd.pgrst.array+json;nulls=stripped",
        "text/html",
        "application/octet-stream",
        "text/xml",
        "",
      ),
    ),
    fc.tuple(fc.constant("Range"), fc.constantFrom("0-9", "9-0", "0-", "-5", "99999999999999999999-1", "a-b")),
    fc.tuple(
      fc.constantFrom("Content-Profile", "Accept-Profile"),
      fc.constantFrom("public", "leads", "auth", "platform", "", "'"),
    ),
    fc.tuple(
      fc.constant("Content-Type"),
      fc.constantFrom(
        "text/csv",
        "text/plain",

        "application/octet-stream",
        "application/vnd.pgrst.array+json",
        "x",
      ),
    ),
    fc.tuple(fc.constantFrom("If-Match", "X-Request-Id", "Origin", "X-HTTP-Method-Override", "Cookie"), oddHeader),
  ),
  { maxLength: 2 },
);
