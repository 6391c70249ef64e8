import { Agent, request as open } from "node:http";
import { text } from "node:stream/consumers";
import type { Batch, BatchReport, Load, LoadReport, Sending } from "./load.ts";

// Runs as a child process: takes one load or batch after the other and answers what came of it.

const agent = new Agent({ keepAlive: true });

process.on("message", (order: Load | Batch) => {
  const work: Promise<LoadReport | BatchReport> = "requests" in order ? send(order) : run(order);
  work.then(
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

async function send({ requests, connections }: Batch): Promise<BatchReport> {
  const answers: string[] = [];
  const left = requests.entries();
  const loop = async () => {
    for (const [position, sending] of left) answers[position] = await textOf(sending);
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: connections }, loop));
  return { requestsPerSecond: (requests.length / (performance.now() - begun)) * 1000, answers };
}

function request({ url, headers }: Load): Promise<void> {
  return new Promise((resolve, reject) => {
    open(url, { agent, headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${url} answered ${answer.statusCode}`));
      answer.on("error", reject).on("end", resolve).resume();
    })
      .on("error", reject)
      .end();
  });
}

function textOf({ method, url, headers, body, status }: Sending): Promise<string> {
  return new Promise((resolve, reject) => {
    open(url, { agent, method, headers: withLength(headers, body) }, (answer) => {
      text(answer).then((found) => {
        if (answer.statusCode === status) resolve(found);
        else reject(new Error(`${method} ${url} answered ${answer.statusCode}: ${found}`));
      }, reject);
    })
      .on("error", reject)
      .end(body);
  });
}

function withLength(headers: Record<string, string>, body: string | undefined): Record<string, string> {
  if (body === undefined) return headers;
  return { ...headers, "Content-Type": "application/json", "Content-Length": String(Buffer.byteLength(body)) };
}
