import { describe, expect, test } from "vitest";
import type { ThreadRequest } from "./thread-protocol.ts";
import { packAnswer, packRequest, unpack, unpackRequest } from "./packed-turn.ts";

const completed = (id: string): object => ({ id, fence: 1, kind: "completed", keepFor: 1_000, result: '"\u2028é"' });
const turn = (settle: readonly object[]): ThreadRequest => [
  "actions",
  "turn",
  7,
  [{ worker: "w", settle, claim: { queues: [{ queue: "A/a@1" }], most: 5, suspect: true } }],
];
const claimed = (id: string, attempts = 5): object => ({
  id,
  queue: "A/a@1",
  envelope: "{}",
  priority: -1.5,
  attempt: 1,
  attempts,
  fence: 1,
  enqueuedAt: 3,
  suspect: false,
});
const answer = (...actions: readonly object[]): object => ({ held: true, settled: [true, false], claimed: actions, now: 9 });

describe("a turn that crosses to the thread", () => {
  test.each([[[]], [[completed("a")]], [[completed("a"), completed("b")]]])("is read as it was, whatever it settles: %j", settle => {
    const request = turn(settle);
    expect(unpackRequest(structuredClone(packRequest(request)))).toEqual(request);
  });

  test("goes as one text where it settles many", () => {
    expect(packRequest(turn([completed("a"), completed("b")]))[3]).toEqual([{ packed: expect.any(String) }]);
  });

  test("goes as it is where its results are large", () => {
    const request = turn(Array.from({ length: 3 }, (_, n) => ({ ...completed(`${n}`), result: "x".repeat(2 * 1_024 * 1_024) })));
    expect(packRequest(request)).toBe(request);
  });

  test("leaves every other request alone", () => {
    const request: ThreadRequest = ["actions", "get", 7, [["a", "b"]]];
    expect(packRequest(request)).toBe(request);
    expect(unpackRequest(request)).toEqual(request);
  });
});

describe("the answer to a turn", () => {
  test.each([
    [answer()],
    [answer(claimed("a"))],
    [answer(claimed("a"), claimed("b"))],
    [answer(claimed("a"), claimed("b", Number.POSITIVE_INFINITY))],
    [undefined],
  ])("is read as it was: %j", value => {
    expect(unpack(structuredClone(packAnswer(turn([]), value)))).toEqual(value);
  });

  test("goes as one text where it hands out many", () => {
    expect(packAnswer(turn([]), answer(claimed("a"), claimed("b")))).toEqual({ packed: expect.any(String) });
  });

  test("goes as it is where its parameters are large", () => {
    const large = answer(...["a", "b", "c"].map(id => ({ ...claimed(id), parameters: "x".repeat(2 * 1_024 * 1_024) })));
    expect(packAnswer(turn([]), large)).toBe(large);
  });
});
