import type { Market } from "./market.ts";
import { type Random, randomOf } from "./random.ts";

/** What a client may do with the market, and how often out of a hundred times. */
const kinds = {
  ...{ purchase: 55, again: 10, return: 11, decision: 8, outcome: 4 },
  ...{ pack: 6, payout: 4, settlement: 2 },
};
export type Kind = keyof typeof kinds;

/** One request: who asks what. The same request is sent until it has an answer that says what became of it. */
export type Operation = {
  kind: Kind;
  actor: string;
  /** POST if not said. */
  method?: "PUT";
  path: string;
  /** What it is about: a lead, a return, a pack, a supplier, a transfer. */
  subject: string;
  key?: string;
  body?: object;
};

/** What a client knows from its answers. */
export type Memory = {
  bought: { buyer: string; lead: string }[];
  /** Returns that nobody decided yet, as far as the client knows. */
  returns: string[];
  /** Transfers to suppliers of which the bank has said nothing yet, as far as the client knows. */
  payouts: string[];
  /** Requests with a key, which may be sent once more. */
  keyed: Operation[];
};

/** The client's n-th operation. Only what it knows and the seed decide which. */
export function planned(random: Random, market: Market, memory: Memory, progress: number): Operation {
  const kind = kindOf(random.below(100));
  return plans[kind](random, market, memory, progress) ?? purchase(random, market, progress);
}

type Plan = (random: Random, market: Market, memory: Memory, progress: number) => Operation | undefined;

const plans: Record<Kind, Plan> = {
  purchase: (random, market, _, progress) => purchase(random, market, progress),
  // What was asked and answered before: nothing may come of it a second time.
  again: (random, _, { bought, keyed }) => {
    const known = random.pick(bought);
    if (random.below(2) === 0) return random.pick(keyed);
    return known && { kind: "purchase", actor: known.buyer, path: `leads/${known.lead}/purchase`, subject: known.lead };
  },
  return: (random, _, { bought }) => {
    // Those bought last, since the window is short.
    const known = random.pick(bought.slice(-5));
    const reason = random.pick(["invalid_number", "duplicate", "out_of_criteria"]);
    return (
      known && {
        kind: "return",
        actor: known.buyer,
        path: `leads/${known.lead}/return`,
        subject: known.lead,
        body: { reason },
      }
    );
  },
  decision: (random, { admin }, { returns }) => {
    const id = random.pick(returns);
    const accepted = random.below(3) > 0;
    return id === undefined
      ? undefined
      : { kind: "decision", actor: admin, path: `admin/returns/${id}`, subject: id, body: { accepted } };
  },
  outcome: (random, _, { bought }) => {
    const known = random.pick(bought);
    const outcome = random.pick(["won", "lost", "unreachable"]);
    return (
      known && {
        kind: "outcome",
        actor: known.buyer,
        path: `leads/${known.lead}/outcome`,
        subject: known.lead,
        body: { outcome },
      }
    );
  },
  pack: (random, { buyers, packs }) => {
    const packId = random.pick(packs)?.id ?? "";
    const actor = random.pick(buyers) ?? "";
    return {
      kind: "pack",
      actor,
      path: "billing/purchase-pack",
      subject: packId,
      key: random.uuid(),
      body: { packId },
    };
  },
  payout: (random, { admin, suppliers }) => {
    const supplier = random.pick(suppliers) ?? "";
    return {
      kind: "payout",
      actor: admin,
      path: `admin/gains/${supplier}/pay`,
      subject: supplier,
      key: random.uuid(),
      body: {},
    };
  },
  settlement: (random, { admin }, { payouts }) => {
    const subject = random.pick(payouts);
    if (subject === undefined) return undefined;
    const path = `admin/payouts/${subject}`;
    return random.below(4) > 0
      ? { kind: "settlement", actor: admin, path: `${path}/confirm`, subject }
      : { kind: "settlement", actor: admin, path: `${path}/fail`, subject, body: { reason: "Compte clos" } };
  },
};

// Everybody is after the same few leads, which change as the run goes on.
function purchase(random: Random, { buyers, leads }: Market, progress: number): Operation {
  const hot = Math.floor(progress * Math.max(0, leads.length - 20));
  const lead = leads[Math.min(hot + random.below(20), leads.length - 1)] ?? "";
  return { kind: "purchase", actor: random.pick(buyers) ?? "", path: `leads/${lead}/purchase`, subject: lead };
}

function kindOf(percent: number): Kind {
  let left = percent;
  for (const [kind, share] of Object.entries(kinds) as [Kind, number][]) {
    if (left < share) return kind;
    left -= share;
  }
  return "purchase";
}

/** The draws of a client's n-th operation. */
export function drawsOf(seed: number, client: number, n: number): Random {
  return randomOf(seed, client, n);
}
