import { type Route, write } from "../../_shared/route.ts";
import { virement } from "../schemas.ts";

/** A supplier is paid all that he may be paid now: the function `payout` and a path of `leads` are this one route. */
export const payment = {
  method: "POST",
  roles: ["admin"],
  section: "3.10 Gains Fournisseurs",
  summary: "Déclencher un virement fournisseur",
  object: write("admin_gains_pay"),
  headers: { "Idempotency-Key": "idempotency_key" },
  response: virement,
  status: 201,
} satisfies Omit<Route, "path">;
