import { SoraError } from "../errors/sora-error.ts";
import type { CallOptions } from "./call-options.ts";
import type { ActionContext, actionContext } from "./action-context.ts";
import type { ActionRuntime } from "./action-runtime.ts";
import { Lane } from "./lane.ts";
import type { CallMetadata } from "./service-context.ts";
import { WorkContext } from "./work-context.ts";

export interface CallContext {
  readonly [actionContext]: true;
}

/** One call of one action, from its acceptance to its settlement. */
export class CallContext extends WorkContext implements ActionContext {
  readonly actionRuntime: ActionRuntime;
  readonly attempt = 1;
  /** Neighbours in the service's list of calls under way. */
  previous: CallContext | undefined = undefined;
  next: CallContext | undefined = undefined;
  /** Lanes this call holds a slot of; absent for an unlimited one. */
  lanes: Map<Lane, Lane | undefined> | undefined = undefined;
  /** On the monotonic clock. */
  #deadline = Infinity;
  #cancellable = false;
  #controller: AbortController | undefined = undefined;
  #abortReason: Error | undefined = undefined;
  #followed: { readonly signal: AbortSignal; readonly stop: () => void } | undefined = undefined;
  #startedAt: number | undefined = undefined;

  constructor(action: ActionRuntime, parent: WorkContext | undefined, options: CallOptions | undefined) {
    super(action.service, parent);
    this.actionRuntime = action;
    if (options === undefined) return;
    this.ownCorrelationId = options.correlationId;
    if (options.metadata !== undefined) this.ownMetadata = Object.freeze({ ...parent?.metadata, ...options.metadata });
  }

  get action(): string {
    return this.actionRuntime.name;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortReason !== undefined) this.#controller.abort(this.#abortReason);
      else this.#follow();
    }
    return this.#controller.signal;
  }

  get deadline(): number | undefined {
    const clock = this.host.clock;
    return this.monotonicDeadline === Infinity ? undefined : Math.round(clock.now() + this.monotonicDeadline - clock.monotonic());
  }

  override get monotonicDeadline(): number {
    return Math.min(this.#deadline, super.monotonicDeadline);
  }

  override get cancellable(): boolean {
    return this.#cancellable || super.cancellable;
  }

  /** Tells which sources may end the call early; before it begins. */
  limit(deadline: number, cancellable: boolean): void {
    this.#deadline = deadline;
    this.#cancellable = cancellable;
  }

  /** Takes the metadata that an interceptor left for nested calls. */
  adoptMetadata(metadata: CallMetadata): void {
    this.ownMetadata = metadata;
  }

  /** The lane of one in which calls made from inside this call take turns with its slot of `lane`. */
  lend(lane: Lane): Lane {
    const lent = this.lanes?.get(lane) ?? new Lane(`${lane.name}, inside a call of it`, 1);
    this.lanes?.set(lane, lent);
    return lent;
  }

  /** Whether the caller has been answered already, by a timeout or a cancellation, and the failure been counted. */
  get answered(): boolean {
    return this.#abortReason !== undefined && this.#cancellable;
  }

  /** When the action itself began, on the monotonic clock; `undefined` while it waits. Only calls on the full path keep it. */
  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  begin(): void {
    this.#startedAt = this.host.clock.monotonic();
  }

  /** Aborts the call's signal; the first reason stays. */
  abort(reason: Error): void {
    if (this.#abortReason !== undefined) return;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
  }

  /** Lets go of everything the call's signal listened to. */
  settle(): void {
    if (this.#followed === undefined) return;
    this.#followed.signal.removeEventListener("abort", this.#followed.stop);
    this.#followed = undefined;
  }

  /** A signal asked for follows that of the surrounding call or run; one that nobody asks for costs nothing. */
  #follow(): void {
    if (this.parent === undefined || this.parent.runtime.host !== this.host) return;
    const signal = this.parent.signal;
    if (signal.aborted) return this.abort(cancelled(this, signal.reason));
    const stop = (): void => this.abort(cancelled(this, signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    this.#followed = { signal, stop };
  }
}

/** What a call is told when whoever asked for it has gone. */
export function cancelled(context: CallContext, reason: unknown): Error {
  if (SoraError.is(reason)) return reason;
  return new SoraError("SORA_ACTION_CANCELLED", `Action ${context.service}.${context.action} was cancelled by its caller.`, { details: { service: context.service, action: context.action }, cause: reason });
}
