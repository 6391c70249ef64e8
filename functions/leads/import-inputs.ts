import * as z from "zod";
import { listInput } from "../_shared/route.ts";

export const importsInput = listInput;
export const importIdInput = z.object({ id: z.string().max(50).describe("Par exemple « IMP-012 ».") });

/** Form of `POST /api/imports`. */
export const uploadForm = z.strictObject({
  file: z.file().describe("Fichier CSV en UTF-8 ou classeur .xlsx, 50 Mo au plus."),
  fournisseur: z.string().max(254).optional().describe("E-mail ou référence du fournisseur ; pour l'admin seul."),
  mapping: z.string().max(20_000).optional().describe('Champ par colonne, en JSON : {"Nom du client": "lastName"}.'),
  onDuplicate: z
    .enum(["skip", "update"])
    .default("skip")
    .describe("Un lead déjà apporté et pas encore vendu : l'ignorer ou le mettre à jour."),
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
    read: amount.describe("read = inserted + updated + duplicates.total + invalid."),
    inserted: amount,
    updated: amount,
    duplicates: z.strictObject({ total: amount, inFile: amount, ofSupplier: amount, onPlatform: amount }),
    invalid: amount,
    processingTime: z.string().nullable(),
    failure: z.string().nullable().describe("Pourquoi l'import a échoué."),
  })
  .meta({ id: "SupplierImport" });

export const importDetail = z
  .strictObject({
    ...supplierImport.shape,
    reasons: z.array(z.strictObject({ field: z.string(), code: z.string(), rows: amount, example: z.string() })),
  })
  .meta({ id: "ImportDetail" });
