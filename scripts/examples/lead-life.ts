import { randomUUID } from "node:crypto";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { Command } from "commander";
import { WebSocket } from "ws";
import { serviceClient } from "../../cli/service.ts";
import { addTargetOptions, need, resolveTarget, type Target, type TargetOptions } from "../../cli/target.ts";

/*
 * npm run example
 * The life of a lead against the running stack, through supabase-js, as a front end would go about it: a supplier
 * registers and sends a file, an agent calls, everybody sees the lead in the catalogue, masked, and a buyer gets the
 * contact for his credits. What it makes stays there to be looked at; each run makes people of its own.
 */

let steps = 0;

// Without a proof of consent nobody is called, unless an admin says so of the source.
const consentHeaders =
  "Version du consentement;Page du consentement;IP du consentement;Consentement le;Destinataires du consentement";
const consent = "2026-01;https://example.com/devis;203.0.113.7;01/10/2026 10:00;Leads Provider";
const anyHour = { days: [1, 2, 3, 4, 5, 6, 7], hours: [{ from: "00:00", until: "24:00" }], onHolidays: true };

const program = new Command("lead-life").description("the life of a lead, step by step, on the running stack");
addTargetOptions(program);
program.action(async (options: TargetOptions) => leadLife(resolveTarget(options)));
await program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});

type Import = {
  id: string;
  status: string;
  read: number;
  inserted: number;
  invalid: number;
  reasons: { example: string }[];
};
type Lead = { id: string; firstName: string; lastName: string; email: string; phone: string; score: number };

async function leadLife(target: Target): Promise<void> {
  // The operator's client holds the secret key and stands for the admin: never in a browser.
  const operator = serviceClient(need(target, "apiUrl"), need(target, "secretKey"));

  step("A supplier registers, and confirms the address by the mailed link");
  const supplier = await registered(target, "fournisseur");

  step("The admin accepts the supplier, and makes an agent");
  await shared(operator, "member_reactivate", { id: supplier.email });
  const agent = await newAgent(target, operator);

  step("The supplier sends a file, and follows the import until it has ended");
  const done = await importFile(supplier);
  say(`${done.id} ${done.status}: ${done.read} rows read, ${done.inserted} new leads, ${done.invalid} refused`);
  for (const { example } of done.reasons) say(`refused: ${example}`);
  say(`to correct and send again:\n${await call(supplier.client, `imports/${done.id}/rejects`)}`);
  const mine = await call<Lead[]>(supplier.client, `leads?search=${supplier.company}`);
  const lead = mine[0] as Lead;
  show("the supplier sees his lead", lead);

  step(
    "An agent calls, at any hour for now; the person asks to be called back, and is the next one when the time has come",
  );
  const lawful = await rpc(operator, "admin_calling_rules");
  await rpc(operator, "admin_calling_rules_change", { rules: anyHour });
  await talk(agent, lead.id).finally(() => rpc(operator, "admin_calling_rules_change", { rules: lawful }));

  step("The agent puts the recording into Storage and reports the call");
  await qualify(agent, lead.id);

  step("The catalogue shows the lead to everybody, without who it is");
  const { data, error } = await anonymous(target).from("leads").select("*").eq("id", lead.id).single<Lead>();
  if (error) throw new Error(`the catalogue does not show ${lead.id}: ${error.message}`);
  show("the public sees", data);

  step("A buyer registers, buys a pack of credits, and with them the lead: now it has a name and a number");
  const buyer = await registered(target, "acheteur");
  await buy(buyer.client, lead.id);
}

type Member = { email: string; company: string; client: SupabaseClient };

async function registered(target: Target, role: "fournisseur" | "acheteur"): Promise<Member> {
  const client = anonymous(target);
  const [email, password] = [`${role}-${randomUUID()}@example.test`, "correct-Horse-9"];
  const company = `Exemple-${randomUUID().slice(0, 8)}`;
  const person = { email, password, firstName: "Nadia", lastName: "Exemple", role, company };
  say((await call<{ message: string }>(client, "auth/register", person)).message);
  await fetch(await mailedLink(target, email), { redirect: "manual" });
  await signIn(client, email, password);
  return { email, company, client };
}

/** What the stack would have mailed is on a page of its own, and in its JSON. */
async function mailedLink(target: Target, email: string): Promise<string> {
  if (!target.mailUrl) throw new Error("this example reads the mails of the embedded stack: run it without --url");
  const address = `${target.mailUrl}/api/messages?to=${encodeURIComponent(email)}`;
  return until("the mail", async () => ((await (await fetch(address)).json()) as { link: string }[])[0]?.link);
}

async function newAgent(target: Target, operator: SupabaseClient): Promise<SupabaseClient> {
  const [email, password] = [`agent-${randomUUID()}@example.test`, "correct-Horse-9"];
  const account = { email, password, email_confirm: true };
  const { data, error } = await operator.auth.admin.createUser(account);
  if (error) throw error;
  const profile = { firstName: "Hugo", lastName: "Exemple" };
  await shared(operator, "member_add", { userId: data.user.id, role: "agent", profile });
  const client = anonymous(target);
  await signIn(client, email, password);
  return client;
}

