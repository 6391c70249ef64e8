import { Hono } from "hono";
import { expect, test, vi } from "vitest";
import { crossOrigin } from "../../functions/_shared/cross-origin.ts";

test.each([
  ["https://front.example", "https://front.example", "true"],
  ["https://autre.example", "https://autre.example", "true"],
  ["https://elsewhere.example", "*", null],
  ["https://front.example.elsewhere.example", "*", null],
])("a page of %s is let in as %s, with credentials: %s", async (origin, allowed, credentials) => {
  vi.stubEnv("WEB_ORIGINS", "https://front.example, https://autre.example");
  const app = new Hono().use(crossOrigin(["Link"])).get("/", (c) => c.text("ok"));
  vi.unstubAllEnvs();
  for (const method of ["GET", "OPTIONS"]) {
    const { headers } = await app.request("/", { method, headers: { Origin: origin } });
    expect(headers.get("access-control-allow-origin")).toBe(allowed);
    expect(headers.get("access-control-allow-credentials")).toBe(credentials);
  }
});
