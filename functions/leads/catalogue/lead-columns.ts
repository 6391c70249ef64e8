import type { Column, Table } from "../../_shared/export/table.ts";
import { type LeadField, leadLabels } from "../imports/lead-fields.ts";

/** A lead as the API answers it. */
export type LeadRow = {
  id: string;
  firstName: string;
  lastName: string;
  email: string | null;
  phone: string | null;
  company: string | null;
  sector: string;
  region: string;
  city: string | null;
  source: string | null;
  channel: string | null;
  score: number;
  status: string;
  qualificationStatus: string;
  createdAt: string;
  updatedAt: string;
  price: number;
  isExclusive: boolean;
  hasAudioRecording: boolean;
  notes: string | null;
  phone2: string | null;
  collectedAt: string | null;
};

const otherLabels = {
  id: "identifiant",
  status: "statut",
  qualificationStatus: "qualification",
  createdAt: "créé le",
  updatedAt: "modifié le",
  hasAudioRecording: "enregistrement audio",
};
const order = [
  ...["id", "firstName", "lastName", "email", "phone", "company", "sector", "region", "city", "source", "channel"],
  ...["score", "status", "qualificationStatus", "createdAt", "updatedAt", "price", "isExclusive", "hasAudioRecording"],
  ...["notes", "phone2", "collectedAt"],
] as (keyof LeadRow)[];
const instants = new Set<keyof LeadRow>(["createdAt", "updatedAt", "collectedAt"]);

/** The columns of an export, in the API's order. An import knows those that it can bring back by either name. */
export const leadColumns: readonly Column<LeadRow>[] = order.map((name) => ({
  name,
  label: { ...leadLabels, ...otherLabels }[name as LeadField | keyof typeof otherLabels],
  cell: instants.has(name)
    ? (lead) => (lead[name] === null ? null : { instant: lead[name] as string })
    : (lead) => lead[name],
}));

export const leadTable: Table<LeadRow> = { columns: leadColumns, sheet: "Leads" };
