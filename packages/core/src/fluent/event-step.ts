import { stepsOf } from "./chain.ts";
import { checkedEvent, checkedFilter, checkedHandler, checkedOverflow } from "./checked-steps.ts";
import { subscribeChain } from "./subscribe-chain.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { Subscription } from "../events/subscription.ts";
import type { ActionStep } from "./action-step.ts";
import type { EventHandler, OverflowPolicy } from "./builders.ts";
import type { Step } from "./chain.ts";
import type { ServiceClient } from "./service-client.ts";
import type { EventOptions } from "./subscribe-handler.ts";

/** One event of a chain with its handlers, linked to the step before it. Immutable. */
export class EventStep {
  readonly client: ServiceClient;
  readonly before: Step | undefined;
  readonly event: ServiceEvent | string;
  readonly options: EventOptions;
  readonly handlers: readonly EventHandler<unknown>[];

  constructor(
    client: ServiceClient,
    before: Step | undefined,
    event: ServiceEvent | string,
    options: EventOptions,
    handlers: readonly EventHandler<unknown>[],
  ) {
    this.client = client;
    this.before = before;
    this.event = event;
    this.options = options;
    this.handlers = handlers;
  }

  get kind(): "event" {
    return "event";
  }

  withFilter(filter: (args: unknown) => boolean): EventStep {
    return this.#with({ filters: [...(this.options.filters ?? []), checkedFilter(filter)] });
  }

  once(): EventStep {
    return this.#with({ once: true });
  }

  withQueue(capacity: number, overflow?: OverflowPolicy): EventStep {
    return this.#with(overflow === undefined ? { capacity } : { capacity, overflow: checkedOverflow(overflow) });
  }

  withConcurrency(concurrency: number): EventStep {
    return this.#with({ concurrency });
  }

  do(next: EventHandler<unknown>): EventStep;
  do(next: string, parameters?: unknown): ActionStep;
  do(next: EventHandler<unknown> | string, parameters?: unknown): EventStep | ActionStep {
    if (typeof next === "string") return this.client.actionAfter(this, next, parameters);
    return new EventStep(this.client, this.before, this.event, this.options, [...this.handlers, checkedHandler(next)]);
  }

  on(event: ServiceEvent | string): EventStep {
    return new EventStep(this.client, this, checkedEvent(event), {}, []);
  }

  subscribe(): Promise<Subscription> {
    return subscribeChain(stepsOf(this));
  }

  #with(options: EventOptions): EventStep {
    return new EventStep(this.client, this.before, this.event, { ...this.options, ...options }, this.handlers);
  }
}
