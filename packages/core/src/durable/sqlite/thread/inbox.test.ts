import { MessageChannel } from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { Inbox } from "./inbox.ts";
import { ShortSleep } from "./short-sleep.ts";
import type { ThreadRequest } from "./thread-protocol.ts";
import { signals } from "./thread-protocol.ts";

const { port1: asker, port2: port } = new MessageChannel();
afterEach(() => void Atomics.store(signal, signals.more, 0));

const signal = new Int32Array(new SharedArrayBuffer(4 * Object.keys(signals).length));
const request = (id: string): ThreadRequest => ["actions", "get", 0, [[id]]];

function ask(...ids: readonly string[]): void {
  asker.postMessage(ids.map(request));
  Atomics.add(signal, signals.wake, 1);
}

/** An inbox whose clock moves by 0.01 ms with each reading. */
function inbox(onReading: (reading: number) => void = () => {}): Inbox {
  let readings = 0;
  const monotonic = (): number => (onReading(++readings), readings / 100);
  return new Inbox(port, signal, new ShortSleep(signal, signals.wake, { monotonic }, 2));
}

test("Inbox takes up what was asked since, in order, and keeps what is not answered", () => {
  const mine = inbox();
  ask("a", "b");
  mine.take();
  expect(mine.length).toBe(2);
  ask("c");
  expect([0, 1, 2, 3].map(index => mine.at(index))).toEqual([request("a"), request("b"), request("c"), undefined]);
  expect(mine.drop(2)).toEqual([request("a"), request("b")]);
  expect([mine.length, mine.at(0)]).toEqual([1, request("c")]);
});

test("Inbox waits for what is about to be asked, for no longer than that takes", () => {
  Atomics.store(signal, signals.more, 1);
  const asked = inbox(reading => reading === 5 && ask("late"));
  expect(asked.at(0)).toEqual(request("late"));
  let readings = 0;
  expect(inbox(reading => (readings = reading)).at(0)).toBeUndefined();
  expect(readings).toBeLessThan(40);
  let done = 0;
  const none = inbox(reading => {
    done = reading;
    if (reading === 5) Atomics.store(signal, signals.more, 0);
  });
  expect(none.at(0)).toBeUndefined();
  expect(done).toBeLessThan(8);
});

test("Inbox waits for nothing where nobody is about to ask", () => {
  let readings = 0;
  expect(inbox(reading => (readings = reading)).at(0)).toBeUndefined();
  expect(readings).toBe(0);
});
