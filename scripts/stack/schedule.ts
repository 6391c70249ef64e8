import type { StackKeys } from "./keys.ts";
import type { Log, Supervisor } from "./supervisor.ts";

/** What a hosted project has pg_cron call, by function: the pause between two calls. */
const schedule: Readonly<Record<string, number>> = { outbox: 3_000 };

/** Calls functions by schedule with the secret key, each again once the last call has ended, until the stack ends. */
export function callBySchedule(
  supervisor: Supervisor,
  { apiUrl, keys, slugs, log }: { apiUrl: string; keys: StackKeys; slugs: string[]; log: Log },
): void {
  const ended = new AbortController();
  supervisor.closeAtEnd(() => ended.abort());
  for (const slug of slugs.filter((each) => each in schedule)) {
    let failed = false;
    const call = async () => {
      const isFine = await post(`${apiUrl}/functions/v1/${slug}`, keys.secretKey, ended.signal);
      if (ended.signal.aborted) return;
      // Said once, and not every few seconds.
      if (!isFine && !failed) log(`[${slug}] does not answer its calls by schedule`);
      failed = !isFine;
      setTimeout(call, schedule[slug]).unref();
    };
    setTimeout(call, schedule[slug]).unref();
  }
}

async function post(url: string, key: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, { method: "POST", headers: { apikey: key }, signal });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
