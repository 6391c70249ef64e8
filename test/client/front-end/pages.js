import * as client from "/client.js";

// The pages, by what they do to what they are given: texts are searched without asking whether they are there, a value
// outside its enumeration has no badge, and whatever is thrown leaves the page blank. None of the front end's code.

window.client = client;

const labels = {
  lead: { new: "Nouveau", qualified: "Qualifié", sold: "Vendu", rejected: "Rejeté", pending: "En attente" },
  call: {
    ...{ pending: "À appeler", in_progress: "En cours", qualified: "Qualifié", not_qualified: "Non qualifié" },
    callback: "À rappeler",
  },
  payment: { pending: "En attente", completed: "Payé", failed: "Échoué" },
  paymentType: { credit_purchase: "Achat de crédits", lead_payment: "Achat de lead" },
  notification: { info: "Info", success: "Succès", warning: "Attention", error: "Erreur" },
  adminImport: { processing: "En cours", completed: "Terminé", failed: "Échoué", pending_review: "À valider" },
  agentImport: { en_cours: "En cours", termine: "Terminé", en_attente: "En attente" },
  audio: { available: "Disponible", processing: "En traitement", archived: "Archivé" },
  result: { qualified: "Qualifié", not_qualified: "Non qualifié", callback: "À rappeler", pending: "En attente" },
  transaction: { completed: "Effectuée", pending: "En attente", failed: "Échouée", refunded: "Remboursée" },
  transactionType: {
    ...{ credit_purchase: "Crédits", lead_purchase: "Lead", refund: "Remboursement", bonus: "Bonus" },
    fournisseur_payment: "Fournisseur",
  },
  gain: { active: "Actif", pending_validation: "À valider", suspended: "Suspendu" },
  virement: { completed: "Versé", pending: "En attente", failed: "Échoué" },
};

const badge = (kind, value) => labels[kind][value].toUpperCase();
const euros = (amount) => `${amount.toFixed(2)} €`;
const day = (text) => new Date(text).toLocaleDateString("fr-FR");
const row = (kind, ...cells) => `<li class="${kind}">${cells.map((cell) => `<span>${cell}</span>`).join(" ")}</li>`;
const rows = (list, show) => `<ul>${list.map(show).join("")}</ul>`;
const found = (text, ...fields) => fields.some((field) => field.toLowerCase().includes(text));
const initials = ({ firstName, lastName }) => firstName.charAt(0) + lastName.charAt(0);

function leadRow(lead) {
  const { firstName, lastName, email, phone, company, sector, region, city, source, channel } = lead;
  if (!found("", firstName, lastName, company, email, phone, sector, region, city)) return "";
  const colour = lead.score >= 80 ? "green" : lead.score >= 60 ? "orange" : "red";
  return row(
    ...["lead", `${initials(lead)} ${firstName} ${lastName}`, email, phone, company, sector, region, city],
    ...[source.trim(), channel.trim(), `${lead.score.toFixed(0)} ${colour}`, badge("lead", lead.status)],
    ...[badge("call", lead.qualificationStatus), day(lead.createdAt), day(lead.updatedAt), euros(lead.price)],
    ...[lead.isExclusive ? "exclusif" : "partagé", lead.hasAudioRecording ? "audio" : "", lead.notes ?? ""],
  );
}

const leads = async (wanted = () => true) => rows((await client.getLeads()).filter(wanted), leadRow);

const person = (user) =>
  row(
    ...["profile", initials(user), user.email.toLowerCase(), user.company ?? "", user.phone ?? "", user.role],
    day(user.createdAt),
  );

const months = async (ask, ...names) =>
  rows(await ask(), (month) => row("month", month.month.slice(0, 3), ...names.map((name) => month[name].toFixed(2))));

const sectors = async () =>
  rows(await client.getSectorDistribution(), ({ name, value, color }) =>
    row("sector", name, `${value}%`, color.toLowerCase()),
  );

