import * as z from "zod";

export { notification } from "../_shared/accounts/shapes.ts";

// Chapter 4 of the document, field by field. The schemas are strict: a field too many is a leak.

const timestamp = z.iso.datetime();
const day = z.iso.date();
const count = z.int().min(0);
const amount = z.number();
const percentage = z.number().min(0).max(100);

export const leadStatus = z.enum(["new", "qualified", "sold", "rejected", "pending"]);

const qualificationStatus = z.enum(["pending", "in_progress", "qualified", "not_qualified", "callback"]);

export const lead = z
  .strictObject({
    id: z.string(),
    firstName: z.string(),
    lastName: z.string().describe("« D. » pour qui n'a pas accès au contact."),
    email: z.string().nullable().describe("« j•••@••• » pour qui n'a pas accès au contact."),
    phone: z.string().nullable().describe("« +33 6 •• •• •• 78 » pour qui n'a pas accès au contact."),
    company: z.string().nullable().describe("Nulle pour qui n'a pas accès au contact, si elle nomme la personne."),
    sector: z.string(),
    region: z.string(),
    city: z.string().nullable(),
    source: z.string().nullable(),
    channel: z.string().nullable(),
    score: z.int().min(0).max(100),
    status: leadStatus,
    qualificationStatus,
    createdAt: timestamp,
    updatedAt: timestamp,
    price: amount,
    isExclusive: z.boolean(),
    hasAudioRecording: z.boolean(),
    notes: z.string().nullable().describe("Pour qui n'a pas accès au contact : le résumé du lead, s'il en a un."),
    phone2: z.string().nullable().describe("Second téléphone, pour qui a accès au contact."),
    collectedAt: timestamp.nullable().describe("Quand la personne a laissé ses coordonnées, si le fournisseur le dit."),
  })
  .meta({ id: "Lead" });

const user = {
  id: z.string(),
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  company: z.string().nullable(),
  phone: z.string().nullable(),
  createdAt: timestamp,
};

export const fournisseur = z
  .strictObject({
    ...user,
    role: z.literal("fournisseur"),
    avatar: z.string().nullable(),
    credits: z.null(),
    iban: z.string().nullable(),
    totalLeadsUploaded: count,
    totalLeadsSold: count,
    totalRevenue: amount,
    pendingPayment: amount,
  })
  .meta({ id: "Fournisseur" });

export const agent = z
  .strictObject({
    ...user,
    role: z.literal("agent"),
    leadsQualifiedToday: count,
    totalLeadsQualified: count,
    averageCallDuration: z.number().min(0).describe("En secondes."),
    qualificationRate: percentage,
  })
  .meta({ id: "Agent" });

export const acheteur = z
  .strictObject({
    ...user,
    role: z.literal("acheteur"),
    credits: count,
    totalLeadsPurchased: count,
    conversionRate: percentage,
    preferredSectors: z.array(z.string()),
    preferredRegions: z.array(z.string()),
  })
  .meta({ id: "Acheteur" });

const pack = { id: z.string(), name: z.string(), credits: count, price: amount, popular: z.boolean(), bonus: count };

export const creditPack = z.strictObject(pack).meta({ id: "CreditPack" });

export const adminCreditPack = z
  .strictObject({ ...pack, pricePerCredit: amount, active: z.boolean() })
  .meta({ id: "AdminCreditPack" });

export const creditRule = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    value: z.number(),
    unit: z.string(),
    active: z.boolean(),
  })
  .meta({ id: "CreditRule" });

const transactionStatus = z.enum(["completed", "pending", "failed", "refunded"]);

export const payment = z
  .strictObject({
    id: z.string(),
    amount,
    status: transactionStatus,
    date: day,
    type: z.enum(["credit_purchase", "lead_payment"]),
    description: z.string(),
  })
  .meta({ id: "Payment" });

export const globalStats = z
  .strictObject({
    totalLeads: count,
    qualifiedLeads: count,
    soldLeads: count,
    pendingLeads: count,
    revenue: amount,
    avgScore: z.number(),
    conversionRate: percentage,
  })
  .meta({ id: "GlobalStats" });

const month = {
  month: z.string().describe("Le mois en toutes lettres abrégées : « Sep », « Oct »…"),
  period: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
    .describe("Le mois et son année : « 2025-09 »."),
};

export const monthlyStats = z
  .strictObject({ ...month, leads: count, qualified: count, sold: count, revenue: amount })
  .meta({ id: "MonthlyStats" });

export const monthlyRevenue = z
  .strictObject({ ...month, revenus: amount, payouts: amount })
  .meta({ id: "MonthlyRevenue" });

export const monthlyGains = z.strictObject({ ...month, gains: amount, paid: amount }).meta({ id: "MonthlyGains" });

export const monthlyVirements = z.strictObject({ ...month, amount }).meta({ id: "MonthlyVirements" });

