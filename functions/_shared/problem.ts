/**
 * One field of a request that cannot be accepted; `code` is stable, `message` is French, `missing` says how many, `value`
 * what would be accepted.
 */
export type FieldProblem = { field: string; code: string; message: string; missing?: number; value?: number };

type ProblemExtras = {
  details?: FieldProblem[];
  hint?: string;
  headers?: Record<string, string>;
};

/** A refusal that the caller is told of: HTTP status, stable code, French message, and what helps to go on. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: FieldProblem[];
  readonly hint: string | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, extras: ProblemExtras = {}) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.details = extras.details ?? [];
    this.hint = extras.hint;
    this.headers = extras.headers ?? {};
  }
}

/** 400: the fields named in `details` have values that the endpoint does not accept. */
export function invalidParameters(details: FieldProblem[]): Problem {
  return new Problem(400, "invalid_parameter", "Un paramètre de la requête est invalide.", { details });
}

/** 400: the body is no JSON, or the fields named in `details` have not the shape that the endpoint accepts. */
export function invalidBody(details: FieldProblem[]): Problem {
  const message = details.length > 0 ? "Certains champs sont invalides." : "Le corps de la requête n'est pas du JSON.";
  return new Problem(400, "invalid_body", message, { details });
}

/** 413: the body is longer than the endpoint accepts. */
export function bodyTooLarge(longestBytes: number): Problem {
  return new Problem(413, "body_too_large", `Le corps de la requête dépasse ${longestBytes / 1024 / 1024} Mo.`);
}

/** 415: the body is of a kind that the endpoint does not read. */
export function unsupportedMediaType(): Problem {
  return new Problem(415, "unsupported_media_type", "Le corps de la requête doit être du JSON.", {
    hint: "Content-Type: application/json",
  });
}

/** 401: the endpoint wants a signed-in user and no token came. */
export function authenticationRequired(): Problem {
  return new Problem(401, "authentication_required", "Connectez-vous pour accéder à cette ressource.", {
    headers: { "WWW-Authenticate": "Bearer" },
  });
}

/** 401: a token came and is not, or no longer, valid. */
export function tokenRefused(expired: boolean): Problem {
  const headers = { "WWW-Authenticate": 'Bearer error="invalid_token"' };
  return expired
    ? new Problem(401, "token_expired", "Votre session a expiré. Reconnectez-vous.", { headers })
    : new Problem(401, "invalid_token", "Le jeton d'authentification est invalide. Reconnectez-vous.", { headers });
}

/** 403: the signed-in user has not the role that the endpoint wants. */
export function forbidden(): Problem {
  return new Problem(403, "forbidden", "Vous n'avez pas les droits nécessaires pour accéder à cette ressource.");
}

/** 404: no such endpoint. */
export function notFound(): Problem {
  return new Problem(404, "not_found", "Cette adresse n'existe pas.");
}

/** 405: the endpoint exists, for other methods. */
export function methodNotAllowed(allowed: string[]): Problem {
  return new Problem(405, "method_not_allowed", "Cette méthode n'est pas acceptée à cette adresse.", {
    headers: { Allow: allowed.join(", ") },
  });
}

/** 503: the database or its REST server does not answer; `Retry-After` is in seconds. */
export function serviceUnavailable(): Problem {
  return new Problem(
    503,
    "service_unavailable",
    "Le service est momentanément indisponible. Réessayez dans un instant.",
    {
      headers: { "Retry-After": "2" },
    },
  );
}

/** 500: our own fault; says nothing of its cause, which is logged. */
export function internalError(): Problem {
  return new Problem(500, "internal_error", "Une erreur interne est survenue. Réessayez plus tard.");
}
