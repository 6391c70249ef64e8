import type { Entry } from "./journal.ts";
import type { Market } from "./market.ts";
import type { Operation } from "./operation.ts";
import { sendUntilAnswered } from "./request.ts";

/** Every buyer wants the same exclusive lead at the same moment, one lead after the other. Returns who was told what. */
export async function race(dataDir: string, { buyers, prizes }: Market): Promise<Entry[][]> {
  const races: Entry[][] = [];
  for (const prize of prizes) {
    const ask = async (actor: string, n: number): Promise<Entry> => {
      const operation: Operation = { kind: "purchase", actor, path: `leads/${prize}/purchase`, subject: prize };
      return { n, operation, ...(await sendUntilAnswered(dataDir, operation)) };
    };
    races.push(await Promise.all(buyers.map(ask)));
  }
  return races;
}
