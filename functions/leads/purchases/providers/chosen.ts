import process from "node:process";
import { Problem } from "../../../_shared/problem.ts";
import { manual } from "./manual.ts";
import type { PaymentProvider } from "./provider.ts";

/**
 * The provider of a name, `PAYMENT_PROVIDER` where none is given. There is no default: a project that was not told who takes
 * the money gives no credits away. Throws a Problem (503) where none is named, or one that there is not.
 */
export async function provider(name: string | undefined = process.env.PAYMENT_PROVIDER): Promise<PaymentProvider> {
  if (name === "manual") return manual;
  // Loaded when it is wanted: most calls of the function are not about money.
  if (name === "stripe") return (await import("./stripe.ts")).stripe;
  console.error("PAYMENT_PROVIDER is neither manual nor stripe");
  throw new Problem(503, "payment_not_configured", "Le paiement n'est pas encore possible sur cette plateforme.");
}
