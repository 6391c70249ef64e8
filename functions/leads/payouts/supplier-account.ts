import process from "node:process";
import * as z from "zod";
import { callAsService } from "../../_shared/auth-service.ts";
import { askDatabase } from "../../_shared/postgrest.ts";
import { serviceUnavailable } from "../../_shared/problem.ts";
import { type Call, write } from "../../_shared/route.ts";
import { fingerprint, seal, sealingKey } from "../../_shared/sealed.ts";

const checkedAccount = z.object({
  supplierId: z.string(),
  iban: z.string(),
  bic: z.string().nullable(),
  mask: z.string(),
  changedBy: z.string().nullable(),
});

/** PUT /api/fournisseur/iban: the supplier's own account, which an admin then validates. Throws a Problem: 401, 403, 422. */
export function changeOwnAccount(call: Call): Promise<Response> {
  return changeAccount(call, "fournisseur_iban_check", false);
}

/** PUT /api/admin/gains/:id/iban: given by an admin, an account is validated. Throws a Problem: 401, 403, 404, 422. */
export function changeAccountOf(call: Call): Promise<Response> {
  return changeAccount(call, "admin_gains_iban_check", true);
}

async function changeAccount({ request, params, body }: Call, check: string, validated: boolean): Promise<Response> {
  // Asked by POST: an IBAN in an address would be in every log.
  const checked = await askDatabase(write(check), { ...params, ...body }, request.headers);
  const { iban, supplierId, ...rest } = checkedAccount.parse(await checked.json());
  const key = keyText();
  const sealed = {
    sealedIban: await seal(await sealingKey(key), supplierId, iban),
    fingerprint: await fingerprint(key, iban),
  };
  return Response.json(await callAsService("account_keep", { supplierId, ...sealed, validated, ...rest }));
}

function keyText(): string {
  const text = process.env.IBAN_ENCRYPTION_KEY;
  if (!text) {
    console.error("The environment variable IBAN_ENCRYPTION_KEY is not set");
    throw serviceUnavailable();
  }
  return text;
}
