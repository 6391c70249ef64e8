// The service layer of the front end that exists, as it was described: one constant, one helper without a header, and a
// file asked for again for each of its parts. None of its code.

const API_BASE = "/functions/v1/leads/api";

async function load(file) {
  const answer = await fetch(`${API_BASE}/${file}`);
  if (!answer.ok) throw new Error(`API ${answer.status}: ${file}`);
  return answer.json();
}

async function send(path, body) {
  const asJson = body && !(body instanceof Blob);
  const answer = await fetch(`${API_BASE}/${path}`, {
    method: "POST",
    ...(body ? { body: asJson ? JSON.stringify(body) : body } : {}),
    ...(asJson ? { headers: { "Content-Type": "application/json" } } : {}),
  });
  if (!answer.ok) throw new Error(`API ${answer.status}: ${path}`);
  return answer.json();
}

const part = (file, name) => async () => (await load(file))[name];

export const getLeads = () => load("leads.json");
export const getProfile = async (role) => (await load("users.json"))[role];
export const getCreditPacks = part("billing.json", "creditPacks");
export const getPayments = part("billing.json", "payments");
export const getNotifications = part("billing.json", "notifications");
export const getGlobalStats = part("stats.json", "globalStats");
export const getMonthlyStats = part("stats.json", "monthlyStats");
export const getSectorDistribution = part("stats.json", "sectorDistribution");
export const getRegionDistribution = part("stats.json", "regionDistribution");
export const getScoreExplanations = part("stats.json", "scoreExplanations");
export const getAdminImports = () => load("admin-imports.json");
export const getAgentImports = () => load("agent-imports.json");
export const getAudioRecords = () => load("audios.json");
export const getTransactions = part("transactions.json", "transactions");
export const getMonthlyRevenue = part("transactions.json", "monthlyRevenue");
export const getAdminCreditPacks = part("credit-config.json", "packs");
export const getCreditRules = part("credit-config.json", "rules");
export const getFournisseurGains = part("fournisseur-gains.json", "gains");
export const getMonthlyGains = part("fournisseur-gains.json", "monthlyGains");
export const getVirements = part("virements.json", "virements");
export const getMonthlyVirements = part("virements.json", "monthlyAmounts");

export const signUp = (person) => send("auth/signup", person);
export const signIn = (username, hashedPassword) => send("auth/signin", { username, hashedPassword });
export const signOut = () => send("auth/signout");
export const refresh = () => send("auth/refresh");
export const getMe = () => load("users/me");
export const updateMe = (changes) => send("users/me", changes);
export const searchUser = (username) => load(`users/search?username=${encodeURIComponent(username)}`);
export const uploadAvatar = (image) => send("users/uploadAvatar", image);
