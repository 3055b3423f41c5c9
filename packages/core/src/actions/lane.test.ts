import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Lane, release } from "./lane.ts";
import { WaitingLine } from "./waiting-line.ts";
import type { Waiter } from "./waiting-line.ts";

const runs = process.env["SORA_NIGHTLY"] === "1" ? 100_000 : 1_000;

function wait(lanes: readonly Lane[], name: string, into: string[], priority: number, order: number): { readonly line: WaitingLine; readonly waiter: Waiter } {
  const line = (lanes[0] as Lane).lineFor(lanes) ?? new WaitingLine(lanes);
  const waiter: Waiter = { priority, order, index: -1, admit: () => void into.push(name) };
  line.add(waiter);
  return { line, waiter };
}

test("Lane gives a slot that is given back to the highest priority first, and to the first come within one", () => {
  const lane = new Lane("l", 1);
  const admitted: string[] = [];
  lane.take();
  wait([lane], "early", admitted, 0, 0);
  wait([lane], "late", admitted, 0, 1);
  wait([lane], "urgent", admitted, 5, 2);
  wait([lane], "idle", admitted, -1, 3);

  for (let i = 0; i < 4; i++) release([lane]);

  expect(admitted).toEqual(["urgent", "early", "late", "idle"]);
  expect([lane.held, lane.waiting]).toEqual([1, 0]);
});

test("Lane lets nobody in who lacks a slot of another lane, and lets in who comes next instead", () => {
  const service = new Lane("service", 2);
  const action = new Lane("action", 1);
  const admitted: string[] = [];
  service.take();
  service.take();
  action.take();
  wait([action, service], "needs both", admitted, 9, 0);
  wait([service], "needs one", admitted, 0, 1);

  release([service]);
  expect(admitted).toEqual(["needs one"]);
  release([action]);
  expect(admitted).toEqual(["needs one"]);
  release([service]);
  expect(admitted).toEqual(["needs one", "needs both"]);
  expect([service.held, action.held]).toEqual([2, 1]);
});

test("Lane calls back once it is idle, at once where it is", () => {
  const lane = new Lane("l", 1);
  const seen: string[] = [];
  lane.onceIdle(() => seen.push("at once"));
  lane.take();
  const admitted: string[] = [];
  wait([lane], "next", admitted, 0, 0);
  lane.onceIdle(() => seen.push("later"));
  release([lane]);
  expect(seen).toEqual(["at once"]);
  release([lane]);
  expect(seen).toEqual(["at once", "later"]);
  expect(admitted).toEqual(["next"]);
});

/** What a call needs of one service: slots of an action of its own, of the service, or both. */
const needs = fc.constantFrom<readonly ("a" | "b" | "s")[]>(["a"], ["s"], ["a", "s"], ["b", "s"]);
type Step =
  | { readonly do: "ask"; readonly lanes: readonly ("a" | "b" | "s")[]; readonly priority: number }
  | { readonly do: "end" | "give up"; readonly which: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ask" as const), lanes: needs, priority: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("end" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("give up" as const), which: fc.nat(20) }) },
);

test(`Lane and WaitingLine do what a plain list would, in ${runs} sequences: whoever can run runs, the best of those who wait first`, () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.record({ a: fc.integer({ min: 1, max: 2 }), b: fc.integer({ min: 1, max: 2 }), s: fc.integer({ min: 1, max: 3 }) }),
      (steps, sizes) => {
        const lanes = { a: new Lane("a", sizes.a), b: new Lane("b", sizes.b), s: new Lane("s", sizes.s) };
        const held = { a: 0, b: 0, s: 0 };
        interface Call {
          readonly name: string;
          readonly lanes: readonly ("a" | "b" | "s")[];
          readonly priority: number;
          readonly order: number;
        }
        const running: Call[] = [];
        const queue: Call[] = [];
        const waiting = new Map<string, { readonly line: WaitingLine; readonly waiter: Waiter }>();
        const admitted: string[] = [];
        const expected: string[] = [];
        const free = (call: Call): boolean => call.lanes.every(lane => held[lane] < sizes[lane]);
        const begin = (call: Call): void => {
          for (const lane of call.lanes) held[lane]++;
          running.push(call);
        };
        const ask = (call: Call): void => {
          const wanted = call.lanes.map(lane => lanes[lane]);
          expect(wanted.every(lane => lane.hasRoom())).toBe(free(call));
          if (free(call)) {
            for (const lane of wanted) lane.take();
            begin(call);
          } else {
            waiting.set(call.name, wait(wanted, call.name, admitted, call.priority, call.order));
            queue.push(call);
          }
        };
        steps.forEach((one, order) => {
          if (one.do === "ask") {
            ask({ name: String(order), lanes: one.lanes, priority: one.priority, order });
          } else if (one.do === "end" && running.length > 0) {
            const [call] = running.splice(one.which % running.length, 1) as [Call];
            for (const lane of call.lanes) held[lane]--;
            for (;;) {
              const next = queue.filter(free).sort((x, y) => y.priority - x.priority || x.order - y.order)[0];
              if (next === undefined) break;
              queue.splice(queue.indexOf(next), 1);
              begin(next);
              expected.push(next.name);
            }
            release(call.lanes.map(lane => lanes[lane]));
          } else if (one.do === "give up" && queue.length > 0) {
            const [call] = queue.splice(one.which % queue.length, 1) as [Call];
            const { line, waiter } = waiting.get(call.name) as { line: WaitingLine; waiter: Waiter };
            line.remove(waiter);
          }
          expect(admitted).toEqual(expected);
          expect([lanes.a.held, lanes.b.held, lanes.s.held]).toEqual([held.a, held.b, held.s]);
          expect(lanes.s.waiting).toBe(queue.filter(call => call.lanes.includes("s")).length);
        });
      },
    ),
    { numRuns: runs },
  );
});
