import { Agent, get } from "node:http";
import type { Load, LoadReport } from "./load.ts";

// Runs as a child process: takes one load after the other and answers what came of it.

const agent = new Agent({ keepAlive: true });

process.on("message", (load: Load) => {
  run(load).then(
    (report) => process.send?.(report),
    (error: Error) => process.send?.({ error: error.message }),
  );
});
process.on("disconnect", () => process.exit(0));

async function run(load: Load): Promise<LoadReport> {
  const begun = performance.now();
  const until = begun + load.ms;
  let requests = 0;
  const loop = async () => {
    while (performance.now() < until) {
      await request(load);
      requests++;
    }
  };
  await Promise.all(Array.from({ length: load.connections }, loop));
  const elapsed = performance.now() - begun;
  return { requestsPerSecond: (requests / elapsed) * 1000, msPerRequest: (elapsed * load.connections) / requests };
}

function request({ url, headers }: Load): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`));
      answer.on("error", reject).on("end", resolve).resume();
    }).on("error", reject);
  });
}
