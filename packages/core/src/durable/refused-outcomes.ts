import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { RunningAction } from "./running-action.ts";
import type { ActionStore } from "./store/action-store.ts";
import type { StoredError } from "./store/stored-action.ts";
import type { WorkerTurnAnswer } from "./store/worker-turn.ts";
import type { Ended } from "./unwritten-outcomes.ts";

/** Whether the store refuses for good what it was asked: asked again it would refuse again. */
export function isRefusal(error: unknown): boolean {
  return SoraError.is(error, "SORA_STORE_UNAVAILABLE") && !error.retryable;
}

export interface RefusedOutcomesParts {
  readonly host: HostKernel;
  readonly actions: ActionStore;
  /** Milliseconds for which a dead action is kept. */
  readonly keepFor: number;
  /** An attempt has ended otherwise than was told. */
  readonly onInstead: (run: RunningAction, outcome: AttemptOutcome) => void;
  readonly onWritten: (worker: string, ended: readonly Ended[], answer: WorkerTurnAnswer) => void;
  /** These could not be written. */
  readonly onLeft: (ended: readonly Ended[]) => void;
}

/** Writes outcomes that the store refused together, so that one which it does not take keeps no other from being written. */
export class RefusedOutcomes {
  readonly #parts: RefusedOutcomesParts;

  constructor(parts: RefusedOutcomesParts) {
    this.#parts = parts;
  }

  /** In ever smaller parts, until the one that is refused is found alone, and a failure is written in its place. Rejects where it is not because of an outcome. */
  async write(worker: string, ended: readonly Ended[]): Promise<void> {
    const left = new Map(ended.map(one => [one.run, one]));
    const write = async (part: readonly Ended[]): Promise<void> => {
      const answer = await this.#parts.actions.turn({ worker, settle: part.map(({ outcome }) => outcome.settlement) });
      for (const { run } of part) left.delete(run);
      this.#parts.onWritten(worker, part, answer);
    };
    try {
      await this.#apart(worker, ended, write);
    } catch (error) {
      this.#parts.onLeft([...left.values()]);
      throw error;
    }
  }

  async #apart(worker: string, ended: readonly Ended[], write: (part: readonly Ended[]) => Promise<void>): Promise<void> {
    if (ended.length === 1) await this.#parts.actions.renew(worker); // a store that takes nothing at all refuses this too, and is not to cost an outcome
    try {
      await write(ended);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (ended.length === 1) return write([this.#instead(ended[0] as Ended, error)]);
      const half = Math.ceil(ended.length / 2);
      await this.#apart(worker, ended.slice(0, half), write);
      await this.#apart(worker, ended.slice(half), write);
    }
  }

  #instead({ run, outcome: { settlement } }: Ended, error: unknown): Ended {
    const { host, keepFor, onInstead } = this.#parts;
    if (settlement.kind === "released") throw error; // it says nothing that could be refused
    const { service, action } = run.parts;
    const { id, fence } = settlement;
    const stored = (code: string, what: string): StoredError => ({
      message: `Cannot store ${what}: ${describeError(error)}`.slice(0, 10_000),
      code,
      attempt: run.attempt,
      at: host.clock.now(),
    });
    const dead = settlement.kind === "completed" ? ", which is dead by that, and no further attempt follows" : "";
    host.logger.error(`The store refuses the outcome of ${service}.${action}${dead}: ${describeError(error)}`, { id, error });
    const outcome: AttemptOutcome = {
      settlement:
        settlement.kind === "completed"
          ? { id, fence, kind: "dead", error: stored("SORA_RESULT_NOT_SERIALIZABLE", "the result"), keepFor }
          : { ...settlement, error: stored("SORA_STORE_UNAVAILABLE", "what was thrown") },
    };
    onInstead(run, outcome);
    return { run, outcome };
  }
}
