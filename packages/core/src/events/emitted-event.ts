import { WorkContext } from "../actions/work-context.ts";
import type { EventContext } from "../actions/event-context.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { EventEnvelope } from "./event-envelope.ts";

/**
 * One occurrence of an event: what handlers get as their context, and the parent of the calls they make. It passes on correlation and metadata, and
 * leads to the call that may be waiting for the handlers; that call's deadline and signal are not theirs.
 */
export class EmittedEvent extends WorkContext implements EventContext, EventEnvelope {
  readonly event: string;
  readonly at: number;

  constructor(service: ServiceRuntime, emitter: WorkContext, event: string, at: number) {
    super(service, emitter);
    this.event = event;
    this.at = at;
  }

  get emittedAt(): number {
    return this.at;
  }

  get signal(): AbortSignal {
    return this.host.workSignal;
  }
}
