import { z } from "zod";

// The eleven files are the contract: unknown fields are refused, because an endpoint could not answer with them.

const id = z.string().min(1);
const text = z.string().min(1);
/** What a private person or an old file may leave blank. */
const blankable = z.string();
/** As large as a Postgres integer. */
const count = z.int().min(0).max(2_147_483_647);
const percentage = z.int().min(0).max(100);
const day = z.iso.date().refine(isOfOurTime, "une année trop lointaine");
/** Without a zone it is Paris that is meant (leads.written_time). */
const instant = z.iso.datetime({ offset: true, local: true }).refine(isOfOurTime, "une année trop lointaine");
/** Euros, or a rate in per cent: kept to the cent in the database. */
const decimal = z.number().refine(hasTwoDecimals, "plus de deux décimales");
const positiveDecimal = z.number().min(0).refine(hasTwoDecimals, "plus de deux décimales");
/** What the documents leave out for some rows: the key may be missing, or null. */
const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullable().optional();

const userRole = z.enum(["fournisseur", "agent", "acheteur", "admin"]);
const paymentStatus = z.enum(["completed", "pending", "failed", "refunded"]);

const lead = z.strictObject({
  id,
  firstName: text,
  lastName: text,
  email: z.email(),
  phone: blankable,
  company: blankable,
  sector: text,
  region: text,
  city: blankable,
  source: blankable,
  channel: blankable,
  score: percentage,
  status: z.enum(["new", "qualified", "sold", "rejected", "pending"]),
  qualificationStatus: z.enum(["pending", "in_progress", "qualified", "not_qualified", "callback"]),
  createdAt: instant,
  updatedAt: instant,
  // Integer cents in the database.
  price: positiveDecimal.max(21_000_000),
  isExclusive: z.boolean(),
  hasAudioRecording: z.boolean(),
  notes: optional(z.string()),
});

const user = z.strictObject({
  id,
  email: z.email(),
  firstName: text,
  lastName: text,
  role: userRole,
  company: blankable,
  phone: blankable,
  createdAt: instant,
});

// What only some of them have; the others may say so.
const none = z.null().optional();

const users = z.strictObject({
  fournisseur: user.extend({
    role: z.literal("fournisseur"),
    avatar: optional(text),
    credits: none,
    iban: text,
    totalLeadsUploaded: count,
    totalLeadsSold: count,
    totalRevenue: positiveDecimal,
    pendingPayment: positiveDecimal,
  }),
  agent: user.extend({
    role: z.literal("agent"),
    avatar: none,
    credits: none,
    leadsQualifiedToday: count,
    totalLeadsQualified: count,
    averageCallDuration: positiveDecimal,
    qualificationRate: positiveDecimal,
  }),
  acheteur: user.extend({
    role: z.literal("acheteur"),
    avatar: none,
    credits: count,
    totalLeadsPurchased: count,
    conversionRate: positiveDecimal,
    preferredSectors: z.array(text),
    preferredRegions: z.array(text),
  }),
});

const creditPack = z.strictObject({
  id,
  name: text,
  credits: z.int().min(1).max(2_147_483_647),
  price: positiveDecimal,
  popular: z.boolean(),
  bonus: count,
});

const billing = z.strictObject({
  creditPacks: z.array(creditPack),
  payments: z.array(
    z.strictObject({
      id,
      amount: decimal,
      status: paymentStatus,
      date: day,
      type: z.enum(["credit_purchase", "lead_payment"]),
      description: text,
    }),
  ),
  notifications: z.array(
    z.strictObject({
      id,
      type: z.enum(["info", "success", "warning", "error"]),
      title: text,
      message: text,
      read: z.boolean(),
      createdAt: instant,
    }),
  ),
});

const stats = z.strictObject({
  global: z.strictObject({
    totalLeads: count,
    qualifiedLeads: count,
    soldLeads: count,
    pendingLeads: count,
    revenue: positiveDecimal,
    avgScore: positiveDecimal,
    conversionRate: positiveDecimal,
  }),
  monthly: z.array(
    z.strictObject({
      month: text,
      leads: count,
      qualified: count,
      sold: count,
      revenue: positiveDecimal,
    }),
  ),
  sectors: z.array(z.strictObject({ name: text, value: count, color: text })),
  regions: z.array(z.strictObject({ name: text, value: count })),
  scoreExplanations: z.array(z.strictObject({ feature: text, contribution: decimal, description: text })),
});

