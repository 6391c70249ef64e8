import { asOperators } from "../../database.ts";
import type { ImportDecisions } from "../system.ts";

type Listed = {
  id: string;
  fileName: string;
  fournisseur: string;
  createdAt: string;
  status: string;
  read: number;
  inserted: number;
  updated: number;
  duplicates: { total: number };
  invalid: number;
  undoneAt: string | null;
};

const help = `ID is an import's number, IMP-012. accept and discard decide about a file of which too many rows were refused; until then
its rows are in no list and no queue. undo takes back what nobody has sold or changed since, and names what stays; after
as many days as the rule import_undo_days says (30) it is too late.

Examples:
  $ leads-cli imports list --status pending_review
  $ leads-cli imports show IMP-012
  $ leads-cli imports undo IMP-012`;

/** What admins see of the files that suppliers sent, and decide about them. */
export const leadDecisions: ImportDecisions = {
  help,
  statuses: ["processing", "completed", "failed", "pending_review"],
  list: (sql, { sender, status, limit }) =>
    asOperators(
      sql,
      (as) => as<Listed[]>`
        select i.* from public.imports i join leads.imports own on own.reference = i.id join leads.suppliers s on s.id = own.supplier_id
        where (${sender}::text is null or lower(s.email) = lower(${sender}))
          and (${status}::text is null or i.status = ${status})
        order by own.id desc limit ${limit}`,
    ),
  columns: {
    id: ({ id }: Listed) => id,
    file: ({ fileName }: Listed) => fileName,
    supplier: ({ fournisseur }: Listed) => fournisseur,
    sent: ({ createdAt }: Listed) => createdAt,
    status: ({ status, undoneAt }: Listed) => (undoneAt ? `${status}, undone` : status),
    read: ({ read }: Listed) => read,
    inserted: ({ inserted }: Listed) => inserted,
    updated: ({ updated }: Listed) => updated,
    duplicates: ({ duplicates }: Listed) => duplicates.total,
    invalid: ({ invalid }: Listed) => invalid,
  },
  find: async (sql, reference) => {
    const [row] = await sql<{ id: string }[]>`select id from leads.imports where reference = ${reference}`;
    return row?.id;
  },
  accept: "leads.accept_import",
  discard: "leads.discard_import",
  undo: "leads.undo_import",
  kept: {
    sold: "a buyer has it",
    erased: "the person was erased",
    withdrawn: "it is withdrawn already",
    in_qualification: "an agent works or has worked on it",
    changed: "it was changed since",
  },
};
