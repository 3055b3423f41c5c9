import { expect, test } from "vitest";
import { RecentStates } from "./recent-states.ts";

test("RecentStates shares a state among services that enter a phase in the same millisecond, whatever others do in between", () => {
  const states = new RecentStates();
  const running = states.shared({ phase: "running", since: 1 });
  states.shared({ phase: "starting", since: 1 });
  expect(states.shared({ phase: "running", since: 1 })).toBe(running);
  expect(states.shared({ phase: "running", since: 2 })).toEqual({ phase: "running", since: 2 });
});

test("RecentStates keeps apart what says more than since when", () => {
  const states = new RecentStates();
  states.shared({ phase: "disabled", since: 1, reason: "one" });
  expect(states.shared({ phase: "disabled", since: 1, reason: "another" })).toEqual({ phase: "disabled", since: 1, reason: "another" });
});
