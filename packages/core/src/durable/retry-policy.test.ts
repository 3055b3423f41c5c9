import { describe, expect, test } from "vitest";
import { seededChance } from "../time/chance.ts";
import { attemptsOf, mayRetry, retryDelay } from "./retry-policy.ts";

describe("attemptsOf", () => {
  test("takes the call's word before the action's, and 5 where nobody says", () => {
    expect([attemptsOf({ attempts: 2 }, { attempts: 3 }), attemptsOf({}, { attempts: 3 }), attemptsOf(undefined, undefined)]).toEqual([2, 3, 5]);
  });
});

describe("retryDelay", () => {
  const delays = (own: Parameters<typeof retryDelay>[0], action?: Parameters<typeof retryDelay>[1]): number[] =>
    [1, 2, 3, 9, 10, 5_000].map(attempt => retryDelay(own, action, attempt, 0.5));

  test("doubles from 1 s to 5 min by default, on average", () => {
    expect(delays(undefined)).toEqual([1_000, 2_000, 4_000, 150_000, 150_000, 150_000]);
    expect(delays({ jitter: "none" })).toEqual([1_000, 2_000, 4_000, 256_000, 300_000, 300_000]);
  });

  test("is fixed, or the action's own function of the attempt, without jitter unless asked", () => {
    expect(delays({ backoff: "fixed", delay: "3s" })).toEqual([3_000, 3_000, 3_000, 3_000, 3_000, 3_000]);
    expect(delays(undefined, { backoff: attempt => attempt * 10 })).toEqual([10, 20, 30, 90, 100, 50_000]);
    expect(delays({ backoff: "fixed", delay: "3s", jitter: "full" })[0]).toBe(3_000);
  });

  test("is as long as the action's own function says, however long, unless there is a maxDelay", () => {
    expect(delays(undefined, { backoff: () => "1h" })[0]).toBe(3_600_000);
    expect(delays(undefined, { backoff: () => "1h", maxDelay: "10m" })[0]).toBe(600_000);
    expect(delays({ maxDelay: "1m" }, { backoff: () => "1h" })[0]).toBe(60_000);
  });

  test("is as long as the call says, where that is longer than the most there is by default or of the action's", () => {
    expect(delays({ delay: "1h", jitter: "none" })).toEqual(Array.from({ length: 6 }, () => 3_600_000));
    expect(delays({ delay: "1h", jitter: "none" }, { maxDelay: "2h" })).toEqual([3_600_000, ...Array.from({ length: 5 }, () => 7_200_000)]);
    expect(delays({ delay: "1s", maxDelay: "3s", jitter: "none" })).toEqual([1_000, 2_000, 3_000, 3_000, 3_000, 3_000]);
  });

  test("spreads 1,000 that fail at once so that at most 10 % come back within any 100 ms", () => {
    for (let seed = 0; seed < 20; seed++) {
      const chance = seededChance(seed);
      const due = Array.from({ length: 1_000 }, () => retryDelay(undefined, undefined, 1, chance.next())).toSorted((a, b) => a - b);
      for (const [index, from] of due.entries()) expect((due[index + 100] ?? Infinity) - from).toBeGreaterThan(100);
    }
  });
});

describe("mayRetry", () => {
  test("asks the action's retryIf, and takes no for an answer only where it is one", () => {
    expect(mayRetry(undefined, 1)).toBe(true);
    expect(mayRetry({ retryIf: error => error !== 1 }, 1)).toBe(false);
    expect(mayRetry({ retryIf: () => undefined as never }, 1)).toBe(true);
    expect(
      mayRetry(
        {
          retryIf: () => {
            throw new Error("bad");
          },
        },
        1,
      ),
    ).toBe(true);
  });
});
