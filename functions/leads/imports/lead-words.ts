import { accentedWords } from "../../_shared/import/common-words.ts";
import type { ImportWords } from "../../_shared/import/kind.ts";

/** What lists of leads in France are about, beside names and places. */
const trades = `
côté exclusivité énergétique énergies rénovation rénover chaudière isolé isolée photovoltaïque métier propriétaire
intéressé intéressée rappelé rappelée prévoyance immobilière financière défiscalisation assurée matériau fenêtre
fenêtres préféré préférée contacté contactée éolienne préfère crèche
`;

/** Words by which the columns of a list of leads, and its encoding, are understood. */
export const leadWords: ImportWords = {
  owners: ["personne", "person", "contact", "prospect", "lead", "client", "invitee"],
  strangers: [
    ...["campaign", "campagne", "form", "formulaire", "adset", "annonce", "file", "fichier"],
    ...["owner", "agent", "commercial", "conseiller", "user", "utilisateur"],
  ],
  vague: ["lead"],
  // In a list of appointments « User » is who receives, and « Invitee » the lead.
  host: { beside: "invitee", named: "user" },
  common: accentedWords(trades),
};
