import { Cancellation } from "../actions/cancellation.ts";
import { SoraError } from "../errors/sora-error.ts";
import { encodeValue } from "../serialization/encode-value.ts";
import { decodeEnvelope } from "./action-envelope.ts";
import { parseQueueName } from "./store/queue-name.ts";
import type { Clock, ClockTimer } from "../time/clock.ts";
import type { ActionEnvelope } from "./action-envelope.ts";
import type { QueueParts } from "./store/queue-name.ts";
import type { ClaimedAction } from "./store/worker-turn.ts";
import type { StoredCall } from "./stored-call.ts";

/** What a worker knows of an action that it was handed out, beside the action itself. */
export interface HandedOut {
  readonly parts: QueueParts;
  /** `service/action`. */
  readonly actionKey: string;
  /** When it was handed out: on the store's clock, and on the monotonic one here. */
  readonly storeTime: number;
  readonly at: number;
  /** Called when there is progress to be stored. */
  readonly told: () => void;
}

/**
 * One attempt at an action that this host has: it waits for room, runs, and is over. Of those that wait there may be many, so what only one that runs has to have is made when it is asked for.
 */
export class RunningAction implements StoredCall {
  readonly claimed: ClaimedAction;
  readonly handed: HandedOut;
  waits = false;
  /** How far its handler is, whatever the attempt has come to. */
  handler: "yet to begin" | "at work" | "over" = "yet to begin";
  #envelope: ActionEnvelope | undefined = undefined;
  #signal: Cancellation | undefined = undefined;
  #progress: string | undefined = undefined;
  #heartbeat: (() => void) | undefined = undefined;

  /** `handed` may be shared by all that were handed out together and are of one queue. */
  constructor(claimed: ClaimedAction, handed: HandedOut) {
    this.claimed = claimed;
    this.handed = handed;
  }

  get id(): string {
    return this.claimed.id;
  }

  get attempt(): number {
    return this.claimed.attempt;
  }

  get parts(): QueueParts {
    return this.handed.parts;
  }

  /** Absent where it could not be read. */
  get envelope(): ActionEnvelope | undefined {
    return (this.#envelope ??= readable(this.claimed.envelope));
  }

  /** Aborted where the attempt is to end early. */
  get signal(): Cancellation {
    return (this.#signal ??= new Cancellation());
  }

  /** Whether another has it now, so that nothing of this attempt counts. */
  get lost(): boolean {
    return SoraError.is(this.#signal?.reason, "SORA_LEASE_LOST");
  }

  /** Whether somebody asked for it to be cancelled. */
  get cancelled(): boolean {
    return SoraError.is(this.#signal?.reason, "SORA_ACTION_CANCELLED");
  }

  progress(value: unknown): void {
    this.#heartbeat?.();
    if (value === undefined) return;
    this.#progress = encodeValue(value, "progress");
    this.handed.told();
  }

  /** Ends the attempt where nothing is told for `patience` milliseconds; until the returned function is called. */
  watchHeartbeat(clock: Clock, patience: number): () => void {
    let timer: ClockTimer | undefined;
    const arm = (): void => {
      timer?.cancel();
      timer = clock.setTimer(() => this.signal.abort(this.#silent(patience)), patience);
    };
    this.#heartbeat = arm;
    arm();
    return () => {
      timer?.cancel();
      this.#heartbeat = undefined;
    };
  }

  /** What was told since it was last taken. */
  takeProgress(): string | undefined {
    const progress = this.#progress;
    this.#progress = undefined;
    return progress;
  }

  cancel(): void {
    const { service, action } = this.parts;
    this.signal.abort(new SoraError("SORA_ACTION_CANCELLED", `Action ${service}.${action} was cancelled.`, { details: { id: this.id, service, action } }));
  }

  #silent(patience: number): SoraError {
    const { service, action } = this.parts;
    return new SoraError("SORA_ACTION_TIMEOUT", `Action ${service}.${action} has told nothing of its progress for ${patience} ms.`, {
      details: { id: this.id, service, action, patience },
      fix: "Call `context.progress()` more often, or give the action a longer `heartbeat`.",
    });
  }

  lose(): void {
    const { service, action } = this.parts;
    this.signal.abort(
      new SoraError("SORA_LEASE_LOST", `The lease for ${service}.${action} was not renewed in time: another worker may have taken the action over.`, {
        details: { id: this.id, service, action },
      }),
    );
  }
}

/** What was handed out together, each to be one attempt. `storeTime` and `at` are when that was, on the store's clock and on the monotonic one here. */
export function runsOf(claimed: readonly ClaimedAction[], storeTime: number, at: number, told: () => void): readonly RunningAction[] {
  const handedOut = new Map<string, HandedOut>();
  return claimed.map(one => {
    let handed = handedOut.get(one.queue);
    if (handed === undefined) {
      const parts = parseQueueName(one.queue);
      handed = { parts, actionKey: `${parts.service}/${parts.action}`, storeTime, at, told };
      handedOut.set(one.queue, handed);
    }
    return new RunningAction(one, handed);
  });
}

function readable(envelope: string): ActionEnvelope | undefined {
  try {
    return decodeEnvelope(envelope);
  } catch {
    return undefined; // of a newer version, or damaged: the attempt fails, and says so
  }
}
