import { expect, test } from "vitest";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { RunningAction } from "./running-action.ts";
import { UnwrittenOutcomes } from "./unwritten-outcomes.ts";
import type { Ended } from "./unwritten-outcomes.ts";

function ended(id: string, kind: "completed" | "released"): Ended {
  const handed = { parts: { service: "Work", action: "go", version: 1 }, actionKey: "Work/go", storeTime: 0, at: 0, told: () => {} };
  const claimed = { id, queue: "Work/go@1", envelope: "{}", priority: 0, attempt: 1, attempts: 1, fence: 1, enqueuedAt: 0, suspect: false };
  return { run: new RunningAction(claimed, handed), outcome: { settlement: { id, fence: 1, keepFor: 0, kind } } };
}

test("what has completed waits for a claim that follows soon, for 20 ms at most, whenever it was that there was enough in hand", async () => {
  const clock = createVirtualClock();
  let reminders = 0;
  const unwritten = new UnwrittenOutcomes(clock, () => reminders++);
  unwritten.add(ended("a", "completed"));
  expect([unwritten.isWorthATurn(false), unwritten.isWorthATurn(true)]).toEqual([true, false]);
  await clock.advance(19);
  expect([unwritten.isWorthATurn(true), reminders]).toEqual([false, 0]);
  await clock.advance(1);
  expect([unwritten.isWorthATurn(true), reminders]).toEqual([true, 1]);

  expect(unwritten.take().map(({ run }) => run.id)).toEqual(["a"]);
  unwritten.add(ended("b", "completed"));
  expect([unwritten.isWorthATurn(true), unwritten.take().length]).toEqual([false, 1]);
  await clock.advance("1h");
  expect([reminders, clock.pending, unwritten.size]).toEqual([1, 0, 0]);
});

test("what is given back, and what the store refused, does not wait", () => {
  const unwritten = new UnwrittenOutcomes(createVirtualClock(), () => {});
  unwritten.add(ended("a", "released"));
  expect(unwritten.isWorthATurn(true)).toBe(true);
  const taken = unwritten.take();
  expect(unwritten.isWorthATurn(false)).toBe(false);
  unwritten.add(ended("b", "completed"));
  unwritten.putBack(taken);
  expect([unwritten.isWorthATurn(true), unwritten.heldIds]).toEqual([true, ["a", "b"]]);
});

test("results of many megabytes are written a few at a time", () => {
  const unwritten = new UnwrittenOutcomes(createVirtualClock(), () => {});
  for (const id of ["a", "b", "c", "d"]) {
    const { run } = ended(id, "completed");
    unwritten.add({ run, outcome: { settlement: { id, fence: 1, keepFor: 1, kind: "completed", result: "x".repeat(4_194_304) } } });
  }
  unwritten.add(ended("e", "completed"));
  const turns = [unwritten.take(), unwritten.take(), unwritten.take()];
  expect(turns.map(turn => turn.map(({ run }) => run.id).join(""))).toEqual(["ab", "cd", "e"]);
});
