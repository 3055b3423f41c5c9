import { toError } from "../errors/describe-error.ts";
import { SubscriptionGroup } from "../events/subscription-group.ts";
import { runChain } from "./run-chain.ts";
import { subscribeHandler } from "./subscribe-handler.ts";
import type { Subscription } from "../events/subscription.ts";
import type { EventHandler } from "./builders.ts";
import type { Step } from "./chain.ts";
import type { EventStep } from "./event-step.ts";

/** Subscribes to the chain's events, then runs its actions; one that fails takes the subscriptions with it. */
export async function subscribeChain(steps: readonly Step[]): Promise<Subscription> {
  const subscriptions: Subscription[] = [];
  const group = new SubscriptionGroup(subscriptions);
  try {
    for (const step of steps) if (step.kind === "event") for (const handler of step.handlers) subscriptions.push(subscribeTo(step, handler));
    await runChain(steps);
    return group;
  } catch (error) {
    group.dispose();
    throw toError(error);
  }
}

function subscribeTo({ client, event, options }: EventStep, handler: EventHandler<unknown>): Subscription {
  const { service, parent } = client.locate();
  return subscribeHandler(service, typeof event === "string" ? event : event.name, options, handler, parent?.service);
}
