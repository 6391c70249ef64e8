import { call, get, post, read, supabase } from "./api.js";
import { bars, columns } from "./charts.js";
import { html } from "./html.js";

/** The pages of a role, by the name that the address has for each; the first one is where it begins. */
export function pagesOf(role) {
  const pages = {
    undefined: { catalogue },
    acheteur: { catalogue, achats, statistiques: marketStats },
    fournisseur: { leads: ownLeads, imports, statistiques: supplierStats },
    agent: { appels, statistiques: agentStats },
    admin: { leads: ownLeads, imports: receivedFiles, statistiques: platformStats },
  };
  return pages[role] ?? pages.undefined;
}

/** Beyond it a file does not pass through a function. */
const largeBytes = 5_000_000;

const number = new Intl.NumberFormat("fr-FR");
const euros = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
const day = (text) => new Date(text).toLocaleDateString("fr-FR");

const labels = {
  ...{ new: "Nouveau", qualified: "Qualifié", sold: "Vendu", rejected: "Rejeté", pending: "En attente" },
  ...{ in_progress: "En cours", not_qualified: "Non qualifié", callback: "À rappeler" },
  ...{ processing: "En cours", completed: "Terminé", failed: "Échoué", pending_review: "À valider" },
};
const kinds = { qualified: "good", completed: "good", rejected: "poor", failed: "poor", not_qualified: "poor" };
const badge = (value) => html`<span class="badge ${kinds[value]}">${labels[value] ?? value}</span>`;

function scored(score) {
  return html`<span class="score ${score >= 80 ? "good" : score >= 60 ? "fair" : "poor"}">${score}</span>`;
}

const numeric = new Set(["Prix", "Lignes", "Nouveaux", "Doublons", "Refusées"]);

