import process from "node:process";
import { afterEach, expect, test } from "vitest";
import { clientAddress } from "../../functions/_shared/rate-limit.ts";

afterEach(() => {
  delete process.env.TRUSTED_PROXIES;
});

test.each([
  ["203.0.113.7", "0", "203.0.113.7"],
  ["198.51.100.1, 203.0.113.7", "0", "203.0.113.7"],
  ["198.51.100.1, 203.0.113.7, 10.0.0.1", "1", "203.0.113.7"],
  ["2001:db8::1", "0", "2001:db8::1"],
  ["203.0.113.7", "1", "unknown"],
  ["", "0", "unknown"],
])("X-Forwarded-For «%s» behind %s proxies is %s", (forwarded, proxies, address) => {
  process.env.TRUSTED_PROXIES = proxies;
  expect(clientAddress(new Headers({ "X-Forwarded-For": forwarded }))).toBe(address);
});

test("without the header nobody is known", () => {
  expect(clientAddress(new Headers({ "X-Real-IP": "203.0.113.7", Forwarded: "for=203.0.113.7" }))).toBe("unknown");
});
