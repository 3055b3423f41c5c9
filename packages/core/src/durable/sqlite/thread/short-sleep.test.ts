import { expect, test } from "vitest";
import { ShortSleep } from "./short-sleep.ts";

/** A sleep on a clock that moves by 0.01 ms with each reading; `onReading` sees how often it has been read. */
function stage(processors: number) {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  let now = 0;
  let readings = 0;
  const stage = {
    signal,
    onReading: (_reading: number): void => {},
    pass: (milliseconds: number) => (now += milliseconds),
    /** How often the clock is read in a sleep that would time out at once. */
    looksOf: (): number => {
      readings = 0;
      sleep.until(0, 0);
      return readings;
    },
  };
  const clock = {
    monotonic: () => {
      now += 0.01;
      stage.onReading(++readings);
      return now;
    },
  };
  const sleep = new ShortSleep(signal, 0, clock, processors);
  return { ...stage, sleep, stage };
}

test("ShortSleep looks for the next request before it sleeps, where the last one came as soon as it could", () => {
  const { sleep, looksOf, pass } = stage(2);
  sleep.noteAnswer();
  expect(looksOf()).toBe(1); // it cannot know yet
  sleep.noteAnswer();
  expect(looksOf()).toBeGreaterThan(10);
  sleep.noteAnswer();
  pass(1);
  looksOf();
  sleep.noteAnswer();
  expect(looksOf()).toBe(1); // the one before took a millisecond
});

test("ShortSleep ends with the change it waits for, while it looks", () => {
  const { sleep, looksOf, signal, stage: on } = stage(2);
  sleep.noteAnswer();
  looksOf();
  sleep.noteAnswer();
  on.onReading = reading => reading === 5 && Atomics.store(signal, 0, 1);
  expect(looksOf()).toBeLessThan(8);
});

test("ShortSleep leaves the only processor to whoever is to ask", () => {
  const { sleep, looksOf } = stage(1);
  for (let i = 0; i < 3; i++) {
    sleep.noteAnswer();
    expect(looksOf()).toBeLessThan(2);
  }
});

test("ShortSleep lasts no longer than it is told to", () => {
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const began = performance.now();
  new ShortSleep(signal, 0).until(0, 5);
  expect(performance.now() - began).toBeGreaterThan(4);
});