const importedFile = z.strictObject({
  id,
  fileName: text,
  fournisseur: text,
  company: blankable,
  uploadDate: day,
  totalLeads: count,
});

const adminImport = importedFile.extend({
  valid: count,
  invalid: count,
  duplicates: count,
  status: z.enum(["processing", "completed", "failed", "pending_review"]),
  processingTime: optional(text),
});

const agentImport = importedFile.extend({
  pending: count,
  qualified: count,
  rejected: count,
  duplicates: count,
  status: z.enum(["en_cours", "termine", "en_attente"]),
});

const audio = z.strictObject({
  id,
  leadName: text,
  leadCompany: blankable,
  agentName: text,
  date: day,
  duration: text,
  durationSeconds: count,
  size: text,
  status: z.enum(["available", "processing", "archived"]),
  qualificationResult: z.enum(["qualified", "not_qualified", "callback", "pending"]),
});

const transactions = z.strictObject({
  transactions: z.array(
    z.strictObject({
      id,
      type: z.enum(["credit_purchase", "lead_purchase", "refund", "bonus", "fournisseur_payment"]),
      userName: text,
      userRole,
      company: blankable,
      amount: decimal,
      credits: optional(z.int()),
      date: day,
      status: paymentStatus,
      description: text,
      paymentMethod: optional(text),
    }),
  ),
  monthlyRevenue: z.array(z.strictObject({ month: text, revenus: positiveDecimal, payouts: positiveDecimal })),
});

const creditConfig = z.strictObject({
  packs: z.array(creditPack.extend({ pricePerCredit: positiveDecimal, active: z.boolean() })),
  rules: z.array(
    z.strictObject({ id, name: text, description: text, value: decimal, unit: text, active: z.boolean() }),
  ),
});

const fournisseurGains = z.strictObject({
  gains: z.array(
    z.strictObject({
      id,
      fournisseur: text,
      company: blankable,
      email: z.email(),
      iban: text,
      totalLeadsSold: count,
      totalEarnings: positiveDecimal,
      pendingAmount: positiveDecimal,
      paidAmount: positiveDecimal,
      lastPaymentDate: optional(day),
      status: z.enum(["active", "pending_validation", "suspended"]),
    }),
  ),
  monthly: z.array(z.strictObject({ month: text, gains: positiveDecimal, paid: positiveDecimal })),
});

const virements = z.strictObject({
  virements: z.array(
    z.strictObject({
      id,
      reference: text,
      amount: positiveDecimal,
      date: day,
      status: z.enum(["completed", "pending", "failed"]),
      leadsCount: count,
      period: text,
      iban: text,
    }),
  ),
  monthly: z.array(z.strictObject({ month: text, amount: positiveDecimal })),
});

function hasTwoDecimals(value: number): boolean {
  return Number(value.toFixed(2)) === value;
}

/** The bounds of leads.written_time, and a year to come. */
function isOfOurTime(written: string): boolean {
  const year = Number(written.slice(0, 4));
  return !(year < 2000 || year > new Date().getFullYear() + 1);
}

/** The shape of a whole seed folder, by the keys under which the files reach `leads.seed`. */
export const seedSchema = z.strictObject({
  leads: z.array(lead),
  users,
  billing,
  stats,
  adminImports: z.array(adminImport),
  agentImports: z.array(agentImport),
  audios: z.array(audio),
  transactions,
  creditConfig,
  fournisseurGains,
  virements,
});

/** The eleven files as read and checked, months not placed yet. */
export type SeedFiles = z.infer<typeof seedSchema>;
export type SeedKey = keyof SeedFiles;

/** Which file holds which part; the order is the document's. */
export const seedFileNames = {
  leads: "leads.json",
  users: "users.json",
  billing: "billing.json",
  stats: "stats.json",
  adminImports: "admin-imports.json",
  agentImports: "agent-imports.json",
  audios: "audios.json",
  transactions: "transactions.json",
  creditConfig: "credit-config.json",
  fournisseurGains: "fournisseur-gains.json",
  virements: "virements.json",
} as const satisfies Record<SeedKey, string>;

/** Every list of months in a folder. */
export function monthLists(files: SeedFiles): { month: string }[][] {
  return [
    files.stats.monthly,
    files.transactions.monthlyRevenue,
    files.fournisseurGains.monthly,
    files.virements.monthly,
  ];
}
