import { type Route, write } from "../../_shared/route.ts";
import { purchase } from "./purchase-schemas.ts";

/** A buyer gets a lead for his credits: the function `purchase/lead` and a path of `leads` are this one route. */
export const buyingALead = {
  method: "POST",
  roles: ["acheteur"],
  section: "6. Achats",
  summary: "Acheter un lead (200 : déjà acheté)",
  object: write("lead_purchase"),
  response: purchase,
  alsoStatus: 201,
  refusals: [402, 404],
} satisfies Omit<Route, "path">;
