import { expect, test } from "vitest";
import { RecentStates } from "./recent-states.ts";

test("RecentStates shares a state among services that enter a phase in the same millisecond, whatever others do in between", () => {
  const states = new RecentStates();
  const running = states.plain("running", 1);
  expect(states.plain("starting", 1)).toEqual({ phase: "starting", since: 1 });
  expect(states.plain("running", 1)).toBe(running);
  expect(states.plain("running", 2)).toEqual({ phase: "running", since: 2 });
  expect(running).toEqual({ phase: "running", since: 1 });
});
