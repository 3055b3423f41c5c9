import { SoraError } from "../errors/sora-error.ts";
import { ActionTimeoutError } from "../errors/action-timeout-error.ts";
import { checkSchema, describeIssues } from "../definition/schema.ts";
import { runInContext } from "../host/ambient.ts";
import { answerable } from "./answerable.ts";
import { CallContext, cancelled } from "./call-context.ts";
import type { CallOptions, CancelSignal } from "./call-options.ts";
import type { ActionRuntime } from "./action-runtime.ts";
import { takeSlots } from "./slots.ts";
import { whenOpen } from "../lifecycle/service-gate.ts";
import { withInstance } from "../lifecycle/work-instance.ts";
import type { WorkContext } from "./work-context.ts";

/** A call with all that a call can have: limits, cancellation, interceptors, schema, lanes, an instance of its own. */
export function callFully(action: ActionRuntime, parameters: unknown, parent: WorkContext | undefined, options: CallOptions | undefined): Promise<unknown> {
  const { host } = action.service;
  const context = new CallContext(action, parent, options);
  const timeout = options?.timeout ?? action.timeout ?? Infinity;
  const left = options?.left ?? Infinity;
  const now = timeout === Infinity && left === Infinity ? 0 : host.clock.monotonic();
  const own = now + timeout;
  const deadline = Math.min(own, now + left, parent?.monotonicDeadline ?? Infinity);
  const signals = cancelSignals(parent, options);
  if (deadline === Infinity && signals.length === 0) {
    const outcome = begin(context, parameters, options);
    return parent === undefined ? answerable(context, outcome) : outcome;
  }
  context.limit(deadline);
  return answerInTime(context, deadline, deadline < own, signals, () => begin(context, parameters, options));
}

function begin(context: CallContext, parameters: unknown, options: CallOptions | undefined): Promise<unknown> {
  return context.host.ambientFlow ? runInContext(context, perform, parameters, options) : perform(context, parameters, options);
}

/** Whose abort answers the caller at once: its own signal, and that of the call it is made from. */
function cancelSignals(parent: WorkContext | undefined, options: CallOptions | undefined): CancelSignal[] {
  const signals: CancelSignal[] = [];
  if (options?.signal !== undefined) signals.push(options.signal);
  if (parent !== undefined && parent.cancellable) signals.push(parent.signal);
  return signals;
}

/** `isGiven` says that the deadline is that of what the call is part of. Settles as `work` does, or earlier: when the time is over or a signal aborts, the call's own signal is aborted and the caller answered. */
function answerInTime(
  context: CallContext,
  deadline: number,
  isGiven: boolean,
  signals: readonly CancelSignal[],
  work: () => Promise<unknown>,
): Promise<unknown> {
  const { clock } = context.host;
  const { actionRuntime } = context;
  const left = Math.max(0, deadline - clock.monotonic());
  const timedOut = (): Error => new ActionTimeoutError(context.service, context.action, left, context.startedAt === undefined ? "waiting" : "running", isGiven);
  const aborted = signals.find(signal => signal.aborted);
  if (aborted !== undefined) {
    actionRuntime.noteFailure("cancellations");
    return Promise.reject(cancelled(context, aborted.reason));
  }
  if (left === 0) {
    actionRuntime.noteFailure("timeouts");
    return Promise.reject(timedOut());
  }
  return new Promise((resolve, reject) => {
    const release = (): void => {
      timer?.cancel();
      for (const signal of signals) signal.removeEventListener("abort", stop);
    };
    const refuse = (error: unknown): void => {
      release();
      reject(error);
    };
    const giveUp = (error: Error, kind: "timeouts" | "cancellations"): void => {
      release(); // what hears of the answer may abort the signals that are listened to
      context.answer(error);
      actionRuntime.noteFailure(kind);
      reject(error);
    };
    const stop = (): void => giveUp(cancelled(context, signals.find(signal => signal.aborted)?.reason), "cancellations");
    for (const signal of signals) signal.addEventListener("abort", stop, { once: true });
    const timer = deadline === Infinity ? undefined : clock.setTimer(() => giveUp(timedOut(), "timeouts"), left);
    context.refuse = refuse;
    work().then(value => {
      release();
      resolve(value);
    }, refuse);
  });
}

