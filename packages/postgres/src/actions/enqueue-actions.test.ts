import { SoraError } from "@sora/core/adapter";
import type { NewAction } from "@sora/core/adapter";
import { expect, test } from "vitest";
import type { Database } from "../connection/database.ts";
import type { Statement } from "../connection/statement.ts";
import { EnqueueActions } from "./enqueue-actions.ts";
import type { PassengerTurn } from "./passenger-turn.ts";

const action = (id: string, change: Partial<NewAction> = {}): NewAction => ({ id, queue: "A/a@1", envelope: "{}", priority: 0, attempts: 3, ...change });

/** What stores, with a server that answers what it is told to. */
function storing(answers: ((sent: { readonly text: string; readonly values: readonly unknown[] }) => object | Error)[]) {
  const pauses: (() => void)[] = [];
  const waits: number[] = [];
  const clock = { monotonic: () => 0, sleep: (wait: number) => (waits.push(wait), new Promise<void>(resolve => pauses.push(resolve))) };
  const chance = { next: () => 0.75 };
  const sent: string[] = [];
  const rung: string[] = [];
  const told: string[] = [];
  const row = async (_: string, { name, text }: Statement, values: readonly unknown[]): Promise<object> => {
    sent.push(`${name} ${values.length}`);
    const answer = answers.shift()!({ text, values });
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const database = { row, surroundings: { clock, chance }, closedError: () => new Error("closed") } as unknown as Database;
  const enqueue = new EnqueueActions({
    ground: { database, schema: "s", ring: bell => rung.push(bell.kind) },
    enqueueFor: 10_000,
    closing: () => new AbortController().signal,
  });
  const turn = (name: string): PassengerTurn => ({
    values: Array.from({ length: 11 }, () => null),
    taken: answer => told.push(`${name} taken: ${answer.claimed?.id.join() ?? "nothing"}`),
    leftBehind: () => told.push(`${name} left behind`),
    failed: error => told.push(`${name} failed: ${(error as Error).message}`),
  });
  return { pauses, waits, sent, rung, told, enqueue, turn };
}

/** The answer to a turn that was handed these. */
const handedOut = (...ids: string[]): object => ({ held: true, now: 0, claimed: { id: ids } });

test("a turn goes along in one statement, and nobody is told of what it was handed", async () => {
  const { enqueue, turn, sent, rung, told } = storing([() => ({ stored: ["a"], answer: handedOut("a") })]);
  const stored = enqueue.enqueue([action("a")]);
  expect(enqueue.accompany(turn("one"))).toBe(true);
  expect(await stored).toEqual([{ id: "a", outcome: "stored" }]);
  expect({ sent, rung, told }).toEqual({ sent: ["store_plain_and_turn 12"], rung: [], told: ["one taken: a"] });
});

test("others are told of what the turn was not handed, of a key as well", async () => {
  const answers = [{ id: "a", outcome: "stored" }, { id: "b", outcome: "stored" }]; // prettier-ignore
  const { enqueue, turn, sent, rung } = storing([() => ({ stored: [answers], answer: handedOut("a", "other") })]);
  const stored = enqueue.enqueue([action("a", { key: "k" }), action("b", { key: "k" })]);
  expect(enqueue.accompany(turn("one"))).toBe(true);
  expect(await stored).toEqual(answers);
  expect({ sent, rung }).toEqual({ sent: ["store_calls_and_turn 12"], rung: ["ready"] });
});

test("a turn whose actions are refused has to go by itself, and was not taken", async () => {
  const refused = new SoraError("SORA_STORE_UNAVAILABLE", "no such text", { retryable: false });
  const { enqueue, turn, told, rung } = storing([() => refused]);
  const stored = enqueue.enqueue([action("a")]);
  expect(enqueue.accompany(turn("one"))).toBe(true);
  await expect(stored).rejects.toThrow("no such text");
  expect({ told, rung }).toEqual({ told: ["one left behind"], rung: [] });
});

test("a turn whose answer is lost hears of it; what is stored again takes none along", async () => {
  const { enqueue, turn, sent, told, rung, pauses } = storing([() => new SoraError("SORA_STORE_UNAVAILABLE", "cut"), () => ({ stored: null })]);
  const stored = enqueue.enqueue([action("a")]);
  expect(enqueue.accompany(turn("one"))).toBe(true);
  while (pauses.length === 0) await new Promise(resolve => setImmediate(resolve));
  pauses[0]!();
  let joined = false;
  for (let n = 0; n < 100 && !joined; n++) {
    await Promise.resolve(); // what is sent goes when nobody has anything to do in this way
    joined = enqueue.accompany(turn("two"));
  }
  expect(joined).toBe(true);
  expect(await stored).toEqual([{ id: "a", outcome: "existing" }]);
  expect({ sent, told, rung }).toEqual({ sent: ["store_plain_and_turn 12", "store_plain 1"], told: ["one failed: cut", "two left behind"], rung: [] });
});

test("how long it waits until it stores again is drawn from the store's chance", async () => {
  const { enqueue, waits, pauses } = storing([
    () => new SoraError("SORA_STORE_UNAVAILABLE", "cut"),
    () => ({ stored: [null] }),
    () => ({ stored: [[{ id: "a", outcome: "stored" }]] }),
  ]);
  const stored = enqueue.enqueue([action("a", { key: "k" })]);
  for (let n = 0; n < 2; n++) {
    while (pauses.length === n) await new Promise(resolve => setImmediate(resolve));
    pauses[n]!();
  }
  await stored;
  expect(waits).toEqual([50 * 1.25, 1 + 50 * 0.75]); // while the server is away, and for a key that somebody holds
});
