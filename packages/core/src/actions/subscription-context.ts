import type { EmittedEvent } from "../events/emitted-event.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import { WorkContext } from "./work-context.ts";

/**
 * The ambient context of one subscription's handlers, fixed when it is made. They run one at a time, so it can point at the event under way: calls made
 * there belong to that event.
 */
export class SubscriptionContext extends WorkContext {
  current: EmittedEvent | undefined = undefined;

  constructor(runtime: ServiceRuntime) {
    super(runtime, undefined);
  }

  get signal(): AbortSignal {
    return this.host.workSignal;
  }

  override acting(): WorkContext {
    return this.current ?? this;
  }

  override flowingCorrelationId(): string | undefined {
    return this.current?.correlationId;
  }
}
