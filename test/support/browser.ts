import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";

const executablePath = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";

/** Whether the browser that page tests need is here; where not, they are skipped and say so. */
export const hasBrowser = existsSync(executablePath);

if (!hasBrowser) {
  console.warn(`No Chromium at ${executablePath}: page tests are skipped. Install the package "chromium" to run them.`);
}

/** A page, and what went wrong on it: uncaught errors, and requests that failed or left this machine. */
export interface OpenPage {
  page: Page;
  problems: string[];
}

/** Opens an address in a fresh headless Chromium, which is gone when `use` has ended. */
export async function withPage(url: string, use: (open: OpenPage) => Promise<void>): Promise<void> {
  const { close, ...open } = await openPage(url);
  try {
    await use(open);
  } finally {
    await close();
  }
}

/** Opens an address in a fresh headless Chromium, which stays until `close`: for tests that share it. */
export async function openPage(url: string): Promise<OpenPage & { close: () => Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), "page-test-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    viewport: { width: 1300, height: 850 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const close = async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  };
  try {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
    page.on("response", (answer) => {
      if (answer.status() >= 400) problems.push(`${answer.status()} ${answer.url()}`);
    });
    page.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") problems.push(`left this machine: ${request.url()}`);
    });
    await page.goto(url);
    return { page, problems, close };
  } catch (error) {
    await close();
    throw error;
  }
}
