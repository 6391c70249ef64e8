import { supabase, whoIsSignedIn } from "./api.js";
import { html } from "./html.js";
import { pagesOf } from "./pages.js";

// The frame: who is signed in, which pages there are for that role, and the page that the address names.

const demoPassword = "demo-Password-1";
const demoAccounts = [
  ["acheteur", "pierre@renovation-plus.fr"],
  ["fournisseur", "sophie@agence-ads.fr"],
  ["agent", "marc@leads-provider.fr"],
  ["admin", "admin@leads-provider.fr"],
];

const byId = (id) => document.getElementById(id);
const app = { me: null, show, say, dialog: byId("dialog") };

let latest;

/** Shows the page that the address names, from what the project answers now; nothing where another was asked for since. */
async function show() {
  const pages = pagesOf(app.me?.role);
  const name = location.hash.slice(1) in pages ? location.hash.slice(1) : Object.keys(pages)[0];
  const tab = ([id, { title }]) => html`<a href="#${id}" ${id === name ? html`aria-current="page"` : ""}>${title}</a>`;
  byId("tabs").innerHTML = html`${Object.entries(pages).map(tab)}`;
  byId("account").innerHTML = account();
  const page = document.createElement("div");
  latest = page;
  try {
    await pages[name].show(page, app);
  } catch (error) {
    say(error.message, "error");
  }
  if (page === latest) byId("page").replaceChildren(page);
}

function account() {
  if (!app.me) return html`${demoAccounts.map(([role, email]) => html`<button data-demo="${email}">${role}</button>`)}`;
  const { firstName, lastName, role, credits } = app.me;
  return html`<span>${firstName} ${lastName} <span class="badge">${role}</span></span>
    ${role === "acheteur" && html`<strong id="balance">${credits} crédits</strong>`}
    <button id="sign-out">Se déconnecter</button>`;
}

let silence;

/** Tells something for a while. */
function say(text, kind = "") {
  Object.assign(byId("message"), { textContent: text, className: kind });
  clearTimeout(silence);
  silence = setTimeout(() => byId("message").replaceChildren(), 6000);
}

byId("account").addEventListener("click", async ({ target }) => {
  if (target.id === "sign-out") await supabase.auth.signOut({ scope: "local" });
  else if (!target.dataset.demo) return;
  else {
    const account = { email: target.dataset.demo, password: demoPassword };
    const { error } = await supabase.auth.signInWithPassword(account);
    if (error) return say(error.message, "error");
  }
  await begin();
});

async function begin() {
  try {
    app.me = await whoIsSignedIn();
  } catch (error) {
    app.me = null;
    say(error.message, "error");
  }
  await show();
}

window.addEventListener("hashchange", show);
await begin();
