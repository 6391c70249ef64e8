import { createInterface } from "node:readline/promises";
import { io } from "./io.ts";
import { Refusal } from "./output.ts";

/** Asks on the terminal; anything but yes is a Refusal with the text `otherwise`. Without a terminal it is one with `unasked`. */
export async function confirm(question: string, otherwise: string, unasked: string): Promise<void> {
  if (!io().stdin.isTTY) throw new Refusal(unasked);
  const terminal = createInterface({ input: io().stdin, output: io().stderr });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  if (!/^(y|yes|o|oui)$/i.test(answer.trim())) throw new Refusal(otherwise);
}
