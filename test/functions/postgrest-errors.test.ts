import { describe, expect, test } from "vitest";
import { fromPostgrest } from "../../functions/_shared/postgrest-errors.ts";

const secret = "jean.dupont@example.com";

test("an address that is too long for a proxy is the caller's fault", () => {
  expect(fromPostgrest(414, { message: "Request-URI Too Large" }, true)).toMatchObject({ status: 400 });
});

describe("a refusal that the database wrote", () => {
  const refusal = {
    code: "PT403",
    message: "Réservé aux agents.",
    details: "role_missing",
    hint: "Demandez un accès.",
  };

  test("is passed on, its detail as the code", () => {
    expect(fromPostgrest(403, refusal, true)).toMatchObject({
      status: 403,
      code: "role_missing",
      message: "Réservé aux agents.",
      hint: "Demandez un accès.",
    });
  });

  test("has no hint where the database gave none", () => {
    expect(fromPostgrest(403, { ...refusal, hint: "" }, true).hint).toBeUndefined();
  });

  test("of a limit says in a header how long to wait", () => {
    const error = { code: "PT429", message: "Trop de tentatives.", details: "too_many_attempts", hint: "90" };
    const problem = fromPostgrest(429, error, true);
    expect(problem).toMatchObject({ status: 429, code: "too_many_attempts", hint: undefined });
    expect(problem.headers).toEqual({ "Retry-After": "90" });
    expect(fromPostgrest(429, { ...error, hint: "Attendez." }, true).hint).toBe("Attendez.");
  });

  test("of a parameter names it", () => {
    const error = { code: "PT400", message: "Ce curseur est inconnu.", details: "invalid_parameter", hint: "cursor" };
    expect(fromPostgrest(400, error, false)).toMatchObject({
      status: 400,
      code: "invalid_parameter",
      hint: undefined,
      details: [{ field: "cursor", code: "invalid_value", message: "Ce curseur est inconnu." }],
    });
  });

  test("keeps a stable code where its detail is a sentence", () => {
    expect(
      fromPostgrest(409, { code: "PT409", message: "Déjà vendu.", details: "Lead 12 is sold." }, true),
    ).toMatchObject({
      status: 409,
      code: "error_409",
    });
  });

  test("asks for a token where its status is 401", () => {
    const problem = fromPostgrest(
      401,
      { code: "PT401", message: "Connectez-vous.", details: "authentication_required" },
      false,
    );
    expect(problem.headers).toEqual({ "WWW-Authenticate": "Bearer" });
  });
});

test.each([
  ["a missing right, for anon", 401, { code: "42501" }, false, 401, "authentication_required"],
  ["a missing right, for a user", 403, { code: "42501" }, true, 403, "forbidden"],
  ["a token that is none", 401, { code: "PGRST301", message: "JWSError" }, true, 401, "invalid_token"],
  ["a token that is over", 401, { code: "PGRST301", message: "JWT expired" }, true, 401, "token_expired"],
  [
    "a token that newer PostgREST finds over",
    401,
    { code: "PGRST303", message: "JWT expired" },
    true,
    401,
    "token_expired",
  ],
  ["no token where one is wanted", 401, { code: "PGRST302" }, false, 401, "authentication_required"],
  ["a gateway's own 401", 401, {}, true, 401, "invalid_token"],
  ["a gateway's own 502", 502, {}, true, 503, "service_unavailable"],
  ["a database that is away", 503, { code: "PGRST001" }, true, 503, "service_unavailable"],
  ["a statement that took too long", 500, { code: "57014" }, true, 503, "service_unavailable"],
  ["a page beyond the list", 416, { code: "PGRST103" }, true, 416, "range_not_satisfiable"],
  ["a text that is no number", 400, { code: "22P02" }, true, 400, "invalid_parameter"],
  ["a division by zero", 400, { code: "22012" }, true, 500, "internal_error"],
  ["a function that is not there", 404, { code: "PGRST202" }, true, 500, "internal_error"],
  ["a row that is not there", 406, { code: "PGRST116" }, true, 404, "not_found"],
  ["a key that is taken", 409, { code: "23505" }, true, 409, "already_exists"],
  ["a reference to nothing", 409, { code: "23503" }, true, 422, "invalid_fields"],
  ["a place that is taken", 409, { code: "23P01" }, true, 409, "overlaps"],
  ["a value against a check", 400, { code: "23514" }, true, 422, "invalid_fields"],
  ["a missing value", 400, { code: "23502" }, true, 422, "invalid_fields"],
  ["an answer that is no error body", 500, {}, false, 500, "internal_error"],
] as const)("%s", (_, status, error, sentToken, expectedStatus, expectedCode) => {
  const problem = fromPostgrest(status, { message: secret, details: secret, hint: secret, ...error }, sentToken);
  expect(problem).toMatchObject({ status: expectedStatus, code: expectedCode, hint: undefined, details: [] });
  expect(JSON.stringify(problem) + problem.message).not.toContain(secret);
});

describe("of a violated constraint the field is told, and never a value", () => {
  const row = 'new row for relation "stall_uses" violates check constraint';
  const use = 'insert or update on table "stall_uses" violates foreign key constraint';
  test.each([
    ["23505", 'duplicate key value violates unique constraint "stall_uses_name_key"', ["name"]],
    ["23505", 'duplicate key value violates unique constraint "one_use_a_day"', []],
    ["23503", `${use} "stall_uses_stall_id_fkey"`, ["stallId"]],
    ["23502", 'null value in column "starts_on" of relation "stall_uses" violates not-null constraint', ["startsOn"]],
    ["23514", `${row} "stall_uses_price_check"`, ["price"]],
    ["23514", `${row} "ends_after_it_starts"`, []],
    ["23P01", 'conflicting key value violates exclusion constraint "stall_uses_excl"', []],
  ] as const)("%s %s", (code, message, fields) => {
    const details = `Failing row contains (${secret}).`;
    const problem = fromPostgrest(409, { code, message, details }, true, "stall_uses");
    expect(problem.details.map(({ field }) => field)).toEqual(fields);
    expect(JSON.stringify(problem) + problem.message).not.toContain(secret);
  });

  test("a row that others lead to is 409", () => {
    const message =
      'update or delete on table "stalls" violates foreign key constraint "stall_uses_stall_id_fkey" on table "stall_uses"';
    const problem = fromPostgrest(409, { code: "23503", message }, true);
    expect(problem).toMatchObject({ status: 409, code: "still_referenced", details: [] });
  });
});
