import { parseDuration } from "../time/duration.ts";
import { isUnchecked } from "../definition/type.ts";
import { runInContext } from "../host/ambient.ts";
import { CallContext } from "./call-context.ts";
import { answerable } from "./answerable.ts";
import { callFully } from "./full-call.ts";
import { Lane } from "./lane.ts";
import { endScope } from "../lifecycle/work-instance.ts";
import { DurationHistogram } from "../observe/duration-histogram.ts";
import type { ActionDefinition } from "../definition/action-definition.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { CallOptions } from "./call-options.ts";
import type { WorkContext } from "./work-context.ts";

/** An action of a running host: the one way in for every call of it, whichever door the call came through. */
export class ActionRuntime {
  readonly service: ServiceRuntime;
  readonly definition: ActionDefinition;
  readonly lane: Lane | undefined;
  /** Milliseconds; `undefined` for none. */
  readonly timeout: number | undefined;
  /** False for built-in commands, which reach the service's runs and not an instance's method. */
  readonly usesInstance: boolean;
  /** Begun. */
  calls = 0;
  succeeded = 0;
  /** All that did not succeed, those that never began and the three kinds below included. */
  failures = 0;
  timeouts = 0;
  cancellations = 0;
  refusals = 0;
  /** From the acceptance of a call to the answer, while somebody reads the host's metrics. */
  durations: DurationHistogram | undefined = undefined;
  /** True where nothing stands between a caller and the method: no schema, no lane, no time limit. */
  readonly #bare: boolean;
  /** Bare, and nobody measures. */
  #plain: boolean;

  constructor(service: ServiceRuntime, definition: ActionDefinition, usesInstance: boolean) {
    const { concurrency, timeout, parameters, requiresParameters } = definition.options;
    this.service = service;
    this.definition = definition;
    this.usesInstance = usesInstance;
    this.lane = concurrency === undefined ? undefined : new Lane(`${service.name}.${definition.name}`, concurrency);
    const limit = timeout ?? service.definition.options.timeout;
    this.timeout = limit === undefined ? undefined : parseDuration(limit, "timeout");
    const checked = parameters !== undefined && !isUnchecked(parameters);
    this.#bare = !checked && requiresParameters !== true && this.lane === undefined && service.lane === undefined && this.timeout === undefined;
    this.#plain = this.#bare && !service.host.measuring;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Calls the action, at most once. Never throws: whatever goes wrong rejects. */
  call(parameters: unknown, parent: WorkContext | undefined, options: CallOptions | undefined): Promise<unknown> {
    if (this.#plain && options === undefined && this.service.direct && (parent === undefined || !parent.cancellable)) {
      return callBare(this, parameters, parent);
    }
    return this.service.host.measuring ? this.#measure(parameters, parent, options) : callFully(this, parameters, parent, options);
  }

  /** Counts a call that did not succeed, and how it ended where the method's own failure is not why. */
  noteFailure(kind: "timeouts" | "cancellations" | "refusals"): void {
    this.failures++;
    this[kind]++;
  }

  /** Takes up that measuring has begun or ended. */
  refresh(): void {
    this.#plain = this.#bare && !this.service.host.measuring;
  }

  #measure(parameters: unknown, parent: WorkContext | undefined, options: CallOptions | undefined): Promise<unknown> {
    const { clock } = this.service.host;
    const durations = (this.durations ??= new DurationHistogram());
    const began = clock.monotonic();
    const straight = this.#bare && options === undefined && this.service.direct && (parent === undefined || !parent.cancellable);
    return (straight ? callBare(this, parameters, parent) : callFully(this, parameters, parent, options)).then(
      (value: unknown) => {
        durations.observe(clock.monotonic() - began);
        return value;
      },
      (error: unknown) => {
        durations.observe(clock.monotonic() - began);
        throw error;
      },
    );
  }
}

function callBare(action: ActionRuntime, parameters: unknown, parent: WorkContext | undefined): Promise<unknown> {
  const context = new CallContext(action, parent, undefined);
  return action.service.host.ambientFlow ? runInContext(context, callPlainly, action, parameters) : callPlainly(context, action, parameters);
}

/**
 * A call that uses nothing but its context. What it saves is most of the cost of a call: see `bench/`. That it waits with `then` and not in an async function
 * saves a third of what it adds to the method's own time; errors keep their async stack all the same.
 */
function callPlainly(context: CallContext, action: ActionRuntime, parameters: unknown): Promise<unknown> {
  const { service } = action;
  action.calls++;
  service.enter(context);
  let result: unknown;
  try {
    result = action.definition.run(service.instance, parameters, context);
  } catch (error) {
    return answered(context, settle(context, Promise.reject(error)));
  }
  if (!(result instanceof Promise)) return answered(context, settle(context, result));
  const outcome = result.then(
    (value: unknown) => {
      if (context.scope !== undefined || context.answered) return settle(context, value);
      action.succeeded++;
      service.leave(context);
      return value;
    },
    (error: unknown) => {
      if (context.scope !== undefined) return settle(context, Promise.reject(error));
      throw failed(context, error);
    },
  );
  return answered(context, outcome);
}

/** What the caller gets: from outside, something that a stop can answer too. */
function answered(context: CallContext, outcome: Promise<unknown>): Promise<unknown> {
  return context.parent === undefined ? answerable(context, outcome) : outcome;
}

/** For methods that throw, or return a value at once or a promise of another making, and for calls that have dependencies of their own to dispose of. */
async function settle(context: CallContext, result: unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await result;
  } catch (error) {
    if (context.scope !== undefined) await endScope(context.runtime, context.scope);
    throw failed(context, error);
  }
  if (context.scope !== undefined) await endScope(context.runtime, context.scope);
  if (!context.answered) context.actionRuntime.succeeded++;
  context.runtime.leave(context);
  return value;
}

/** Counts a failure, ends the call, and gives the error back. A call whose caller was answered has been counted. */
function failed(context: CallContext, error: unknown): Error {
  const { actionRuntime, runtime } = context;
  if (!context.answered) {
    actionRuntime.failures++;
    runtime.noteError(error);
  }
  runtime.leave(context);
  return error as Error;
}
