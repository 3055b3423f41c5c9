import { expect, test } from "vitest";
import { hasToken, lessOneToken, tokensAfter, untilToken } from "./rate-tokens.ts";

const rate = { name: "r", limit: 10, per: 1_000 };

test("tokensAfter fills a bucket evenly, up to its limit, and takes nothing where the clock was set back", () => {
  expect(tokensAfter(rate, 0, 250)).toBe(2.5);
  expect(tokensAfter(rate, 9, 60_000)).toBe(10);
  expect(tokensAfter(rate, 3, -5_000)).toBe(3);
});

test("untilToken is what the missing part takes, and 0 where there is a token but for a rounding error", () => {
  expect(untilToken(rate, 0.5)).toBe(50);
  expect([hasToken(0.5), hasToken(1), hasToken(1 - 1e-12)]).toEqual([false, true, true]);
  expect(untilToken(rate, 1 - 1e-12)).toBe(0);
  expect(lessOneToken(1 - 1e-12)).toBe(0);
});
