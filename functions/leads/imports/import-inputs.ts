import * as z from "zod";
import { listInput } from "../../_shared/route.ts";

export const importsInput = listInput;
export const importIdInput = z.object({ id: z.string().max(50).describe("Par exemple « IMP-012 ».") });

/** Form of `POST /api/imports`. */
export const uploadForm = z.strictObject({
  file: z
    .file()
    .optional()
    .describe("Fichier CSV (aussi en .gz, ou seul dans un .zip) ou classeur (.xlsx, .xls, .ods), 50 Mo au plus."),
  upload: z
    .string()
    .max(100)
    .optional()
    .describe("À la place de file : le `path` où le fichier a été déposé (POST /api/imports/upload)."),
  fileName: z.string().max(300).optional().describe("Le nom d'un fichier déposé."),
  fournisseur: z.string().max(254).optional().describe("E-mail ou référence du fournisseur ; pour l'admin seul."),
  mapping: z.string().max(20_000).optional().describe('Champ par colonne, en JSON : {"Nom du client": "lastName"}.'),
  encoding: z
    .string()
    .max(40)
    .optional()
    .describe("L'encodage d'un CSV, s'il n'est pas celui qui est reconnu : windows-1252, macintosh, cp850…"),
  sheet: z
    .string()
    .max(100)
    .optional()
    .describe(
      "La feuille d'un classeur, par son nom ou son numéro ; sinon celle dont le plus de colonnes sont reconnues.",
    ),
  set: z
    .string()
    .max(20_000)
    .optional()
    .describe(
      'Ce que le fichier ne dit pas, pareil pour toutes ses lignes, en JSON : {"sector": "Isolation"}. ' +
        "Une ligne qui a sa propre valeur la garde.",
    ),
  onDuplicate: z
    .enum(["skip", "update", "report"])
    .default("skip")
    .describe(
      "Une personne déjà connue : ignorer la ligne (skip), mettre à jour son propre lead pas encore vendu (update), " +
        "ou l'ignorer et la signaler parmi les lignes refusées (report).",
    ),
});

/** Body of `POST /api/imports/upload`. */
export const importUploadInput = z.strictObject({
  fournisseur: z.string().max(254).optional().describe("E-mail ou référence du fournisseur ; pour l'admin seul."),
});

/** Where a large file is put, and as which kind. */
export const importUploadTarget = z.strictObject({
  bucket: z.literal("imports"),
  path: z.string().describe("À donner dans `upload` de POST /api/imports."),
  token: z.string().describe("Pour `supabase.storage.from(bucket).uploadToSignedUrl(path, token, file)`."),
  url: z.url().describe("Adresse où envoyer le fichier par PUT, une seule fois, sans autre identification."),
  contentType: z.string().describe("Le Content-Type avec lequel l'envoyer, quel que soit son format."),
});

const amount = z.number().int().min(0);

/** One import, as its supplier follows it. */
export const supplierImport = z
  .strictObject({
    id: z.string(),
    fileName: z.string(),
    fournisseur: z.string(),
    company: z.string(),
    uploadDate: z.iso.date(),
    createdAt: z.iso.datetime({ offset: true }),
    status: z.enum(["processing", "completed", "failed", "pending_review"]),
    read: amount.describe(
      "read = inserted + updated + duplicates.total + invalid ; pour pending_review, ce que donnerait l'acceptation.",
    ),
    inserted: amount,
    updated: amount,
    duplicates: z.strictObject({
      total: amount,
      inFile: amount,
      ofSupplier: amount,
      alreadySold: amount,
      onPlatform: amount,
    }),
    invalid: amount,
    processingTime: z.string().nullable(),
    failure: z.string().nullable().describe("Pourquoi l'import a échoué."),
    undoneAt: z.iso.datetime({ offset: true }).nullable().describe("Quand l'import a été annulé."),
  })
  .meta({ id: "SupplierImport" });

/** How a file was understood that has just been sent. */
export const understoodFile = z.strictObject({
  format: z.string().describe("csv, xlsx, …"),
  encoding: z.string().nullable().describe("L'encodage d'un CSV, d'après le début du fichier."),
  sheet: z.string().nullable().describe("La feuille lue d'un classeur."),
  columns: z.record(z.string(), z.string()).describe("Champ par nom de colonne."),
  ignored: z.array(z.string()).describe("Les colonnes qui ne servent pas."),
});

export const importDetail = z
  .strictObject({
    ...supplierImport.shape,
    understood: understoodFile.optional().describe("Comment le fichier a été compris ; dans la réponse à son envoi."),
    reasons: z.array(z.strictObject({ field: z.string(), code: z.string(), rows: amount, example: z.string() })),
  })
  .meta({ id: "ImportDetail" });

/** What an import that was taken back gave back, and what stays. */
export const undoneImport = z
  .strictObject({
    import: z.string(),
    removed: amount.describe("Leads retirés."),
    restored: amount.describe("Leads remis comme ils étaient avant l'import."),
    kept: z.array(
      z.strictObject({
        lead: z.string(),
        reason: z.enum(["sold", "erased", "withdrawn", "in_qualification", "changed"]),
      }),
    ),
  })
  .meta({ id: "UndoneImport" });
