import type postgres from "postgres";
import { fieldNames } from "../../../functions/_shared/import/fields.ts";
import { leadKind } from "../../../functions/leads/imports/lead-kind.ts";
import { Refusal } from "../../output.ts";
import { tables } from "../../tables.ts";
import type { ImportSubject, Interrupted, Sender } from "../system.ts";
import { leadDecisions } from "./import-decisions.ts";

type Supplier = { id: string; company: string; status: string };

const supplier: Sender = {
  name: "supplier",
  by: "email",
  description: "e-mail of the supplier who brings the leads",
  find: findSupplier,
  savedNames: async (sql, id) => {
    const rows = await sql<{ header: string; field: string }[]>`
      select header, field from leads.import_mappings where supplier_id = ${id}`;
    return new Map(rows.map(({ header, field }) => [header, field]));
  },
  saveNames: async (sql, id, names) => {
    const database = await tables(sql);
    await database
      .insertInto("leads.import_mappings")
      .values([...names].map(([header, field]) => ({ supplier_id: id, header, field })))
      .onConflict((conflict) =>
        conflict.columns(["supplier_id", "header"]).doUpdateSet({ field: ({ ref }) => ref("excluded.field") }),
      )
      .execute();
  },
};

async function findSupplier(sql: postgres.Sql, email: string): Promise<string> {
  const wanted = email.trim().toLowerCase();
  const [found] = await sql<Supplier[]>`
    select id, company, status from leads.suppliers where lower(email) = ${wanted} and email <> ''`;
  if (!found) throw new Refusal(`fournisseur inconnu : ${email}`);
  if (found.status === "suspended") throw new Refusal(`le fournisseur ${found.company} (${email}) est suspendu`);
  return found.id;
}

const help = `Its columns are known by their French or English names, wherever they come in the first 50 rows, and so are
the exports of Facebook, Google and LinkedIn lead forms, HubSpot, Pipedrive, Salesforce, Outlook, Google Contacts,
Typeform and contact forms. Of two columns for one field the more precise one counts (family name before name), but for
telephones: the second is kept as phone2.
Fields: ${fieldNames(leadKind)}.
Required: lastName (or fullName), sector, region (or postcode), and email or phone.
A row that is a lead already (same e-mail or same telephone) is a duplicate. A file with too many refused rows waits:
leads-cli imports accept|discard ID.

Examples:
  $ leads-cli import samples/leads.csv --supplier sophie@agence-ads.fr
  $ leads-cli import leads.csv --supplier sophie@agence-ads.fr --dry-run --rejects refused.csv
  $ leads-cli import leads.csv --supplier sophie@agence-ads.fr --map "Nom du client=lastName" --save-map
  $ leads-cli import facebook.csv --supplier sophie@agence-ads.fr --set sector=Isolation --set region=Bretagne
  $ leads-cli import list.csv --supplier sophie@agence-ads.fr --encoding macintosh
  $ leads-cli import undo IMP-012`;

/** Suppliers' files of leads. */
export const leadImports: ImportSubject = {
  kind: leadKind,
  nouns: { one: "lead", many: "leads" },
  help,
  sender: supplier,
  upload: { system: "leads", senderField: "fournisseur" },
  interrupted: (sql, source) => sql<Interrupted[]>`
    select i.id, i.reference, substr(i.source, ${source.length + 1}::int) as path, encode(i.sha256, 'hex') as sha256,
      s.email as sender, i.on_duplicate as "onDuplicate", i.reading
    from leads.imports i join leads.suppliers s on s.id = i.supplier_id
    where i.status = 'processing' and starts_with(i.source, ${source}) order by i.id`,
  duplicates: {
    inFile: "duplicates in the file",
    ofSupplier: "duplicates of the supplier",
    alreadySold: "already sold",
    onPlatform: "duplicates on the platform",
  },
  parts: { sectors: "Sectors", regions: "Regions" },
  decisions: leadDecisions,
};
