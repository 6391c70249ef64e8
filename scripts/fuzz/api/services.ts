import * as fc from "fast-check";
import { encoded } from "./cases.ts";
import { leaks, parsed } from "./faults.ts";
import { oddHeader, oddName, oddText, oddValue } from "./odd.ts";
import { type Actor, actors, type Case, type Target } from "./target.ts";
import type { Answer, Wire } from "./wire.ts";

type Service = { method: string; path: string; fields?: Record<string, readonly unknown[]> };

const emails = [
  "pierre@renovation-plus.fr",
  "fuzz-suspended@example.test",
  "nobody@example.test",
  "new-fuzz@example.test",
];
const uuid = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const token = {
  token: ["123456", "", "0"],
  token_hash: ["pkce_abc", "abc"],
  type: ["signup", "recovery", "email", "magiclink", "invite", "sms"],
};
const options = { data: [{ firstName: "Jean" }, {}], redirect_to: ["http://127.0.0.1:3000", "javascript:alert(1)"] };

/** Auth as supabase-js and people call it. */
const auth: Service[] = [
  {
    method: "POST",
    path: "signup",
    fields: {
      email: emails,
      password: ["correct-Horse-9", "x"],
      phone: ["+33639981234"],
      ...options,
      channel: ["sms"],
    },
  },
  {
    method: "POST",
    path: "token?grant_type=password",
    fields: { email: emails, password: ["wrong-Horse-9", ""], gotrue_meta_security: [{}] },
  },
  { method: "POST", path: "token?grant_type=refresh_token", fields: { refresh_token: ["abc", uuid, ""] } },
  { method: "POST", path: "token?grant_type=pkce", fields: { auth_code: [uuid], code_verifier: ["abc"] } },
  { method: "POST", path: "token?grant_type=id_token", fields: { id_token: ["a.b.c"], provider: ["google"] } },
  { method: "POST", path: "token", fields: { email: emails } },
  { method: "POST", path: "verify", fields: { email: emails, ...token } },
  { method: "GET", path: "verify?type=signup&token=abc&redirect_to=http://127.0.0.1:3000" },
  { method: "POST", path: "resend", fields: { email: emails, type: ["signup", "email_change", "sms"] } },
  { method: "POST", path: "recover", fields: { email: emails, gotrue_meta_security: [{}] } },
  { method: "POST", path: "otp", fields: { email: emails, create_user: [true, false], ...options } },
  { method: "POST", path: "magiclink", fields: { email: emails } },
  { method: "GET", path: "user" },
  { method: "PUT", path: "user", fields: { password: ["x", "demo-Password-1"], ...options, nonce: ["1"] } },
  { method: "POST", path: "logout?scope=others" },
  { method: "GET", path: "reauthenticate" },
  { method: "GET", path: "settings" },
  { method: "GET", path: "health" },
  { method: "GET", path: ".well-known/jwks.json" },
  { method: "GET", path: "authorize?provider=google&redirect_to=http://127.0.0.1:3000" },
  { method: "GET", path: "callback?code=x&state=y" },
  {
    method: "POST",
    path: "factors",
    fields: {
      factor_type: ["totp", "phone", "webauthn"],
      friendly_name: ["a"],
      issuer: ["b"],
      phone: ["+33639981234"],
    },
  },
  { method: "POST", path: `factors/${uuid}/challenge`, fields: { channel: ["sms"] } },
  { method: "POST", path: `factors/${uuid}/verify`, fields: { challenge_id: [uuid], code: ["123456"] } },
  { method: "DELETE", path: `factors/${uuid}` },
  { method: "GET", path: "admin/users?page=1&per_page=2" },
  {
    method: "POST",
    path: "admin/users",
    fields: {
      email: ["new-fuzz@example.test"],
      password: ["correct-Horse-9"],
      email_confirm: [true],
      user_metadata: [{}],
      app_metadata: [{}],
      role: ["authenticated"],
      ban_duration: ["1h", "none"],
    },
  },
  { method: "GET", path: `admin/users/${uuid}` },
  {
    method: "PUT",
    path: `admin/users/${uuid}`,
    fields: { email: ["new-fuzz@example.test"], password: ["x"], ban_duration: ["1h"] },
  },
  { method: "DELETE", path: `admin/users/${uuid}`, fields: { should_soft_delete: [true] } },
  { method: "GET", path: `admin/users/${uuid}/factors` },
  {
    method: "POST",
    path: "admin/generate_link",
    fields: {
      type: ["signup", "recovery", "magiclink", "invite", "email_change_new"],
      email: emails,
      password: ["correct-Horse-9"],
      new_email: emails,
    },
  },
  { method: "POST", path: "invite", fields: { email: ["new-fuzz@example.test"], data: [{}] } },
  { method: "GET", path: "sso" },
  { method: "GET", path: "admin/audit" },
];

