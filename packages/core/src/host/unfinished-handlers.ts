import type { EventHub } from "../events/event-hub.ts";
import type { EventSubscription } from "../events/event-subscription.ts";

/** The event handlers that have not finished: a sentence for each topic and subscriber, in the order of subscribing. */
export function unfinishedHandlers(hub: EventHub): string[] {
  return [...Map.groupBy(hub.unfinished(), ({ topic, owner }) => `${topic} ${String(owner)}`).values()].map(sentence);
}

function sentence(subscriptions: readonly EventSubscription[]): string {
  const { topic, owner } = subscriptions[0] as EventSubscription;
  const of = typeof owner === "string" ? ` of ${owner}` : "";
  const running = subscriptions.reduce((sum, subscription) => sum + subscription.running, 0);
  const waiting = subscriptions.reduce((sum, { stats }) => sum + stats.waiting, 0);
  const what = running === 1 ? `an event handler${of} has not finished` : `${running} event handlers${of} have not finished`;
  const behind = waiting === 0 ? "" : `, and ${waiting === 1 ? "one event waits" : `${waiting} events wait`} for that`;
  return `${topic}: ${what}${behind}`;
}
