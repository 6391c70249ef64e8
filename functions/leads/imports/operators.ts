import type { Hono } from "hono";
import { asOperators, hasSecretKey } from "../../_shared/keys.ts";
import { notFound } from "../../_shared/problem.ts";
import { answerTurn, followed, turnPath } from "./import-turns.ts";

const place = "/operators";

/**
 * What is not of the documented interface, for who has the project's secret key: the function itself, and leads-cli where it
 * has no way to the database. At `/operators/api/imports` are the documented endpoints of imports, as an admin's.
 */
export function mountOperators(app: Hono): void {
  app.post(turnPath, ({ req }) => answerTurn(req.raw));
  app.get(`${place}/imports/:id`, ({ req }) => followed(own(req.raw), req.param("id")));
  for (const path of ["/api/imports", "/api/imports/*"]) app.all(place + path, ({ req }) => app.fetch(own(req.raw)));
}

/** The call as the operators'. Throws a Problem (404) for others. */
function own(request: Request): Request {
  if (!hasSecretKey(request.headers)) throw notFound();
  return asOperators(new Request(request.url.replace(place, ""), request));
}
