import { expect, test } from "vitest";
import { whileBusy } from "./while-busy.ts";

const busy = Object.assign(new Error("database is locked"), { errcode: 5 });

test("whileBusy draws the length of each pause from the chance that it is given", () => {
  let drawn = 0;
  let tries = 0;
  const chance = { next: () => (drawn++, 0) };
  const work = (): number => {
    if (++tries <= 3) throw busy;
    return tries;
  };
  expect(whileBusy({ busyTimeout: 10_000, chance }, work)).toBe(4);
  expect(drawn).toBe(3);
});

test("whileBusy throws what is no refusal of SQLite at once", () => {
  const chance = { next: () => expect.unreachable() };
  expect(() => whileBusy({ busyTimeout: 10_000, chance }, () => expect.fail("as the test has it"))).toThrow("as the test has it");
});
