import { parseDuration } from "../time/duration.ts";
import { isUnchecked } from "../definition/type.ts";
import { runInContext } from "../host/ambient.ts";
import { CallContext } from "./call-context.ts";
import { callFully } from "./full-call.ts";
import { Lane } from "./lane.ts";
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
  calls = 0;
  failures = 0;
  /** True where nothing stands between a caller and the method: no schema, no lane, no time limit. */
  readonly #plain: boolean;

  constructor(service: ServiceRuntime, definition: ActionDefinition, usesInstance: boolean) {
    const { concurrency, timeout, parameters, requiresParameters } = definition.options;
    this.service = service;
    this.definition = definition;
    this.usesInstance = usesInstance;
    this.lane = concurrency === undefined ? undefined : new Lane(`${service.name}.${definition.name}`, concurrency);
    const limit = timeout ?? service.definition.options.timeout;
    this.timeout = limit === undefined ? undefined : parseDuration(limit, "timeout");
    const checked = parameters !== undefined && !isUnchecked(parameters);
    this.#plain = !checked && requiresParameters !== true && this.lane === undefined && service.lane === undefined && this.timeout === undefined;
  }

  get name(): string {
    return this.definition.name;
  }

  /** Calls the action, at most once. Never throws: whatever goes wrong rejects. */
  call(parameters: unknown, parent: WorkContext | undefined, options: CallOptions | undefined): Promise<unknown> {
    if (this.#plain && options === undefined && this.service.direct && (parent === undefined || !parent.cancellable)) {
      const context = new CallContext(this, parent, undefined);
      return this.service.host.ambientFlow ? runInContext(context, callPlainly, this, parameters) : callPlainly(context, this, parameters);
    }
    return callFully(this, parameters, parent, options);
  }
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
    return Promise.reject(failed(context, error));
  }
  if (!(result instanceof Promise)) return settle(context, result);
  return result.then(
    (value: unknown) => {
      service.leave(context);
      return value;
    },
    (error: unknown) => {
      throw failed(context, error);
    },
  );
}

/** For methods that return a value at once, or a promise of another making. */
async function settle(context: CallContext, result: unknown): Promise<unknown> {
  let value: unknown;
  try {
    value = await result;
  } catch (error) {
    throw failed(context, error);
  }
  context.runtime.leave(context);
  return value;
}

/** Counts a failure, ends the call, and gives the error back. */
function failed(context: CallContext, error: unknown): Error {
  const { actionRuntime, runtime } = context;
  actionRuntime.failures++;
  runtime.noteError(error);
  runtime.leave(context);
  return error as Error;
}
