import { beforeEach, expect, test } from "vitest";
import { createVirtualClock } from "../../../testing/virtual-clock.ts";
import type { VirtualClock } from "../../../testing/virtual-clock.ts";
import { BriefWait } from "./brief-wait.ts";

let clock: VirtualClock;
let now: number;
let turns: (() => void)[];
beforeEach(() => {
  clock = createVirtualClock();
  now = 0;
  turns = [];
});

function brief(processors = 2): BriefWait {
  const setTimer = (callback: () => void): ReturnType<VirtualClock["setTimer"]> => (turns.push(callback), clock.setTimer(callback, 0));
  return new BriefWait({ monotonic: () => now, setTimer }, processors);
}

/** A request that is answered after `took`, `pause` after the answer before it; how often the loop goes round meanwhile, once each 0.1 ms. */
function request(wait: BriefWait, took: number, pause = 0.1): number {
  now += pause;
  turns = [];
  wait.begin();
  let rounds = 0;
  for (let waited = 0; waited < took; waited += 0.1) {
    now += 0.1;
    const [turn] = turns.splice(0);
    if (turn === undefined) continue;
    rounds++;
    turn();
  }
  wait.end();
  return rounds;
}

test("BriefWait keeps the loop awake until the answer, where requests follow each other closely", () => {
  const wait = brief();
  expect(request(wait, 0.5)).toBe(0); // it cannot know yet
  expect(request(wait, 0.5)).toBe(5);
  expect(request(wait, 0.5, 2)).toBe(0); // nobody is in a hurry
  expect(request(wait, 0.5)).toBe(5);
});

test("BriefWait ends with the answer, and gives up where none comes soon", () => {
  const wait = brief();
  request(wait, 0.5);
  expect(request(wait, 50)).toBeLessThanOrEqual(11);
  expect(request(wait, 0.5)).toBe(0); // the last one took longer
  expect(request(wait, 0.5)).toBe(5);
  const left = turns.splice(0);
  expect(left.length).toBe(1);
  left[0]?.();
  expect(turns.length).toBe(0);
});

test("BriefWait leaves the only processor to the thread", () => {
  const wait = brief(1);
  for (let i = 0; i < 3; i++) expect(request(wait, 0.5)).toBe(0);
});
