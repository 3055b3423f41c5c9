import { SoraError } from "@sora/core/adapter";
import type { EnqueuedAction, NewAction } from "@sora/core/adapter";
import { again, GroupedCalls } from "../connection/grouped-calls.ts";
import type { Ground } from "../connection/ground.ts";
import type { Statement } from "../connection/statement.ts";
import type { PassengerTurn, TurnAnswer } from "./passenger-turn.ts";
import { turnCall, turnParameters } from "./passenger-turn.ts";

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
  /** Whether it has been sent before, and may be under way to the server still. */
  readonly isRepeated: boolean;
}

interface Stored {
  readonly actions: readonly EnqueuedAction[];
  /** Whether some of them may be begun, and nobody has been handed them yet. */
  readonly isNew: boolean;
}

/** Stores actions, alone and with a turn in the same transaction. */
interface Storing {
  readonly alone: Statement;
  readonly withTurn: Statement;
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
  readonly #plain: GroupedCalls<Call, Stored, PassengerTurn>;
  readonly #inLine: GroupedCalls<Call, Stored, PassengerTurn>;
  readonly #storePlain: Storing;
  readonly #storeInLine: Storing;

  constructor(parts: EnqueueActionsParts) {
    const { ground } = parts;
    this.#parts = parts;
    this.#storePlain = storing(ground.schema, "store_plain");
    this.#storeInLine = storing(ground.schema, "store_calls");
    const common = {
      splits: isRefused,
      weight: ({ json }: Call) => json.length,
      heaviest,
      worthwhile,
      pause: () => {
        const { clock, chance } = ground.database.surroundings;
        return clock.sleep(1 + keyPause * chance.next());
      },
    };
    this.#plain = new GroupedCalls({ ...common, flights: 2, send: (calls, turn) => this.#sendPlain(calls, turn) });
    this.#inLine = new GroupedCalls({ ...common, heaviest: heaviest / 4, flights: 1, send: (calls, turn) => this.#sendInLine(calls, turn) });
  }

  async enqueue(actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]> {
    if (actions.length === 0) return [];
    const call: Call = { json: JSON.stringify(actions), ids: actions.map(({ id }) => id), isRepeated: false };
    const stored = await this.#patiently(actions.some(standsInLine) ? this.#inLine : this.#plain, call);
    if (stored.isNew) this.#parts.ground.ring({ kind: "ready" });
    return stored.actions;
  }

  /** Has a turn taken in the transaction of what is about to be stored. False where nothing is. */
  accompany(turn: PassengerTurn): boolean {
    return this.#plain.accompany(turn) || this.#inLine.accompany(turn);
  }

  /** Resolves when every call that was accepted has its answer. */
  async drained(): Promise<void> {
    await Promise.all([this.#plain.drained(), this.#inLine.drained()]);
  }

  async #patiently(group: GroupedCalls<Call, Stored, PassengerTurn>, call: Call): Promise<Stored> {
    const { ground, enqueueFor } = this.#parts;
    const { clock, chance } = ground.database.surroundings;
    const closing = this.#parts.closing();
    if (closing.aborted) throw ground.database.closedError();
    const until = clock.monotonic() + enqueueFor;
    for (let pause = shortestPause, next = call; ; pause = Math.min(pause * 2, longestPause), next = { ...call, isRepeated: true }) {
      try {
        return await group.add(next);
      } catch (error) {
        const wait = pause * (0.5 + chance.next());
        if (!SoraError.is(error) || !error.retryable || closing.aborted || clock.monotonic() + wait > until) throw error;
        await clock.sleep(wait, closing).catch(() => Promise.reject(error));
      }
    }
  }

  async #sendPlain(calls: readonly Call[], turn: PassengerTurn | undefined): Promise<readonly Stored[]> {
    const json = calls.length === 1 ? (calls[0] as Call).json : `[${calls.map(call => call.json.slice(1, -1)).join(",")}]`;
    const { stored, begun } = await this.#store<readonly string[] | null>(this.#storePlain, json, calls, turn);
    const fresh = new Set(stored);
    return calls.map(({ ids }) =>
      told(
        ids.map(id => ({ id, outcome: fresh.delete(id) ? "stored" : "existing" })),
        begun,
      ),
    );
  }

  async #sendInLine(calls: readonly Call[], turn: PassengerTurn | undefined): Promise<readonly (Stored | typeof again)[]> {
    const json = `[${calls.map(call => call.json).join(",")}]`;
    const { stored, begun } = await this.#store<readonly (readonly EnqueuedAction[] | null)[]>(this.#storeInLine, json, calls, turn);
    return stored.map(actions => (actions === null ? again : told(actions, begun)));
  }

  /** What the function answered, and which of them were handed out in the same transaction. */
  async #store<Answer>(
    { alone, withTurn }: Storing,
    json: string,
    calls: readonly Call[],
    turn: PassengerTurn | undefined,
  ): Promise<{ readonly stored: Answer; readonly begun: ReadonlySet<string> }> {
    const { database } = this.#parts.ground;
    // what was sent before may wait for itself, and nobody's turn is to wait for that
    const goesAlong = turn !== undefined && !calls.some(({ isRepeated }) => isRepeated);
    if (!goesAlong) {
      turn?.leftBehind();
      return { ...(await database.row<{ stored: Answer }>("enqueue actions", alone, [json])), begun: nobody };
    }
    try {
      const { stored, answer } = await database.row<{ stored: Answer; answer: TurnAnswer }>("enqueue actions", withTurn, [...turn.values, json]);
      turn.taken(answer);
      return { stored, begun: new Set(answer.claimed?.id) };
    } catch (error) {
      if (isRefused(error)) turn.leftBehind();
      else turn.failed(error);
      throw error;
    }
  }
}

const nobody: ReadonlySet<string> = new Set();

function storing(schema: string, name: "store_plain" | "store_calls"): Storing {
  return {
    alone: { name, text: `SELECT ${schema}.${name}($1) AS stored` },
    // materialized, so that the turn is taken after the storing
    withTurn: {
      name: `${name}_and_turn`,
      text: `WITH storing AS MATERIALIZED (SELECT ${schema}.${name}($${turnParameters + 1}) AS stored) SELECT stored, ${turnCall(schema)} AS answer FROM storing`,
    },
  };
}

function told(actions: readonly EnqueuedAction[], begun: ReadonlySet<string>): Stored {
  return { actions, isNew: actions.some(({ id, outcome }) => outcome !== "existing" && !begun.has(id)) };
}

/** Nothing of it was done, and nothing of it will be. */
function isRefused(error: unknown): boolean {
  return SoraError.is(error) && !error.retryable;
}

/** Whether it waits for others, or may be another already. */
function standsInLine({ key, idempotencyKey, debounceKey, after }: NewAction): boolean {
  return key !== undefined || idempotencyKey !== undefined || debounceKey !== undefined || after !== undefined;
}