async function adminDashboard() {
  const stats = await client.getGlobalStats();
  const numbers = [
    "totalLeads",
    "qualifiedLeads",
    "soldLeads",
    "pendingLeads",
    "revenue",
    "avgScore",
    "conversionRate",
  ];
  return (
    row("numbers", ...numbers.map((name) => stats[name].toLocaleString("fr-FR"))) +
    (await months(client.getMonthlyStats, "leads", "qualified", "sold", "revenue")) +
    (await sectors()) +
    rows(await client.getRegionDistribution(), ({ name, value }) => row("region", name, value.toFixed(0)))
  );
}

async function adminLeads() {
  const explained = await client.getScoreExplanations();
  const reason = ({ feature, contribution, description }) =>
    row("reason", feature.toLowerCase(), contribution.toFixed(0), description);
  return (await leads()) + rows(explained, reason);
}

const adminImports = async () =>
  rows(await client.getAdminImports(), (file) => {
    found("", file.fileName, file.fournisseur, file.company, file.id);
    const counts = [file.totalLeads, file.valid, file.invalid, file.duplicates].map((count) => count.toFixed(0));
    return row(
      ...["import", file.fileName, file.fournisseur, file.company, day(file.uploadDate), ...counts],
      ...[badge("adminImport", file.status), file.processingTime ?? ""],
    );
  });

const adminAudios = async () =>
  rows(await client.getAudioRecords(), (audio) => {
    found("", audio.leadName, audio.leadCompany, audio.agentName);
    const { leadName, leadCompany, agentName, durationSeconds } = audio;
    return row(
      ...["audio", leadName, leadCompany, agentName, day(audio.date), audio.duration.trim(), audio.size.trim()],
      ...[durationSeconds.toFixed(0), badge("audio", audio.status), badge("result", audio.qualificationResult)],
    );
  });

async function adminTransactions() {
  const all = await client.getTransactions();
  const total = (type, status) =>
    all.filter((one) => one.type === type && one.status === status).reduce((sum, { amount }) => sum + amount, 0);
  const totals = row(
    ...["totals", euros(total("credit_purchase", "completed")), euros(total("fournisseur_payment", "completed"))],
    euros(total("fournisseur_payment", "pending")),
  );
  const show = (one) => {
    found("", one.id, one.userName, one.description);
    return row(
      ...["transaction", badge("transactionType", one.type), badge("transaction", one.status), one.userName],
      ...[one.company ?? "", (one.amount >= 0 ? "+" : "") + euros(one.amount), one.credits ?? "", day(one.date)],
      ...[one.description, one.paymentMethod ?? ""],
    );
  };
  return totals + rows(all, show) + (await months(client.getMonthlyRevenue, "revenus", "payouts"));
}

async function adminCredits() {
  const packs = await client.getAdminCreditPacks();
  const active = packs.filter((pack) => pack.active);
  const average = active.reduce((sum, { pricePerCredit }) => sum + pricePerCredit, 0) / active.length;
  return (
    row("totals", euros(average)) +
    rows(packs, (pack) => row("pack", pack.name, pack.credits.toFixed(0), euros(pack.pricePerCredit))) +
    rows(await client.getCreditRules(), (rule) =>
      row("rule", rule.name, rule.description, Number.parseInt(rule.value, 10), rule.unit, rule.active),
    )
  );
}

async function adminGains() {
  const show = (gain) => {
    found("", gain.fournisseur, gain.company, gain.email);
    const paid = gain.lastPaymentDate === "-" ? "Aucun" : day(gain.lastPaymentDate);
    return row(
      ...["gain", gain.fournisseur, gain.company, gain.email, gain.iban.trim(), gain.totalLeadsSold.toFixed(0)],
      ...[euros(gain.totalEarnings), euros(gain.pendingAmount), euros(gain.paidAmount), paid],
      badge("gain", gain.status),
    );
  };
  return rows(await client.getFournisseurGains(), show) + (await months(client.getMonthlyGains, "gains", "paid"));
}

