import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { viewerAsset, viewerFile, viewerNames } from "../../scripts/reference/viewer.ts";
import { freePort } from "../../scripts/stack/ports.ts";
import { projectRoot, resolvePackage } from "../../scripts/stack/project.ts";
import { deployedFunctions, uploadFunction } from "../support/function-upload.ts";

// A function as a hosted project gets it: what is uploaded becomes one file, and nothing lies beside it.
const folder = mkdtempSync(join(tmpdir(), "upload-"));
let base: string;
let child: ChildProcess;

async function bundle(slug: string): Promise<string> {
  const outfile = join(folder, `${slug}-alone`, "bundle.js");
  await build({
    entryPoints: [uploadFunction(slug, join(folder, slug))],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    nodePaths: [join(projectRoot, "node_modules")],
    alias: Object.fromEntries(builtinModules.map((name) => [name, `node:${name}`])),
    logLevel: "silent",
  });
  return outfile;
}

beforeAll(async () => {
  const file = await bundle("leads");
  const port = await freePort();
  const deno = join(resolvePackage("deno/package.json"), "..", process.platform === "win32" ? "deno.exe" : "deno");
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-remote",
    "--no-npm",
    "--no-config",
    "--allow-net",
    "--allow-env",
  ];
  child = spawn(deno, [...args, file], {
    cwd: join(file, ".."),
    env: {
      PATH: process.env.PATH,
      DENO_DIR: join(folder, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
      SUPABASE_URL: "http://127.0.0.1:1",
      SUPABASE_DB_URL: "postgres://nobody@127.0.0.1:1/nothing",
      SUPABASE_ANON_KEY: "sb_publishable_test",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr?.on("data", (chunk) => said.push(String(chunk)));
  base = `http://127.0.0.1:${port}/leads/api`;
  await vi.waitUntil(() => answers(said), { timeout: 30_000, interval: 100 });
}, 60_000);

async function answers(said: string[]): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`The function ended: ${said.join("")}`);
  return fetch(`${base}/openapi.json`).then(
    ({ ok }) => ok,
    () => false,
  );
}

afterAll(async () => {
  if (child?.exitCode === null) {
    child.kill();
    await once(child, "exit");
  }
  rmSync(folder, { recursive: true, force: true });
});

it("shows the reference page with all that it loads, from the upload alone", async () => {
  const page = await fetch(`${base}/reference`);
  const html = await page.text();
  expect([page.status, html.includes('id="reference"')]).toEqual([200, true]);
  const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = ""]) => address);
  expect(assets).toContain("reference/swagger-ui-bundle.js");
  for (const address of assets) expect((await fetch(`${base}/${address}`)).status, address).toBe(200);
});

it("has the viewer as its package has it (if not: npm run reference)", async () => {
  for (const name of viewerNames) {
    const answer = await fetch(`${base}/reference/${name}`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(viewerAsset(name)), name).toBe(true);
  }
  const { version } = JSON.parse(viewerAsset("package.json").toString()) as { version: string };
  expect(readFileSync(join(projectRoot, viewerFile), "utf8").slice(0, 80)).toContain(version);
});

it.each(deployedFunctions().map(({ slug }) => slug))("%s is whole: its upload can be bundled", async (slug) => {
  await expect(bundle(slug)).resolves.toContain(slug);
});
