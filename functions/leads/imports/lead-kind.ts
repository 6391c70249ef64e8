import type { ImportKind } from "../../_shared/import/kind.ts";
import { leadAliases } from "./lead-aliases.ts";
import { type LeadField, leadFields, leadLabels } from "./lead-fields.ts";
import { leadWords } from "./lead-words.ts";

/** Leads as suppliers' files bring them. */
export const leadKind: ImportKind<LeadField> = {
  name: "leads",
  fields: leadFields,
  labels: leadLabels,
  aliases: leadAliases,
  required: [
    { by: ["lastName", "fullName"] },
    { by: ["sector"] },
    { by: ["region", "postcode"] },
    { by: ["email", "phone", "phone2"], label: "e-mail ou téléphone (email, phone)" },
  ],
  together: [
    {
      fields: ["consentTextVersion", "consentUrl", "consentIp", "consentAt", "consentRecipients"],
      incomplete: "La preuve de consentement est incomplète",
    },
  ],
  words: leadWords,
  staging: "leads.import_file_rows",
  rejects: "leads.import_rejects",
  functions: {
    begin: "leads.begin_import",
    known: "leads.known_import",
    open: "leads.open_import",
    stage: "leads.begin_staging",
    merge: "leads.merge_import",
    fail: "leads.fail_import",
    report: "leads.import_report",
    dateOrder: "leads.consent_date_order",
    pieces: { open: "leads.open_merge", check: "leads.check_import_piece", insert: "leads.insert_import_piece" },
    slices: { begin: "leads.begin_slice", end: "leads.end_slice" },
  },
};