function table(heads, rows, empty) {
  if (rows.length === 0) return html`<p class="soft">${empty}</p>`;
  const head = heads.map((name) => html`<th scope="col" class="${numeric.has(name) && "number"}">${name}</th>`);
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

const leadHeads = ["Contact", "Téléphone", "Secteur", "Région", "Score", "Statut", "Reçu le", "Prix", ""];

function leadRow(lead, action = "") {
  return html`<tr data-lead="${lead.id}">
    <td>${lead.firstName} ${lead.lastName}<br /><span class="soft">${lead.email}</span></td>
    <td class="whole">${lead.phone}</td>
    <td>${lead.sector}</td>
    <td>${lead.region}<br /><span class="soft">${lead.city}</span></td>
    <td>${scored(lead.score)}</td>
    <td>${badge(lead.status)}</td>
    <td>${day(lead.createdAt)}</td>
    <td class="number">${euros.format(lead.price)}</td>
    <td>${action}</td>
  </tr>`;
}

// --- The catalogue -------------------------------------------------------------------------------------------------

const wanted = { sector: "", region: "", score: "0" };

/** What is on sale, with masked contacts, filtered by the database: the first hundred. */
const catalogue = {
  title: "Catalogue",
  async show(page, app) {
    let query = supabase.from("leads").select("*", { count: "exact" }).eq("status", "qualified").limit(100);
    if (wanted.sector) query = query.eq("sector", wanted.sector);
    if (wanted.region) query = query.eq("region", wanted.region);
    if (wanted.score !== "0") query = query.gte("score", Number(wanted.score));
    const [{ data: leads, count, error }, all] = await Promise.all([query, read(onSale())]);
    if (error) throw error;
    const buy = app.me?.role === "acheteur" && html`<button class="primary" data-buy>Acheter</button>`;
    page.innerHTML = html`<h1>Catalogue</h1>
      <section>
        <form class="row">
          ${choice("sector", "Secteur", all)} ${choice("region", "Région", all)}
          <label>Score minimal
            <select name="score">${["0", "60", "70", "80", "90"].map((score) => option(score, wanted.score))}</select>
          </label>
          <span class="soft">${number.format(count)} lead${count > 1 ? "s" : ""} en vente</span>
        </form>
        ${table(
          leadHeads,
          leads.map((lead) => leadRow(lead, buy)),
          "Aucun lead ne correspond.",
        )}
      </section>`;
    page.querySelector("form").addEventListener("change", ({ target }) => {
      wanted[target.name] = target.value;
      app.show();
    });
    for (const button of page.querySelectorAll("[data-buy]"))
      button.addEventListener("click", () => offer(button.closest("tr").dataset.lead, app));
  },
};

const onSale = () => supabase.from("leads").select("sector, region").eq("status", "qualified");

function choice(name, label, leads) {
  const values = [...new Set(leads.map((lead) => lead[name]))].sort((a, b) => a.localeCompare(b, "fr"));
  return html`<label>${label}
    <select name="${name}">
      <option value="">Tous</option>
      ${values.map((value) => option(value, wanted[name]))}
    </select>
  </label>`;
}

const option = (value, chosen) => html`<option ${value === chosen ? "selected" : ""}>${value}</option>`;

/** Asks for the price of now, and buys at that price or not at all. */
async function offer(id, app) {
  try {
    const { credits, price, returnDays, affordable } = await get(`leads/${id}/price`);
    const { dialog } = app;
    dialog.innerHTML = html`<form method="dialog">
      <h2>Acheter ce lead ?</h2>
      <p>Il coûte <strong>${credits} crédits</strong> (${euros.format(price)}) ; vous en avez ${app.me.credits}.</p>
      <p class="soft">Un lead qui n'est pas comme annoncé se rend pendant ${returnDays} jours.</p>
      ${!affordable && html`<p class="poor">Votre solde ne suffit pas.</p>`}
      <menu>
        <button>Annuler</button>
        <button class="primary" value="buy" ${affordable ? "" : "disabled"}>Acheter</button>
      </menu>
    </form>`;
    dialog.onclose = () => dialog.returnValue === "buy" && buyAt(id, { credits, price }, app);
    dialog.returnValue = "";
    dialog.showModal();
  } catch (error) {
    app.say(error.message, "error");
  }
}

async function buyAt(id, seen, app) {
  try {
    // A price that has changed meanwhile is refused (409 price_changed). Repeated, the call buys nothing twice.
    const { lead, credits } = await post(`leads/${id}/purchase`, seen);
    app.me.credits = credits;
    app.say(`${lead.firstName} ${lead.lastName}, ${lead.phone ?? lead.email} : il vous reste ${credits} crédits.`);
    await app.show();
  } catch (error) {
    app.say(error.message, "error");
  }
}

const achats = {
  title: "Mes achats",
  async show(page) {
    const leads = await read(supabase.from("leads").select().eq("status", "sold").limit(100));
    page.innerHTML = html`<h1>Mes achats</h1>
      <section>${table(
        leadHeads,
        leads.map((lead) => leadRow(lead)),
        "Vous n'avez encore rien acheté.",
      )}</section>`;
  },
};

const ownLeads = {
  title: "Leads",
  async show(page) {
    const leads = await read(supabase.from("leads").select().limit(100));
    page.innerHTML = html`<h1>Leads</h1>
      <section>${table(
        leadHeads,
        leads.map((lead) => leadRow(lead)),
        "Aucun lead pour l'instant.",
      )}</section>`;
  },
};

const appels = {
  title: "À appeler",
  async show(page) {
    const toCall = supabase.from("leads").select().in("qualificationStatus", ["pending", "callback"]).limit(15);
    const rows = (await read(toCall)).map((lead) => leadRow(lead, badge(lead.qualificationStatus)));
    page.innerHTML = html`<h1>À appeler</h1>
      <section>${table(leadHeads, rows, "Personne à appeler.")}</section>`;
  },
};

// --- Files ---------------------------------------------------------------------------------------------------------

const importHeads = ["Fichier", "Envoyé le", "Lignes", "Nouveaux", "Doublons", "Refusées", "Statut", ""];

/** Sends a file and follows it until it has been read. */
const imports = {
  title: "Imports",
  async show(page, app) {
    const files = await read(supabase.from("imports").select().limit(20));
    const rejects = ({ id, invalid }) => invalid > 0 && html`<button data-rejects="${id}">Lignes refusées</button>`;
    const rows = files.map((file) => importRow(file, rejects(file)));
    page.innerHTML = html`<h1>Imports</h1>
      <section>
        <form class="row">
          <label>Fichier CSV ou classeur, 50 Mo au plus <input type="file" name="file" required /></label>
          <button class="primary">Envoyer</button>
        </form>
        <div id="progress"></div>
      </section>
      <section>${table(importHeads, rows, "Aucun fichier pour l'instant.")}</section>`;
    page.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      send(new FormData(event.target), app);
    });
    for (const button of page.querySelectorAll("[data-rejects]"))
      button.addEventListener("click", () => saveRejects(button.dataset.rejects, app));
  },
};

function importRow(file, action = "") {
  return html`<tr>
    <td>${file.fileName}<br /><span class="soft">${file.id}</span></td>
    <td>${day(file.uploadDate)}</td>
    <td class="number">${number.format(file.read)}</td>
    <td class="number">${number.format(file.inserted)}</td>
    <td class="number">${number.format(file.duplicates.total)}</td>
    <td class="number">${number.format(file.invalid)}</td>
    <td>${badge(file.status)} <span class="soft">${file.failure}</span></td>
    <td>${action}</td>
  </tr>`;
}

async function send(form, app) {
  try {
    let file = await call("imports", { method: "POST", body: await withoutLargeFile(form) });
    while (file.status === "processing") {
      follow(file);
      await new Promise((resolve) => setTimeout(resolve, 500));
      file = await read(supabase.rpc("import_detail", { id: file.id }));
    }
    await app.show();
    follow(file);
  } catch (error) {
    app.say(error.message, "error");
  }
}

