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

/** One attempt under way on this host. */
export class RunningAction implements StoredCall {
  readonly claimed: ClaimedAction;
  readonly parts: QueueParts;
  /** Absent where it could not be read. */
  readonly envelope: ActionEnvelope | undefined;
  /** Aborted where the attempt is to end early. */
  readonly signal: Cancellation = new Cancellation();
  readonly #told: () => void;
  #progress: string | undefined = undefined;
  #heartbeat: (() => void) | undefined = undefined;

  /** `told` is called when there is progress to be stored. */
  constructor(claimed: ClaimedAction, told: () => void) {
    this.claimed = claimed;
    this.parts = parseQueueName(claimed.queue);
    this.envelope = readable(claimed.envelope);
    this.#told = told;
  }

  get id(): string {
    return this.claimed.id;
  }

  get attempt(): number {
    return this.claimed.attempt;
  }

  /** Whether another has it now, so that nothing of this attempt counts. */
  get lost(): boolean {
    return SoraError.is(this.signal.reason, "SORA_LEASE_LOST");
  }

  /** Whether somebody asked for it to be cancelled. */
  get cancelled(): boolean {
    return SoraError.is(this.signal.reason, "SORA_ACTION_CANCELLED");
  }

  /** A field and no method, so that a handler may take it out of its context. */
  readonly progress = (value: unknown): void => {
    this.#heartbeat?.();
    if (value === undefined) return;
    this.#progress = encodeValue(value, "progress");
    this.#told();
  };

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

function readable(envelope: string): ActionEnvelope | undefined {
  try {
    return decodeEnvelope(envelope);
  } catch {
    return undefined; // of a newer version, or damaged: the attempt fails, and says so
  }
}