async function importFile({ client, company }: Member): Promise<Import> {
  // 06 39 98 … are numbers of fiction.
  const phone = `06 39 98 ${String(Math.random()).slice(2, 4)} ${String(Math.random()).slice(2, 4)}`;
  const rows = [
    `Prénom;Nom;Société;E-mail;Téléphone;Secteur;Région;Score;Prix;${consentHeaders}`,
    `Zoé;Durand;${company};zoe-${randomUUID()}@example.test;;Isolation;Bretagne;80;45,00;${consent}`,
    `Paul;Petit;${company};;${phone};Lune;Bretagne;70;30,00;${consent}`,
  ];
  const form = new FormData();
  form.set("file", new File([rows.join("\r\n")], "exemple.csv", { type: "text/csv" }));
  const { id } = await call<Import>(client, "imports", form);
  return until("the import", async () => {
    const now = await call<Import>(client, `imports/${id}`);
    return now.status === "processing" ? undefined : now;
  });
}

async function talk(agent: SupabaseClient, lead: string): Promise<void> {
  const callbackAt = new Date(Date.now() + 1_500).toISOString();
  await call(agent, `leads/${lead}/qualify`, { result: "callback", durationSeconds: 12, callbackAt });
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const next = await call<Lead | "">(agent, "agent/next-lead");
  if (!next) return say("nobody is left to call");
  if (next.id === lead) show("the agent's next lead", next);
  else say(`another lead is due first (${next.id}, reserved for 15 minutes)`);
}

async function qualify(agent: SupabaseClient, lead: string): Promise<void> {
  const target = await call<{ bucket: string; path: string; token: string }>(agent, `leads/${lead}/recording`, {
    extension: "mp3",
  });
  const audio = new Blob(["ID3 (a voice)"], { type: "audio/mpeg" });
  const { error } = await agent.storage.from(target.bucket).uploadToSignedUrl(target.path, target.token, audio);
  if (error) throw error;
  const report = { result: "qualified", durationSeconds: 272, recordingPath: target.path, recordingConsent: true };
  const done = await call<Lead & { callId: string }>(agent, `leads/${lead}/qualify`, report);
  say(`${done.id} is qualified by call ${done.callId}, with a score of ${done.score}`);
}

async function buy(buyer: SupabaseClient, lead: string): Promise<void> {
  const [pack] = await call<{ id: string; name: string; credits: number; price: number }[]>(
    buyer,
    "billing/credit-packs",
  );
  if (!pack) throw new Error("no pack of credits is on sale");
  // The key makes a repetition harmless: whoever gets no answer asks again with the same one.
  await call(buyer, "billing/purchase-pack", { packId: pack.id }, { "Idempotency-Key": randomUUID() });
  say(`pack ${pack.name}: ${pack.credits} credits for ${pack.price} €`);
  type Purchase = { lead: Lead; purchase: { credits: number }; credits: number };
  const bought = await call<Purchase>(buyer, `leads/${lead}/purchase`, {});
  show(`for ${bought.purchase.credits} credits, ${bought.credits} are left, the buyer sees`, bought.lead);
  await call(buyer, `leads/${lead}/outcome`, { outcome: "won" });
}

function anonymous(target: Target): SupabaseClient {
  return createClient(need(target, "apiUrl"), target.publishableKey ?? "", {
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no WebSocket of its own, and supabase-js does not start without one.
    realtime: { transport: WebSocket as never },
  });
}

async function signIn(client: SupabaseClient, email: string, password: string): Promise<void> {
  const { error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  say(`${email} is signed in`);
}

/** Asks an endpoint of the document below `/api/`, as who is signed in to the client: GET, or POST with a body. */
async function call<Answer>(
  client: SupabaseClient,
  path: string,
  body?: FormData | object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const options = body ? { method: "POST" as const, body: body as FormData } : { method: "GET" as const };
  const { data, error } = await client.functions.invoke<Answer>(`leads/api/${path}`, { ...options, headers });
  if (!error) return data as Answer;
  const answer = (error as { context?: Response }).context;
  throw new Error(`${path}: ${answer instanceof Response ? await answer.text() : error}`);
}

async function rpc(client: SupabaseClient, name: string, args: object = {}): Promise<unknown> {
  const { data, error } = await client.rpc(name, args);
  if (error) throw new Error(`${name}: ${error.message}`);
  return data;
}

/** A function that is published for all systems alike. */
async function shared(client: SupabaseClient, name: string, args: object): Promise<void> {
  const { error } = await client.schema("platform_api").rpc(name, { system: "leads", ...args });
  if (error) throw new Error(`${name}: ${error.message}`);
}

/** Asks again until there is an answer; a minute at most. */
async function until<Value>(what: string, ask: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${what} did not come`);
}

function step(text: string): void {
  steps += 1;
  console.log(`\n${steps}. ${text}`);
}

function say(text: string): void {
  console.log(`   ${text.trimEnd().replaceAll("\n", "\n   ")}`);
}

function show(who: string, { id, firstName, lastName, email, phone, score }: Lead): void {
  say(`${who}: ${id}, ${firstName} ${lastName}, ${email || "no e-mail"}, ${phone || "no telephone"}, score ${score}`);
}
