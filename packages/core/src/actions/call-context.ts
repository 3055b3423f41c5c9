import { SoraError } from "../errors/sora-error.ts";
import type { CallOptions } from "./call-options.ts";
import type { ActionContext, actionContext } from "./action-context.ts";
import type { ActionRuntime } from "./action-runtime.ts";
import { CallControl } from "./call-control.ts";
import { Lane } from "./lane.ts";
import type { CallMetadata } from "./service-context.ts";
import type { Slot } from "./slots.ts";
import { WorkContext } from "./work-context.ts";

export interface CallContext {
  readonly [actionContext]: true;
}

/** One call of one action, from its acceptance to its settlement. */
export class CallContext extends WorkContext implements ActionContext {
  readonly actionRuntime: ActionRuntime;
  /** Neighbours in the service's list of calls under way. */
  previous: CallContext | undefined = undefined;
  next: CallContext | undefined = undefined;
  /** Answers the caller with an error before the action has ended; absent where something else can. */
  refuse: ((error: Error) => void) | undefined = undefined;
  #control: CallControl | undefined = undefined;

  constructor(action: ActionRuntime, parent: WorkContext | undefined, options: CallOptions | undefined) {
    super(action.service, parent);
    this.actionRuntime = action;
    if (options === undefined) return;
    this.ownCorrelationId = options.correlationId;
    if (options.stored !== undefined) this.#controlled().stored = options.stored;
    if (options.metadata !== undefined) this.ownMetadata = Object.freeze({ ...parent?.metadata, ...options.metadata });
  }

  protected override get endsScope(): boolean {
    return true;
  }

  get action(): string {
    return this.actionRuntime.name;
  }

  override get endsByItself(): boolean {
    return true;
  }

  get attempt(): number {
    return this.#control?.stored?.attempt ?? 1;
  }

  get storedId(): string | undefined {
    return this.#control?.stored?.id;
  }

  override get progress(): WorkContext["progress"] {
    return value => {
      this.noteProgress();
      this.#control?.stored?.progress(value);
    };
  }

  get signal(): AbortSignal {
    const control = this.#controlled();
    if (control.controller === undefined) {
      control.controller = new AbortController();
      if (control.abortReason !== undefined) control.controller.abort(control.abortReason);
      else this.#follow(control);
    }
    return control.controller.signal;
  }

  get deadline(): number | undefined {
    const clock = this.host.clock;
    return this.monotonicDeadline === Infinity ? undefined : Math.round(clock.now() + this.monotonicDeadline - clock.monotonic());
  }

  override get monotonicDeadline(): number {
    return this.#control === undefined ? Infinity : this.#control.deadline;
  }

  /** Says before it begins that the call may end early: at `deadline`, or with a signal, of its own or of the work around it. */
  limit(deadline: number): void {
    this.#controlled().deadline = deadline;
    this.cancellable = true;
  }

  /** Tells the stored action, where it is an attempt at one, whether it waits for its turn. */
  noteWaiting(waits: boolean): void {
    if (this.#control?.stored !== undefined) this.#control.stored.waits = waits;
  }

  /** Takes the metadata that an interceptor left for nested calls. */
  adoptMetadata(metadata: CallMetadata): void {
    this.ownMetadata = metadata;
  }

  /** The lanes this call holds a slot of; absent for an unlimited one. */
  get slots(): ReadonlyMap<Lane, Slot> | undefined {
    return this.#control?.slots;
  }

  set slots(slots: ReadonlyMap<Lane, Slot> | undefined) {
    this.#controlled().slots = slots;
  }

  /** The lane of one in which calls made from inside this call take turns with its slot of `lane`. */
  lend(lane: Lane): Lane {
    const slot = this.slots?.get(lane) as Slot;
    return (slot.lent ??= new Lane(`${lane.name}, inside a call of it`, 1));
  }

  override get ended(): boolean {
    return this.refuse === over;
  }

  /** Whether the caller has been answered already, by a timeout or a cancellation, and the failure been counted. */
  get answered(): boolean {
    return this.#control?.answered === true;
  }

  /** Aborts the call, and marks its caller as answered. */
  answer(reason: Error): void {
    this.#controlled().answered = true;
    this.abort(reason);
  }

  /** Whether it was told to end. */
  get aborted(): boolean {
    return this.#control?.abortReason !== undefined;
  }

  /** Throws the reason of the abort where there was one: what has not begun by then never does. */
  throwIfAborted(): void {
    const reason = this.#control?.abortReason;
    if (reason !== undefined) throw reason;
  }

  /** When the action itself began, on the monotonic clock; `undefined` while it waits. Only calls that may end early keep it. */
  get startedAt(): number | undefined {
    return this.#control?.startedAt;
  }

  begin(): void {
    if (this.cancellable) this.#controlled().startedAt = this.host.clock.monotonic();
  }

  /** Answers the caller of a call that a stop could not wait for, unless he was answered before. Whatever the action does after is nobody's. */
  abandon(reason: Error): void {
    if (this.answered) return;
    this.answer(reason);
    this.actionRuntime.noteFailure("cancellations");
    this.refuse?.(reason);
  }

  /** Aborts the call's signal; the first reason stays. */
  abort(reason: Error): void {
    const control = this.#controlled();
    if (control.abortReason !== undefined) return;
    control.abortReason = reason;
    control.controller?.abort(reason);
  }

  /** The call is over: lets go of everything its signal listened to, and of its deadline. */
  settle(): void {
    this.refuse = over;
    const control = this.#control;
    if (control === undefined) return;
    this.cancellable = false;
    control.deadline = Infinity;
    if (control.followed === undefined) return;
    control.followed.signal.removeEventListener("abort", control.followed.stop);
    control.followed = undefined;
  }

  /** A signal asked for follows that of the surrounding call or run; one that nobody asks for costs nothing. */
  #follow(control: CallControl): void {
    if (this.parent === undefined || this.parent.runtime.host !== this.host) return;
    const signal = this.parent.signal;
    if (signal.aborted) return this.abort(cancelled(this, signal.reason));
    const stop = (): void => this.abort(cancelled(this, signal.reason));
    signal.addEventListener("abort", stop, { once: true });
    control.followed = { signal, stop };
  }

  #controlled(): CallControl {
    return (this.#control ??= new CallControl());
  }
}

/** Stands where the way to answer the caller stood, once the call is over: a field of its own would make every call larger. */
function over(): void {}

/** What a call is told when whoever asked for it has gone. */
export function cancelled(context: CallContext, reason: unknown): Error {
  if (SoraError.is(reason)) return reason;
  return new SoraError("SORA_ACTION_CANCELLED", `Action ${context.service}.${context.action} was cancelled by its caller.`, {
    details: { service: context.service, action: context.action },
    cause: reason,
  });
}