async function perform(context: CallContext, parameters: unknown, options: CallOptions | undefined): Promise<unknown> {
  const { host, runtime } = context;
  // Asked again after each wait, which ends a moment after the service was open: it may have begun to stop since.
  while (!runtime.accepts(context.parent)) {
    context.noteWaiting(true);
    try {
      await whenOpen(runtime, context);
      context.noteWaiting(false);
    } catch (error) {
      context.settle();
      if (!context.answered) context.actionRuntime.noteFailure(context.aborted ? "cancellations" : "refusals");
      throw error;
    }
  }
  runtime.enter(context);
  if (host.stopping || runtime.state.phase === "stopping") runtime.noteLate(context);
  try {
    const result = await passInterceptors(context, parameters, options);
    if (!context.answered) context.actionRuntime.succeeded++;
    return result;
  } catch (error) {
    if (!context.answered) context.actionRuntime.failures++;
    throw error;
  } finally {
    runtime.leave(context);
  }
}

function passInterceptors(context: CallContext, parameters: unknown, options: CallOptions | undefined): Promise<unknown> {
  const { host, runtime } = context;
  const { interceptCall } = host;
  if (interceptCall === undefined) return runAction(context, parameters, options);
  const metadata = { ...context.metadata };
  const call = {
    service: runtime.name,
    action: context.action,
    parameters,
    correlationId: context.correlationId,
    priority: options?.priority ?? 0,
    signal: context.signal,
    metadata,
  };
  return interceptCall(call, () => {
    context.adoptMetadata(Object.freeze(metadata));
    return runAction(context, parameters, options);
  });
}

async function runAction(context: CallContext, parameters: unknown, options: CallOptions | undefined): Promise<unknown> {
  const { actionRuntime, runtime } = context;
  const { definition } = actionRuntime;
  if (definition.options.requiresParameters === true && parameters === undefined) {
    actionRuntime.refusals++;
    throw new SoraError("SORA_PARAMETERS_INVALID", `Cannot call ${runtime.name}.${definition.name} without parameters: the action requires them.`, {
      details: { issues: [{ path: [], message: "required" }] },
    });
  }
  const checking = checkSchema(definition.options.parameters, parameters);
  const checked = checking instanceof Promise ? await checking : checking;
  if (!checked.ok) {
    actionRuntime.refusals++;
    throw new SoraError(
      "SORA_PARAMETERS_INVALID",
      `Cannot call ${runtime.name}.${definition.name}: its parameters do not fit. ${describeIssues(checked.issues)}.`,
      { details: { service: runtime.name, action: definition.name, issues: checked.issues } },
    );
  }
  const limited = actionRuntime.lane !== undefined || runtime.lane !== undefined;
  const giveBack = limited ? await takeSlots(context, options?.priority ?? 0) : undefined;
  try {
    context.throwIfAborted(); // it may have been cancelled between its turn coming and now
    actionRuntime.calls++;
    context.begin();
    options?.began?.();
    try {
      return await runMethod(context, checked.value);
    } catch (error) {
      if (!context.answered) runtime.noteError(error); // only what fails here is the service's error; a caller's mistake or impatience is not
      throw error;
    } finally {
      options?.ended?.();
    }
  } finally {
    giveBack?.();
  }
}

function runMethod(context: CallContext, parameters: unknown): unknown {
  const { actionRuntime, runtime } = context;
  const { definition } = actionRuntime;
  if (!actionRuntime.usesInstance) return definition.run(undefined, parameters, context);
  return withInstance(runtime, context, instance => {
    const { executeAction } = runtime.definition.behaviour;
    return executeAction === undefined || instance === undefined
      ? definition.run(instance, parameters, context)
      : executeAction(instance, definition.name, parameters, context);
  });
}
