import { SoraError, systemChance } from "@sora/core/adapter";
import type { EnqueuedAction, NewAction } from "@sora/core/adapter";
import { again, GroupedCalls } from "../connection/grouped-calls.ts";
import type { Ground } from "../connection/ground.ts";
import type { Statement } from "../connection/statement.ts";

/** Characters that a group of calls holds at most, about: some hundred usual actions. */
const heaviest = 200_000;
/** From so many characters on a group is worth a second connection beside the one that is busy. */
const worthwhile = 8_000;
/** Milliseconds, at most, until an action is stored again whose key somebody's transaction holds. */
const keyPause = 50;
/** Milliseconds between two attempts while the server is away: doubling from this up to {@link longestPause}. */
const shortestPause = 50;
const longestPause = 1_000;

/** One call's actions as JSON, and their ids in order. */
interface Call {
  readonly json: string;
  readonly ids: readonly string[];
}

export interface EnqueueActionsParts {
  readonly ground: Ground;
  /** For how many milliseconds it goes on trying. */
  readonly enqueueFor: number;
  /** Aborted when the store closes. */
  readonly closing: () => AbortSignal;
}

/**
 * Stores actions, those of many callers in one transaction. What stands in line, for a key or in a chain, goes by itself: it takes locks, and where somebody's open transaction holds one
 * it comes again, so that nobody else waits. While the server is away it goes on trying: ids are the caller's, so asking again stores nothing twice.
 */
export class EnqueueActions {
  readonly #parts: EnqueueActionsParts;
  readonly #plain: GroupedCalls<Call, readonly EnqueuedAction[]>;
  readonly #inLine: GroupedCalls<Call, readonly EnqueuedAction[]>;
  readonly #storePlain: Statement;
  readonly #storeInLine: Statement;

  constructor(parts: EnqueueActionsParts) {
    const { ground } = parts;
    this.#parts = parts;
    this.#storePlain = { name: "store_plain", text: `SELECT ${ground.schema}.store_plain($1) AS stored` };
    this.#storeInLine = { name: "store_calls", text: `SELECT ${ground.schema}.store_calls($1) AS answers` };
    const common = {
      splits: (error: unknown) => SoraError.is(error) && !error.retryable,
      weight: ({ json }: Call) => json.length,
      heaviest,
      worthwhile,
      pause: () => ground.database.surroundings.clock.sleep(1 + keyPause * systemChance.next()),
    };
    this.#plain = new GroupedCalls({ ...common, flights: 2, send: calls => this.#sendPlain(calls) });
    this.#inLine = new GroupedCalls({ ...common, heaviest: heaviest / 4, flights: 1, send: calls => this.#sendInLine(calls) });
  }

  async enqueue(actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]> {
    if (actions.length === 0) return [];
    const call: Call = { json: JSON.stringify(actions), ids: actions.map(({ id }) => id) };
    const stored = await this.#patiently(actions.some(standsInLine) ? this.#inLine : this.#plain, call);
    if (stored.some(({ outcome }) => outcome !== "existing")) this.#parts.ground.ring({ kind: "ready" });
    return stored;
  }

  /** Resolves when every call that was accepted has its answer. */
  async drained(): Promise<void> {
    await Promise.all([this.#plain.drained(), this.#inLine.drained()]);
  }

  async #patiently(group: GroupedCalls<Call, readonly EnqueuedAction[]>, call: Call): Promise<readonly EnqueuedAction[]> {
    const { ground, enqueueFor } = this.#parts;
    const { clock } = ground.database.surroundings;
    const closing = this.#parts.closing();
    if (closing.aborted) throw ground.database.closedError();
    const until = clock.monotonic() + enqueueFor;
    for (let pause = shortestPause; ; pause = Math.min(pause * 2, longestPause)) {
      try {
        return await group.add(call);
      } catch (error) {
        const wait = pause * (0.5 + systemChance.next());
        if (!SoraError.is(error) || !error.retryable || closing.aborted || clock.monotonic() + wait > until) throw error;
        await clock.sleep(wait, closing).catch(() => Promise.reject(error));
      }
    }
  }

  async #sendPlain(calls: readonly Call[]): Promise<readonly (readonly EnqueuedAction[])[]> {
    const json = calls.length === 1 ? (calls[0] as Call).json : `[${calls.map(call => call.json.slice(1, -1)).join(",")}]`;
    const { stored } = await this.#parts.ground.database.row<{ stored: readonly string[] | null }>("enqueue actions", this.#storePlain, [json]);
    const fresh = new Set(stored);
    return calls.map(({ ids }) => ids.map(id => ({ id, outcome: fresh.delete(id) ? "stored" : "existing" }) as const));
  }

  async #sendInLine(calls: readonly Call[]): Promise<readonly (readonly EnqueuedAction[] | typeof again)[]> {
    const json = `[${calls.map(call => call.json).join(",")}]`;
    const { answers } = await this.#parts.ground.database.row<{ answers: readonly (readonly EnqueuedAction[] | null)[] }>(
      "enqueue actions",
      this.#storeInLine,
      [json],
    );
    return answers.map(answer => answer ?? again);
  }
}

/** Whether it waits for others, or may be another already. */
function standsInLine({ key, idempotencyKey, debounceKey, after }: NewAction): boolean {
  return key !== undefined || idempotencyKey !== undefined || debounceKey !== undefined || after !== undefined;
}