const file = {
  bucketId: ["recordings", "imports", "x"],
  sourceKey: ["a.mp3"],
  destinationKey: ["b.mp3"],
  destinationBucket: ["imports"],
};
const bucketFields = {
  id: ["fuzz"],
  name: ["fuzz"],
  public: [true, false],
  file_size_limit: [1, "1MB", null, -1],
  allowed_mime_types: [["audio/*"], ["*"], null],
};

/** Storage as supabase-js and people call it. */
const storage: Service[] = [
  { method: "GET", path: "bucket" },
  { method: "POST", path: "bucket", fields: bucketFields },
  { method: "GET", path: "bucket/recordings" },
  { method: "PUT", path: "bucket/fuzz", fields: bucketFields },
  { method: "POST", path: "bucket/fuzz/empty" },
  { method: "DELETE", path: "bucket/fuzz" },
  {
    method: "POST",
    path: "object/list/recordings",
    fields: {
      prefix: ["", "../", "a/"],
      limit: [10, -1, 1e9],
      offset: [0, -1],
      sortBy: [
        { column: "name", order: "asc" },
        { column: "x'", order: "y" },
      ],
      search: ["%"],
    },
  },
  {
    method: "POST",
    path: "object/list-v2/recordings",
    fields: { prefix: [""], limit: [1], cursor: ["x"], with_delimiter: [true] },
  },
  { method: "POST", path: "object/recordings/a.mp3", fields: {} },
  { method: "PUT", path: "object/recordings/a.mp3", fields: {} },
  { method: "GET", path: "object/recordings/a.mp3" },
  { method: "GET", path: "object/authenticated/recordings/a.mp3" },
  { method: "GET", path: "object/public/recordings/a.mp3" },
  { method: "GET", path: "object/info/recordings/a.mp3" },
  { method: "GET", path: "object/info/public/recordings/a.mp3" },
  { method: "GET", path: "object/sign/recordings/a.mp3?token=a.b.c" },
  {
    method: "POST",
    path: "object/sign/recordings/a.mp3",
    fields: { expiresIn: [60, -1, 1e20, "60"], transform: [{}], download: [true] },
  },
  { method: "POST", path: "object/sign/recordings", fields: { expiresIn: [60], paths: [["a.mp3"], [], [1]] } },
  { method: "POST", path: "object/upload/sign/recordings/a.mp3", fields: {} },
  { method: "PUT", path: "object/upload/sign/recordings/a.mp3?token=a.b.c", fields: {} },
  { method: "POST", path: "object/copy", fields: file },
  { method: "POST", path: "object/move", fields: file },
  { method: "DELETE", path: "object/recordings/a.mp3" },
  { method: "DELETE", path: "object/recordings", fields: { prefixes: [["a.mp3"], [], ["../x"], "a"] } },
  { method: "GET", path: "render/image/public/recordings/a.png?width=1&height=-1" },
  { method: "GET", path: "status" },
];

/** The paths of Auth and Storage. */
export function serviceTargets(): Target[] {
  return [...auth.map((service) => target("auth", service)), ...storage.map((service) => target("storage", service))];
}

function target(area: string, service: Service): Target {
  return {
    name: `${area.toUpperCase()} ${service.method} ${service.path.replaceAll(uuid, "{id}").replace(/\?(?!grant).*/, "")}`,
    cases: () => casesOf(area, service),
    faults: serviceFaults,
  };
}

/** Never 5xx but for what is not there (501), and a refusal is JSON that says why. */
function serviceFaults(one: Case, answer: Answer): string[] {
  const { status, text, headers } = answer;
  if (status >= 500 && status !== 501) return [`status ${status}`];
  // The gateway and Node's server turn away what is too long, before it is anybody's.
  if (status < 400 || status === 414 || status === 431 || one.wire.method === "HEAD") return leaks(one, answer);
  const body = parsed(text) as Record<string, unknown> | undefined;
  const says =
    body &&
    typeof body === "object" &&
    ["msg", "message", "error_description", "error"].some((name) => typeof body[name] === "string");
  return [
    ...(says ? [] : [`${status}: no JSON that says why (${headers["content-type"] ?? "no type"})`]),
    ...(/\bat [\w.<>]+ \(|node_modules|\/(?:root|home|tmp|dev\/shm)\/|syntax error at|violates .* constraint|relation "/.test(
      text,
    )
      ? [`${status}: tells of the inside`]
      : []),
    ...leaks(one, answer),
  ];
}

