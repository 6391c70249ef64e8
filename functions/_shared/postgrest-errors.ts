import { ofConstraint } from "./constraint-errors.ts";
import {
  authenticationRequired,
  type FieldProblem,
  forbidden,
  internalError,
  invalidParameters,
  Problem,
  serviceUnavailable,
  tokenRefused,
} from "./problem.ts";

/** PostgREST's error body; a proxy in front of it may answer something else, hence all optional. */
export type PostgrestError = {
  code?: string | null;
  message?: string | null;
  details?: string | null;
  hint?: string | null;
};

// A text that is no number, date or boolean, a number out of range, or a character that no text can hold.
const badValueCodes = new Set(["22P02", "22003", "22007", "22008", "22021", "22P05"]);

const unknownPreference = {
  field: "Prefer",
  code: "unknown_preference",
  message: "Une préférence de cet en-tête n'est pas connue.",
};

const tooDeep = {
  field: "offset",
  code: "offset_too_large",
  message: "Sans connexion, une page aussi profonde n'est pas servie.",
};

const tooLong = {
  field: "",
  code: "address_too_long",
  message: "L'adresse de cette demande est trop longue.",
};

const slugPattern = /^[a-z][a-z0-9_]*$/;

/**
 * What the caller is told of an error of PostgREST. The database's own refusals (SQLSTATE `PT<status>`) are passed on
 * as they were written; of anything else only the kind is told, since PostgreSQL's texts quote names and values.
 */
export function fromPostgrest(status: number, error: PostgrestError, sentToken: boolean, written?: string): Problem {
  const code = error.code ?? "";
  if (/^PT[45]\d\d$/.test(code)) return refusalOfDatabase(Number(code.slice(2)), error);
  if (code === "42501" || status === 401 || status === 403) return refusalOfAccess(status, error, sentToken);
  if (status === 416) return new Problem(416, "range_not_satisfiable", "La page demandée est au-delà de la liste.");
  if (status === 414) return invalidParameters([tooLong]);
  if (badValueCodes.has(code)) return invalidParameters([]);
  // With handling=strict, PostgREST refuses preferences that it does not know.
  if (code === "PGRST122") return invalidParameters([unknownPreference]);
  // The embedded stack's gateway says so of anonymous requests.
  if (code === "offset_too_large") return invalidParameters([tooDeep]);
  if (code === "PGRST116") return new Problem(404, "not_found", "Cet objet n'existe pas.");
  if (isOutage(status, code)) return serviceUnavailable();
  const violation = ofConstraint(code, error, written);
  if (violation) return violation;
  return internalError();
}

function refusalOfDatabase(status: number, error: PostgrestError): Problem {
  // The database names the bad parameter in its hint.
  if (error.details === "invalid_parameter" && error.hint) {
    return invalidParameters([{ field: error.hint, code: "invalid_value", message: error.message ?? "" }]);
  }
  const { hint, headers } = waiting(status, error.hint ?? "");
  const slug = slugPattern.test(error.details ?? "") ? (error.details as string) : `error_${status}`;
  return new Problem(status, slug, error.message ?? "", {
    ...advice(hint),
    ...(status === 401 ? { headers: { "WWW-Authenticate": "Bearer" } } : headers),
  });
}

/** Of a limit that is reached, the hint is how many seconds to wait. */
function waiting(status: number, hint: string): { hint: string; headers: { headers?: Record<string, string> } } {
  const isWait = status === 429 && /^\d+$/.test(hint);
  return isWait ? { hint: "", headers: { headers: { "Retry-After": hint } } } : { hint, headers: {} };
}

/** A hint in words, or the bad fields one by one: the database writes those as a JSON array. */
function advice(hint: string): { hint?: string; details?: FieldProblem[] } {
  if (!hint.startsWith("[")) return hint ? { hint } : {};
  try {
    return { details: JSON.parse(hint) as FieldProblem[] };
  } catch {
    return { hint };
  }
}

function refusalOfAccess(status: number, error: PostgrestError, sentToken: boolean): Problem {
  // A right that is missing in the database is 401 for anon and 403 for a signed-in user.
  if (error.code === "42501") return status === 401 ? authenticationRequired() : forbidden();
  if (status === 403) return forbidden();
  return sentToken ? tokenRefused(/expired/i.test(error.message ?? "")) : authenticationRequired();
}

function isOutage(status: number, code: string): boolean {
  // PGRST000 to 003: no connection; class 40: in the way of another, again and again; 53: out of resources; 57: shutting
  // down, or cancelled by a timeout.
  return status === 502 || status === 503 || status === 504 || /^(PGRST00[0-3]|40...|53...|57...)$/.test(code);
}