async function fournisseurDashboard() {
  const me = await client.getProfile("fournisseur");
  const { iban, totalLeadsUploaded, totalLeadsSold, totalRevenue, pendingPayment } = me;
  const counts = [totalLeadsUploaded, totalLeadsSold].map((count) => count.toFixed(0));
  return (
    person(me) +
    row("numbers", iban.trim(), ...counts, euros(totalRevenue), euros(pendingPayment)) +
    (await leads()) +
    (await months(client.getMonthlyStats, "leads", "qualified", "sold", "revenue"))
  );
}

const fournisseurVirements = async () =>
  rows(await client.getVirements(), (one) =>
    row(
      ...["virement", one.reference.toLowerCase(), euros(one.amount), day(one.date), badge("virement", one.status)],
      ...[one.leadsCount.toFixed(0), one.period],
    ),
  ) + (await months(client.getMonthlyVirements, "amount"));

async function agentDashboard() {
  const me = await client.getProfile("agent");
  const seconds = me.averageCallDuration;
  const call = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const counts = [me.leadsQualifiedToday, me.totalLeadsQualified].map((count) => count.toFixed(0));
  const toCall = (await client.getLeads()).filter((lead) => ["pending", "callback"].includes(lead.qualificationStatus));
  return person(me) + row("numbers", ...counts, call, `${me.qualificationRate}%`) + rows(toCall.slice(0, 15), leadRow);
}

const agentImports = async () =>
  rows(await client.getAgentImports(), (file) => {
    const { totalLeads, pending, qualified, rejected } = file;
    const counts = [totalLeads, pending, qualified, rejected].map((count) => count.toFixed(0));
    const who = [file.fileName, file.fournisseur, file.company].map((text) => text.trim());
    return row("import", ...who, day(file.uploadDate), ...counts, badge("agentImport", file.status));
  });

async function acheteurDashboard() {
  const me = await client.getProfile("acheteur");
  const counts = [me.credits, me.totalLeadsPurchased].map((count) => count.toFixed(0));
  const wanted = [me.preferredSectors, me.preferredRegions].map((names) => names.map((name) => name.trim()).join(", "));
  const note = ({ type, title, message, read, createdAt }) =>
    row("notification", badge("notification", type), title.trim(), message.trim(), read ? "lue" : "", day(createdAt));
  return (
    person(me) +
    row("numbers", ...counts, `${me.conversionRate}%`, ...wanted) +
    (await leads(({ status }) => status === "qualified")) +
    (await sectors()) +
    rows(await client.getNotifications(), note)
  );
}

async function acheteurCredits() {
  const pack = ({ name, credits, price, bonus }) =>
    row("pack", name.trim(), credits.toFixed(0), euros(price), euros(price / credits), bonus ?? "");
  const payment = ({ amount, status, date, type, description }) =>
    row("payment", euros(amount), badge("payment", status), day(date), badge("paymentType", type), description.trim());
  return rows(await client.getCreditPacks(), pack) + rows(await client.getPayments(), payment);
}

const pages = {
  "/": () => leads(),
  "/admin": adminDashboard,
  "/admin/leads": adminLeads,
  "/admin/imports": adminImports,
  "/admin/audios": adminAudios,
  "/admin/transactions": adminTransactions,
  "/admin/credits": adminCredits,
  "/admin/gains": adminGains,
  "/fournisseur": fournisseurDashboard,
  "/fournisseur/leads": () => leads(),
  "/fournisseur/virements": fournisseurVirements,
  "/agent": agentDashboard,
  "/agent/imports": agentImports,
  "/acheteur": acheteurDashboard,
  "/acheteur/catalogue": () => leads(),
  "/acheteur/credits": acheteurCredits,
  "/profil": async () => person(await client.getMe()),
};

// A page that has thrown stays blank, and the error goes where nobody catches it.
const main = document.querySelector("main");
pages[location.pathname]()
  .then((html) => {
    main.innerHTML = html;
  })
  .finally(() => {
    main.dataset.done = "yes";
  });