// A session that is ended, or a password that is changed, is a stranger's: the suspended one's.
const endsSessions = /^(logout|user)/;

function casesOf(area: string, { method, path, fields }: Service): fc.Arbitrary<Case> {
  const [name = "", query = ""] = path.split("?");
  const actor: fc.Arbitrary<Actor> =
    endsSessions.test(path) && method !== "GET"
      ? fc.constantFrom("anon", "suspended", "expired", "forged")
      : fc.constantFrom(...actors);
  const good = fc.record(
    Object.fromEntries(Object.entries(fields ?? {}).map(([field, values]) => [field, fc.constantFrom(...values)])),
    { requiredKeys: [] },
  );
  const wrong = fc.array(
    fc.tuple(
      fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom(...Object.keys(fields ?? { email: 1 }), "email", "data") },
        oddName,
      ),
      oddValue,
    ),
    { maxLength: 2 },
  );
  const json = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(good, wrong)
        .map(([given, more]) => Object.fromEntries([...Object.entries(given), ...more]) as unknown),
    },
    { weight: 1, arbitrary: oddValue },
  );
  const body: fc.Arbitrary<Wire["body"]> = fc.oneof(
    { weight: 6, arbitrary: json.map((value) => ({ json: value ?? null })) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(
          "",
          "{",
          "[",
          "null",
          '{"email":"\\ud800"}',
          '{"email":"\\u0000"}',
          "[".repeat(20_000),
          "\ufeff{}",
          "a=b",
        )
        .map((text) => ({ bytes: Buffer.from(text) })),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }).map((bytes) => ({ bytes: Buffer.from(bytes) })) },
  );
  const type = fc.oneof(
    { weight: 6, arbitrary: fc.constant("application/json") },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "text/plain",
        "multipart/form-data; boundary=x",
        "audio/mpeg",
        "",
        "application/x-www-form-urlencoded",
      ),
    },
  );
  const oddPath = fc.oneof(
    { weight: 8, arbitrary: fc.constant(name) },
    {
      weight: 2,
      arbitrary: fc
        .oneof(
          oddText.map((text) => encoded(text.slice(0, 300))),
          fc.constantFrom("%00", "%ff", "..%2f..%2fx", "..", "a%2fb", "%zz"),
        )
        .map((odd) => name.replace(/[^/]*$/, () => odd)),
    },
    { weight: 1, arbitrary: fc.constantFrom(`${name}/`, `/${name}`, name.toUpperCase(), `${name}/x/../y`) },
  );
  const given = query === "" ? [] : query.split("&").map((part) => part.split("=") as [string, string]);
  const queries = fc.array(
    fc.tuple(
      fc.constantFrom(
        ...given.map(([field]) => field),
        "redirect_to",
        "type",
        "token",
        "page",
        "per_page",
        "download",
        "width",
      ),
      fc.oneof(
        oddText.map((text) => encoded(text.slice(0, 2000))),
        fc.constantFrom("%zz", "%ff", ""),
      ),
    ),
    { maxLength: 2 },
  );
  const headers = fc.array(
    fc.tuple(
      fc.constantFrom(
        "Range",
        "If-None-Match",
        "X-Upsert",
        "Cache-Control",
        "X-Supabase-Api-Version",
        "Authorization",
        "apikey",
        "Origin",
        "X-Metadata",
      ),
      fc.oneof(fc.constantFrom("bytes=0-1", "bytes=5-1", "true", "2024-01-01"), oddHeader),
    ),
    { maxLength: 1 },
  );
  const methods = fc.oneof(
    { weight: 9, arbitrary: fc.constant(method) },
    { weight: 1, arbitrary: fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS") },
  );
  return fc.record({ actor, method: methods, path: oddPath, body, type, queries, headers }).map((drawn) => ({
    ...{ actor: drawn.actor, kind: "aside" },
    wire: {
      ...{ method: drawn.method, path: `/${area}/v1/${drawn.path}`, query: [...given, ...drawn.queries] },
      headers: [...(fields ? ([["Content-Type", drawn.type]] as Wire["headers"]) : []), ...drawn.headers],
      ...(fields && drawn.body ? { body: drawn.body } : {}),
    },
  }));
}