/** A large file goes straight into Storage, since a hosted function has little memory; the form names where it lies. */
async function withoutLargeFile(form) {
  const file = form.get("file");
  if (file.size <= largeBytes) return form;
  const { bucket, path, token, contentType } = await post("imports/upload");
  const content = new Blob([file], { type: contentType });
  const { error } = await supabase.storage.from(bucket).uploadToSignedUrl(path, token, content);
  if (error) throw error;
  form.delete("file");
  form.set("upload", path);
  form.set("fileName", file.name);
  return form;
}

/** How far a file has come. Whoever has left the page finds it in the list. */
function follow(file) {
  const progress = document.getElementById("progress");
  if (!progress) return;
  const reason = ({ rows, example }) => html`<li>${rows} ligne${rows > 1 ? "s" : ""} : ${example}</li>`;
  progress.innerHTML = html`<p>${badge(file.status)} ${file.fileName} : ${number.format(file.read)} lignes lues,
      ${number.format(file.inserted)} nouveaux leads, ${number.format(file.duplicates.total)} doublons,
      ${number.format(file.invalid)} refusées. <span class="poor">${file.failure}</span></p>
    <ul class="soft">${(file.reasons ?? []).map(reason)}</ul>`;
}

async function saveRejects(id, app) {
  try {
    const text = await get(`imports/${id}/rejects`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = `${id}-refus.csv`;
    link.click();
    URL.revokeObjectURL(link.href);
  } catch (error) {
    app.say(error.message, "error");
  }
}

const receivedFiles = {
  title: "Imports",
  async show(page) {
    const files = await read(supabase.from("imports").select().limit(50));
    page.innerHTML = html`<h1>Imports</h1>
      <section>${table(
        importHeads,
        files.map((file) => importRow(file)),
        "Aucun fichier.",
      )}</section>`;
  },
};

// --- Statistics ----------------------------------------------------------------------------------------------------

const numbers = (pairs) =>
  html`<dl class="numbers">${pairs.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

const chart = (title, drawn) => html`<section><h2>${title}</h2>${drawn}</section>`;

function monthly(months) {
  const by = (name) => months.map((month) => ({ label: month.month, value: month[name] }));
  return [
    chart("Leads par mois", columns(by("leads"), number.format)),
    chart("Ventes par mois", columns(by("sold"), number.format)),
    chart(
      "Chiffre d'affaires par mois, en euros",
      columns(by("revenue"), (value) => number.format(Math.round(value))),
    ),
  ];
}

const platformStats = {
  title: "Statistiques",
  async show(page) {
    const names = ["stats_global", "stats_monthly", "stats_sectors", "stats_regions"];
    const [all, months, sectors, regions] = await Promise.all(names.map((name) => read(supabase.rpc(name))));
    page.innerHTML = html`<h1>Statistiques</h1>
      ${numbers([
        ["Leads", number.format(all.totalLeads)],
        ["Qualifiés", number.format(all.qualifiedLeads)],
        ["Vendus", number.format(all.soldLeads)],
        ["Chiffre d'affaires", euros.format(all.revenue)],
        ["Score moyen", number.format(all.avgScore)],
        ["Conversion", `${number.format(all.conversionRate)} %`],
      ])}
      <div class="grid">
        ${monthly(months)} ${chart("Leads par secteur", bars(sectors))} ${chart("Leads par région", bars(regions))}
      </div>`;
  },
};

const supplierStats = {
  title: "Statistiques",
  async show(page, { me }) {
    const months = await read(supabase.rpc("stats_monthly"));
    page.innerHTML = html`<h1>Statistiques</h1>
      ${numbers([
        ["Leads envoyés", number.format(me.totalLeadsUploaded)],
        ["Leads vendus", number.format(me.totalLeadsSold)],
        ["Gagné", euros.format(me.totalRevenue)],
        ["À recevoir", euros.format(me.pendingPayment)],
      ])}
      <div class="grid">${monthly(months)}</div>`;
  },
};

const agentStats = {
  title: "Statistiques",
  async show(page, { me }) {
    const seconds = Math.round(me.averageCallDuration);
    page.innerHTML = html`<h1>Statistiques</h1>
      ${numbers([
        ["Qualifiés aujourd'hui", number.format(me.leadsQualifiedToday)],
        ["Qualifiés en tout", number.format(me.totalLeadsQualified)],
        ["Durée moyenne d'un appel", `${Math.floor(seconds / 60)} min ${seconds % 60} s`],
        ["Taux de qualification", `${number.format(me.qualificationRate)} %`],
      ])}`;
  },
};

const marketStats = {
  title: "Statistiques",
  async show(page, { me }) {
    const sectors = await read(supabase.rpc("stats_sectors"));
    page.innerHTML = html`<h1>Statistiques</h1>
      ${numbers([
        ["Crédits", number.format(me.credits)],
        ["Leads achetés", number.format(me.totalLeadsPurchased)],
        ["Conversion", `${number.format(me.conversionRate)} %`],
      ])}
      <div class="grid">${chart("Leads par secteur", bars(sectors))}</div>`;
  },
};