export const sectorShare = z
  .strictObject({ name: z.string(), value: count, color: z.string().regex(/^#[0-9a-f]{6}$/i) })
  .meta({ id: "SectorShare" });

export const regionShare = z.strictObject({ name: z.string(), value: count }).meta({ id: "RegionShare" });

export const scoreExplanation = z
  .strictObject({ feature: z.string(), contribution: z.number(), description: z.string() })
  .meta({ id: "ScoreExplanation" });

const importedFile = {
  id: z.string(),
  fileName: z.string(),
  fournisseur: z.string(),
  company: z.string(),
  uploadDate: day,
  totalLeads: count,
  duplicates: count,
};

export const adminImport = z
  .strictObject({
    ...importedFile,
    valid: count,
    invalid: count,
    status: z.enum(["processing", "completed", "failed", "pending_review"]),
    processingTime: z.string().nullable().describe("« 2m 34s » ; nul tant que le traitement n'est pas fini."),
  })
  .meta({ id: "AdminImport" });

export const agentImport = z
  .strictObject({
    ...importedFile,
    pending: count,
    qualified: count,
    rejected: count,
    status: z.enum(["en_cours", "termine", "en_attente"]),
  })
  .meta({ id: "AgentImport" });

export const audioRecord = z
  .strictObject({
    id: z.string(),
    leadName: z.string(),
    leadCompany: z.string().nullable(),
    agentName: z.string(),
    date: day,
    duration: z.string().regex(/^\d+:[0-5]\d$/),
    durationSeconds: count,
    size: z.string().nullable(),
    status: z.enum(["available", "processing", "archived"]),
    qualificationResult: z.enum(["qualified", "not_qualified", "callback", "pending"]),
  })
  .meta({ id: "AudioRecord" });

export const recordingLink = z
  .strictObject({ url: z.url().describe("À lire sans jeton, jusqu'à `expiresAt`."), expiresAt: timestamp })
  .meta({ id: "RecordingLink" });

export const transaction = z
  .strictObject({
    id: z.string(),
    type: z.enum(["credit_purchase", "lead_purchase", "refund", "bonus", "fournisseur_payment"]),
    userName: z.string(),
    userRole: z.string(),
    company: z.string().nullable(),
    amount,
    credits: z.int().nullable(),
    date: day,
    status: transactionStatus,
    description: z.string(),
    paymentMethod: z.string().nullable(),
  })
  .meta({ id: "Transaction" });

export const fournisseurGain = z
  .strictObject({
    id: z.string(),
    fournisseur: z.string(),
    company: z.string(),
    email: z.string(),
    iban: z.string().nullable(),
    totalLeadsSold: count,
    totalEarnings: amount,
    pendingAmount: amount,
    paidAmount: amount,
    lastPaymentDate: day.nullable(),
    status: z.enum(["active", "pending_validation", "suspended"]),
  })
  .meta({ id: "FournisseurGain" });

export const virement = z
  .strictObject({
    id: z.string(),
    reference: z.string(),
    amount,
    date: day,
    status: z.enum(["completed", "pending", "failed"]),
    leadsCount: count,
    period: z.string(),
    iban: z.string().nullable(),
  })
  .meta({ id: "Virement" });

/** What `GET /api/agent/next-lead` answers: a lead with its contact, and until when it is the agent's alone. */
export const reservedLead = z.strictObject({ ...lead.shape, reservedUntil: timestamp }).meta({ id: "ReservedLead" });

export const qualification = z
  .strictObject({
    ...lead.shape,
    callId: z.string().describe("L'appel, par exemple « AUD-012 »."),
    outsideRules: z
      .array(z.enum(["outside_calling_hours", "call_limit_reached", "consent_missing"]))
      .describe("Les règles que l'appel n'a pas respectées ; il est gardé quand même."),
    callbackAt: timestamp.nullable(),
    scoreExplanations: z.array(scoreExplanation).describe("Leur somme est le score."),
  })
  .meta({ id: "Qualification" });

const supplierMissing = 'Une source se nomme avec son fournisseur : {"supplier": "F-001", "source": "Salon"}.';

/** The rule of calling, as an admin reads and sets it. */
export const callingRules = z
  .strictObject({
    days: z.array(z.number()).describe("1 est lundi, 7 est dimanche."),
    hours: z
      .array(z.strictObject({ from: z.string(), until: z.string() }))
      .describe("« 10:00 » à « 13:00 », à l'heure du lieu où vit la personne ; 24:00 au plus."),
    onHolidays: z.boolean().describe("Si l'on appelle aussi les jours fériés de sa région."),
    callsPerDay: z.number().nullable().describe("Appels à la même personne en un jour ; null : sans limite."),
    callsPer30Days: z.number().nullable().describe("Appels à la même personne en trente jours ; null : sans limite."),
    refusalDays: z.number().describe("Jours sans appel après un refus."),
    sourcesWithoutConsent: z
      .array(
        z.strictObject(
          { supplier: z.string(supplierMissing).describe("Sa référence."), source: z.string() },
          supplierMissing,
        ),
      )
      .describe(
        "Les sources d'un fournisseur dont les leads s'appellent sans preuve de consentement ; « - » : ses leads qui n'ont pas de source.",
      ),
  })
  .meta({ id: "CallingRules" });

/** What waits for an agent; a lead that waits for several things is counted once. */
export const queue = z
  .strictObject({
    ready: count,
    outsideHours: count,
    overLimit: count.describe("Personnes appelées assez souvent, ou qui ont refusé."),
    withoutConsent: count,
    nextOpening: timestamp.nullable().describe("Quand ceux qui attendent leur heure peuvent être appelés."),
    callsOutsideRules: count.describe("Appels des trente derniers jours qui n'ont pas respecté les règles."),
  })
  .meta({ id: "Queue" });

export const consent = z
  .strictObject({
    textVersion: z.string(),
    url: z.string(),
    ip: z.string(),
    givenAt: timestamp,
    recipients: z.array(z.string()),
  })
  .meta({ id: "Consent" });

export const uploadTarget = z
  .strictObject({
    bucket: z.literal("recordings"),
    path: z.string().describe("À donner dans `recordingPath` de la qualification."),
    token: z.string().describe("Pour `uploadToSignedUrl` de supabase-js."),
    url: z.url().describe("Pour un simple PUT du fichier."),
  })
  .meta({ id: "UploadTarget" });
