import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { webFiles } from "../../scripts/stack/web-files.ts";

const folder = mkdtempSync(join(tmpdir(), "web-files-"));
const site = join(folder, "dist");
mkdirSync(join(site, "assets"), { recursive: true });
writeFileSync(join(site, "index.html"), "<title>page</title>");
writeFileSync(join(site, "assets", "main.js"), "run()");
writeFileSync(join(folder, "secret.txt"), "secret");

const server = createServer(webFiles(site)).listen(0, "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Without `fetch`, which would put dots in a path right before it is sent. */
function ask(path: string, method = "GET"): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, path, method }, async (answer) => {
      let text = "";
      for await (const part of answer.setEncoding("utf8")) text += part;
      resolve({ status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", text });
    });
    asking.on("error", reject).end();
  });
}

test.each(["/", "/index.html", "/acheteur/catalogue", "/login?next=/admin"])("%s is the page", async (path) => {
  expect(await ask(path)).toEqual({ status: 200, type: "text/html; charset=utf-8", text: "<title>page</title>" });
});

test("a file is itself, with its kind", async () => {
  expect(await ask("/assets/main.js")).toMatchObject({
    status: 200,
    type: expect.stringContaining("javascript"),
    text: "run()",
  });
});

test.each([
  "/assets/other.js",
  "/../secret.txt",
  "/%2e%2e/secret.txt",
  "/..%2fsecret.txt",
  "/assets/..%5c..%5c..%5csecret.txt",
])("%s is nothing", async (path) => {
  const { status, text } = await ask(path);
  expect([status, text.includes("secret")]).toEqual([404, false]);
});

test("nothing is written", async () => {
  expect((await ask("/", "POST")).status).toBe(404);
});

test("a folder without a page is refused", () => {
  expect(() => webFiles(folder)).toThrow("has no index.html: build the front end first");
});
