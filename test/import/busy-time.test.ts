import { expect, it } from "vitest";
import { busyTime } from "../../functions/_shared/import/busy-time.ts";

/** A clock and a process's CPU that go as they are told. */
function told() {
  const at = { clock: 1000, cpu: 500 };
  return {
    at,
    busy: busyTime(
      () => at.clock,
      () => at.cpu,
    ),
  };
}

it("does not count what is waited for, be it in vain", async () => {
  const { at, busy } = told();
  at.cpu += 1000;
  at.clock += 30;
  await busy.away(
    Promise.resolve().then(() => {
      at.clock += 500;
    }),
  );
  await expect(
    busy.away(
      Promise.resolve().then(() => {
        at.clock += 200;
        throw new Error("lost");
      }),
    ),
  ).rejects.toThrow("lost");
  at.clock += 12;
  expect(busy.taken()).toBe(42);
});

it("is no more than the process has taken, where that is told", () => {
  const { at, busy } = told();
  at.clock += 300;
  expect(busy.taken()).toBe(300);
  at.cpu += 80;
  expect(busy.taken()).toBe(80);
});
