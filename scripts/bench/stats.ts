import type { StackInfo } from "../stack/index.ts";
import { inWords } from "./grow.ts";
import type { LoadClient } from "./load.ts";
import { compare, type Result } from "./result.ts";
import { inTurn } from "./rounds.ts";
import { adminToken } from "./tokens.ts";

const functions = ["stats_global", "stats_monthly", "stats_sectors"];

/** Two stacks that differ in the number of their leads. */
export type StatsRun = {
  small: StackInfo;
  large: StackInfo;
  sizes: { small: number; large: number };
  client: LoadClient;
  rounds: number;
  roundMs: number;
};

/** The statistics among many leads against the same among few, as an admin, over PostgREST, one request at a time. */
export async function measureStats({ small, large, sizes, client, rounds, roundMs }: StatsRun): Promise<Result[]> {
  const [ofSmall, ofLarge] = [await adminToken(small), await adminToken(large)];
  const results: Result[] = [];
  for (const name of functions) {
    const time = async (info: StackInfo, token: string) => {
      const url = `${info.restUrl}/rpc/${name}`;
      const headers = { Authorization: `Bearer ${token}` };
      return (await client.run({ url, headers, connections: 1, ms: roundMs })).msPerRequest;
    };
    const figures = await inTurn({ large: () => time(large, ofLarge), small: () => time(small, ofSmall) }, rounds);
    results.push(
      compare(
        {
          group: "Statistics, as admin",
          name: `GET rpc/${name}, ${inWords(sizes.large)} leads`,
          againstName: `${inWords(sizes.small)} leads`,
          unit: "ms",
          aim: { atMost: 1.2 },
        },
        figures.large,
        figures.small,
      ),
    );
  }
  return results;
}
