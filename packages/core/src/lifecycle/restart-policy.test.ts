import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideRestart, noRestarts, restartPolicy } from "./restart-policy.ts";
import type { Failure, RestartHistory } from "./restart-policy.ts";

const policy = restartPolicy(undefined);
const failure = (now: number, more: Partial<Failure> = {}): Failure => ({ now, worked: 0, dependency: false, chance: 0.999_999_999, ...more });

describe("restartPolicy", () => {
  test("is 500 ms, doubling to 30 s, with full jitter, five in a minute, forgotten after 60 s", () => {
    expect(policy).toEqual({ delay: 500, factor: 2, maxDelay: 30_000, jitter: "full", budget: 5, window: 60_000, forgetAfter: 60_000 });
  });

  test("takes durations and single options, and never restarts where it is false", () => {
    expect(restartPolicy({ delay: "1s", budget: 2 })).toEqual({ ...policy, delay: 1_000, budget: 2 });
    expect(restartPolicy(false).budget).toBe(0);
    expect(decideRestart(restartPolicy(false), noRestarts, failure(0)).kind).toBe("give up");
  });
});

describe("decideRestart", () => {
  test("waits 500 ms, 1 s, 2 s, … at most 30 s, times the chance", () => {
    let history: RestartHistory = noRestarts;
    const delays: number[] = [];
    for (let i = 0; i < 9; i++) {
      const decision = decideRestart({ ...policy, budget: Infinity }, history, failure(i, { chance: 0.5 }));
      if (decision.kind !== "restart") throw new Error("gave up");
      delays.push(decision.delay);
      expect(decision.attempt).toBe(i + 1);
      ({ history } = decision);
    }
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  });

  test("takes the whole delay without jitter", () => {
    expect(decideRestart({ ...policy, jitter: "none" }, noRestarts, failure(0, { chance: 0.1 }))).toMatchObject({ delay: 500 });
  });

  test("gives up at the sixth failure within a minute, and not where the first of them is a minute ago", () => {
    let history: RestartHistory = noRestarts;
    for (let i = 0; i < 5; i++) history = decideRestart(policy, history, failure(i * 1_000)).history;
    expect(decideRestart(policy, history, failure(59_999)).kind).toBe("give up");
    expect(decideRestart(policy, history, failure(60_000)).kind).toBe("restart");
  });

  test("forgets what was before 60 s of work: delay, attempt and budget", () => {
    let history: RestartHistory = noRestarts;
    for (let i = 0; i < 5; i++) history = decideRestart(policy, history, failure(i)).history;
    expect(decideRestart(policy, history, failure(59_000, { worked: 59_000 })).kind).toBe("give up");
    expect(decideRestart({ ...policy, jitter: "none" }, history, failure(60_004, { worked: 60_000 }))).toMatchObject({
      kind: "restart",
      attempt: 1,
      delay: 500,
    });
  });

  test("spends no budget while a dependency is away, for however long, and still waits longer and longer", () => {
    let history: RestartHistory = noRestarts;
    for (let i = 0; i < 1_000; i++) {
      const decision = decideRestart(policy, history, failure(i * 10, { dependency: true }));
      expect(decision.kind).toBe("restart");
      ({ history } = decision);
    }
    expect(history.restarts).toEqual([]);
    expect(decideRestart(policy, history, failure(10_000)).kind).toBe("restart");
    expect(decideRestart({ ...policy, jitter: "none" }, history, failure(10_000))).toMatchObject({ delay: 30_000 });
  });

  test("spreads its delays over all of [0, ceiling)", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 0, max: 200 }), (chance, streak) => {
        const decision = decideRestart(policy, { restarts: [], streak }, failure(0, { chance }));
        if (decision.kind !== "restart") throw new Error("gave up");
        const ceiling = Math.min(30_000, 500 * 2 ** Math.min(streak, 64));
        expect(decision.delay).toBe(chance * ceiling);
        expect(decision.delay).toBeLessThan(ceiling);
      }),
    );
  });

  test("never allows more restarts in any minute than the budget, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ after: fc.integer({ min: 0, max: 30_000 }), dependency: fc.boolean() }), { maxLength: 60 }), failures => {
        let history: RestartHistory = noRestarts;
        let now = 0;
        const granted: number[] = [];
        for (const { after, dependency } of failures) {
          now += after;
          const decision = decideRestart(policy, history, failure(now, { worked: after, dependency }));
          ({ history } = decision);
          if (decision.kind === "restart" && !dependency) granted.push(now);
        }
        for (const from of granted) expect(granted.filter(at => at >= from && at < from + policy.window).length).toBeLessThanOrEqual(policy.budget);
      }),
    );
  });
});
