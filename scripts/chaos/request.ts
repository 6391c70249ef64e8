import { readFileSync } from "node:fs";
import { join } from "node:path";
import { userToken } from "../bench/tokens.ts";
import type { StackInfo } from "../stack/index.ts";
import type { Answer } from "./journal.ts";
import type { Operation } from "./operation.ts";

const patienceMs = 20_000;
const pauseMs = 100;

/** What a request came to: an answer that says what was done, after so many attempts. */
export type Outcome = { status: number; answer: Answer; attempts: number };

/** Sends a request again and again until it is known what became of it, whatever dies meanwhile. */
export async function sendUntilAnswered(dataDir: string, operation: Operation): Promise<Outcome> {
  for (let attempts = 1; ; attempts++) {
    const answered = await send(dataDir, operation).catch(() => undefined);
    if (answered && answered.status < 500) return { ...answered, attempts };
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Sends a request once. Throws where nothing answers. */
async function send(dataDir: string, operation: Operation): Promise<Omit<Outcome, "attempts">> {
  const info = JSON.parse(readFileSync(join(dataDir, "stack.json"), "utf8")) as StackInfo;
  const response = await fetch(`${info.systems.leads?.apiBase}/${operation.path}`, {
    method: operation.method ?? "POST",
    headers: {
      apikey: info.publishableKey,
      Authorization: `Bearer ${userToken(info, operation.actor)}`,
      ...(operation.key ? { "Idempotency-Key": operation.key } : {}),
      "Content-Type": "application/json",
    },
    ...(operation.body ? { body: JSON.stringify(operation.body) } : {}),
    signal: AbortSignal.timeout(patienceMs),
  });
  const text = await response.text();
  return { status: response.status, answer: text === "" ? {} : kept(JSON.parse(text)) };
}

type Answered = Answer & { purchase?: { credits: number } };

function kept({ credits, id, status, code, purchase }: Answered): Answer {
  const paid = purchase?.credits ?? credits;
  return {
    ...(paid === undefined ? {} : { credits: paid }),
    ...(id === undefined ? {} : { id }),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
  };
}
