import { ambientHost, currentContext } from "../host/ambient.ts";
import { ActionStep } from "./action-step.ts";
import { BatchStep } from "./batch-step.ts";
import { checkedEvent, checkedItems } from "./checked-steps.ts";
import { EventStep } from "./event-step.ts";
import { ServiceQuery } from "./service-query.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { EventHandler } from "./builders.ts";
import type { Step } from "./chain.ts";
import type { ServiceTarget } from "./shape-of.ts";
import type { EventOptions } from "./subscribe-handler.ts";

/** The fluent API for `target`: on `host` and as part of `parent`'s work where given, else on whatever surrounds the code when a chain is executed. */
export function clientFor(target: string | ServiceTarget, host: HostKernel | undefined, parent: WorkContext | undefined): ServiceClient {
  return new ServiceClient(target, host, parent);
}

/** Where a call goes and what it is part of, found when a chain is executed. */
interface Place {
  readonly service: ServiceRuntime;
  readonly parent: WorkContext | undefined;
  /** The work of another host that the call is made from. */
  readonly elsewhere: WorkContext | undefined;
}

/** The untyped body of `ServiceBuilder`: which service is meant. */
export class ServiceClient {
  readonly target: string | ServiceTarget;
  readonly host: HostKernel | undefined;
  readonly parent: WorkContext | undefined;

  constructor(target: string | ServiceTarget, host: HostKernel | undefined, parent: WorkContext | undefined) {
    this.target = target;
    this.host = host;
    this.parent = parent;
  }

  do(action: string, parameters?: unknown): ActionStep {
    return new ActionStep(this, undefined, action, parameters, undefined);
  }

  doEach(action: string, items: readonly unknown[]): BatchStep {
    return new BatchStep(this.do(action), checkedItems(items));
  }

  on(event: ServiceEvent | string): EventStep {
    return new EventStep(this, undefined, checkedEvent(event), {}, []);
  }

  /** The steps are made here where one kind follows the other, so that neither has to load the other. */
  actionAfter(before: Step, action: string, parameters: unknown): ActionStep {
    return new ActionStep(this, before, action, parameters, undefined);
  }

  eventAfter(before: Step, event: ServiceEvent | string, options: EventOptions = {}, handlers: readonly EventHandler<unknown>[] = []): EventStep {
    return new EventStep(this, before, event, options, handlers);
  }

  query(): ServiceQuery {
    return new ServiceQuery(() => this.locate().service);
  }

  /** @throws SoraError `SORA_SERVICE_UNKNOWN`, `SORA_HOST_NOT_RUNNING`, `SORA_HOST_AMBIGUOUS`. */
  locate(): Place {
    const caller = this.parent ?? currentContext();
    const host = this.host ?? ambientHost(caller);
    const service = host.registry.find(this.target);
    return caller?.host === host ? { service, parent: caller, elsewhere: undefined } : { service, parent: undefined, elsewhere: caller };
  }
}
