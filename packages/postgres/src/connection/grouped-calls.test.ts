import { describe, expect, test } from "vitest";
import { again, GroupedCalls } from "./grouped-calls.ts";
import type { GroupedCallsOptions } from "./grouped-calls.ts";

type Answer = string | typeof again;

/** Calls whose exchanges are answered by hand. */
function calls(options: Partial<GroupedCallsOptions<string, string, string>> = {}) {
  const sent: {
    readonly group: readonly string[];
    readonly companion: string | undefined;
    answer(answers?: readonly Answer[]): void;
    fail(error: unknown): void;
  }[] = [];
  const pauses: (() => void)[] = [];
  const grouped = new GroupedCalls<string, string, string>({
    send: (group, companion) =>
      new Promise((resolve, reject) => {
        sent.push({ group, companion, answer: (answers = group.map(call => `${call}!`)) => resolve(answers), fail: reject });
      }),
    splits: () => false,
    weight: call => call.length,
    heaviest: 10,
    worthwhile: 4,
    flights: 1,
    pause: () => new Promise(resolve => pauses.push(resolve)),
    ...options,
  });
  return { grouped, sent, groups: () => sent.map(({ group }) => group.join()), pauses };
}

/** Lets everything go on that waits for nothing else. */
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

describe("GroupedCalls", () => {
  test("sends a lone call at once, and those that come meanwhile together", async () => {
    const { grouped, sent, groups } = calls();
    const answers = [grouped.add("a")];
    await turn();
    expect(groups()).toEqual(["a"]);
    answers.push(grouped.add("b"), grouped.add("c"));
    await turn();
    expect(groups()).toEqual(["a"]);
    sent[0]!.answer();
    await turn();
    expect(groups()).toEqual(["a", "b,c"]);
    sent[1]!.answer();
    expect(await Promise.all(answers)).toEqual(["a!", "b!", "c!"]);
  });

  test("puts calls of one moment together, up to a weight; a call that is too heavy goes alone", async () => {
    const { grouped, sent, groups } = calls();
    const answers = ["1234", "1234", "1234", "1234567890123", "1"].map(call => grouped.add(call));
    for (let n = 0; n < 3; n++) {
      await turn();
      sent[n]!.answer();
    }
    await Promise.all(answers);
    expect(groups()).toEqual(["1234,1234,1234", "1234567890123", "1"]);
  });

  test("sends a second group beside one under way where it is worth it, and no third", async () => {
    const { grouped, groups, sent } = calls({ flights: 2 });
    void grouped.add("a");
    await turn();
    void grouped.add("b");
    await turn();
    expect(groups()).toEqual(["a"]);
    void grouped.add("cde");
    await turn();
    expect(groups()).toEqual(["a", "b,cde"]);
    void grouped.add("fghijk");
    await turn();
    expect(groups()).toEqual(["a", "b,cde"]);
    sent[1]!.answer();
    await turn();
    expect(groups()).toEqual(["a", "b,cde", "fghijk"]);
  });

  test("rejects every call of a group that failed", async () => {
    const { grouped, sent } = calls();
    const settled = Promise.allSettled([grouped.add("a"), grouped.add("b")]);
    await turn();
    sent[0]!.fail(new Error("away"));
    expect(await settled).toMatchObject([{ reason: { message: "away" } }, { reason: { message: "away" } }]);
    await grouped.drained();
  });

  test("sends calls one by one where one of them may be why, and fails that one alone", async () => {
    const { grouped, sent, groups } = calls({ splits: () => true });
    const settled = Promise.allSettled([grouped.add("a"), grouped.add("b"), grouped.add("c")]);
    await turn();
    sent[0]!.fail(new Error("bad"));
    await turn();
    sent[1]!.answer();
    await turn();
    sent[2]!.fail(new Error("bad"));
    await turn();
    sent[3]!.answer();
    expect(await settled).toMatchObject([{ value: "a!" }, { reason: { message: "bad" } }, { value: "c!" }]);
    expect(groups()).toEqual(["a,b,c", "a", "b", "c"]);
  });

  test("sends again what has to come again, at the head of what came since", async () => {
    const { grouped, sent, groups } = calls();
    const answers = [grouped.add("a"), grouped.add("b")];
    await turn();
    answers.push(grouped.add("c"));
    sent[0]!.answer([again, "b!"]);
    await turn();
    expect(groups()).toEqual(["a,b", "a,c"]);
    sent[1]!.answer();
    expect(await Promise.all(answers)).toEqual(["a!", "b!", "c!"]);
  });

  test("waits before it sends again where nothing else is to be sent, until something is", async () => {
    const { grouped, sent, groups, pauses } = calls();
    const answers = [grouped.add("a")];
    await turn();
    sent[0]!.answer([again]);
    await turn();
    expect(groups()).toEqual(["a"]);
    pauses[0]!();
    await turn();
    expect(groups()).toEqual(["a", "a"]);
    sent[1]!.answer([again]);
    await turn();
    answers.push(grouped.add("b"));
    await turn();
    expect(groups()).toEqual(["a", "a", "a,b"]);
    sent[2]!.answer();
    expect(await Promise.all(answers)).toEqual(["a!", "b!"]);
  });

  test("has something go along with calls that leave by themselves, and with no others", async () => {
    const { grouped, sent } = calls({ splits: () => true });
    expect(grouped.accompany("nobody calls")).toBe(false);
    const settled = Promise.allSettled([grouped.add("a"), grouped.add("b")]);
    expect([grouped.accompany("first"), grouped.accompany("second")]).toEqual([true, false]);
    await turn();
    void grouped.add("c");
    expect(grouped.accompany("one is under way")).toBe(false);
    sent[0]!.fail(new Error("bad"));
    for (let n = 1; n <= 3; n++) {
      await turn();
      sent[n]!.answer();
    }
    await settled;
    expect(sent.map(({ group, companion }) => [group.join(), companion])).toEqual([["a,b", "first"], ["a", undefined], ["b", undefined], ["c", undefined]]); // prettier-ignore
    await grouped.drained();
    expect(grouped.accompany("all is done")).toBe(false);
  });

  test("is drained when every call has its answer", async () => {
    const { grouped, sent } = calls();
    let drained = false;
    const answer = grouped.add("a");
    void grouped.drained().then(() => (drained = true));
    await turn();
    expect(drained).toBe(false);
    sent[0]!.answer();
    await answer;
    await turn();
    expect(drained).toBe(true);
    await grouped.drained();
  });
});
