import * as z from "zod";

/** Body of `POST /api/admin/users/:id/erase`. */
export const erasure = z.strictObject({
  oppose: z.boolean().optional().describe("Refuser désormais cette personne dans tout fichier et tout formulaire."),
});
