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

/** A call that uses nothing but its context. What it saves is most of the cost of a call: see `bench/`. */
async function callPlainly(context: CallContext, action: ActionRuntime, parameters: unknown): Promise<unknown> {
  const { service } = action;
  action.calls++;
  service.enter(context);
  try {
    return await action.definition.run(service.instance, parameters, context);
  } catch (error) {
    action.failures++;
    service.noteError(error);
    throw error;
  } finally {
    service.leave(context);
  }
}
