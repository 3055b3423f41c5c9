import { expect, test } from "vitest";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { Deadline, DeadlineList } from "./deadline-list.ts";

class Noted extends Deadline {
  readonly #name: string;
  readonly #seen: string[];

  constructor(name: string, seen: string[]) {
    super();
    this.#name = name;
    this.#seen = seen;
  }

  expire(): void {
    this.#seen.push(this.#name);
  }
}

function setup(): { clock: ReturnType<typeof createVirtualClock>; list: DeadlineList; seen: string[]; noted: (name: string) => Noted } {
  const clock = createVirtualClock();
  const seen: string[] = [];
  return { clock, list: new DeadlineList(clock, 1_000), seen, noted: name => new Noted(name, seen) };
}

test("DeadlineList expires each deadline once, at its own time, with one timer for all", async () => {
  const { clock, list, seen, noted } = setup();
  list.add(noted("a"));
  await clock.advance(400);
  list.add(noted("b"));
  list.add(noted("c"));
  expect(clock.pending).toBe(1);
  await clock.advance(599);
  expect(seen).toEqual([]);
  await clock.advance(1);
  expect(seen).toEqual(["a"]);
  await clock.advance(400);
  expect(seen).toEqual(["a", "b", "c"]);
  expect(clock.pending).toBe(0);
});

test("DeadlineList holds no timer once the last deadline is removed", async () => {
  const { clock, list, seen, noted } = setup();
  const [a, b, c] = [noted("a"), noted("b"), noted("c")];
  for (const deadline of [a, b, c]) list.add(deadline);
  list.remove(b);
  list.remove(a);
  list.remove(a);
  expect(clock.pending).toBe(1);
  list.remove(c);
  expect(clock.pending).toBe(0);
  await clock.advance("1m");
  expect(seen).toEqual([]);
});

test("DeadlineList.close expires what is listed, and at once what is added later", () => {
  const { clock, list, seen, noted } = setup();
  list.add(noted("a"));
  list.add(noted("b"));
  list.close();
  expect(seen).toEqual(["a", "b"]);
  list.add(noted("c"));
  expect(seen).toEqual(["a", "b", "c"]);
  expect(clock.pending).toBe(0);
});
