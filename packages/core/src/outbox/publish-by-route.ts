import { SoraError } from "../errors/sora-error.ts";
import { shown } from "../options/shown.ts";
import { publishInTime } from "./publish-in-time.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { MessageContext } from "./message-context.ts";
import type { OutboxMessage } from "./outbox-message.ts";
import type { OutboxPublisher, OutboxRoute } from "./outbox-route.ts";

/**
 * Publishes a message by the route for its topic, else by `publish`, within `timeout` milliseconds; else as an event named after its topic, which this host's subscribers hear. An event waits for them no longer than
 * any other does.
 */
export function publishByRoute(
  routes: readonly OutboxRoute[],
  publish: OutboxPublisher | undefined,
  timeout: number,
): (message: OutboxMessage, context: MessageContext) => unknown {
  const byTopic = new Map(routes.map(route => [route.topic, route.publish as OutboxPublisher]));
  return (message, context) => {
    const publisher = byTopic.get(message.topic) ?? publish;
    return publisher === undefined ? emitMessage(message, context, [...byTopic.keys()]) : publishInTime(message, context, publisher, timeout);
  };
}

function emitMessage({ topic, payload }: OutboxMessage, context: MessageContext, routed: readonly string[]): unknown {
  const { host, runtime, service } = context;
  const isHeard = host.hub.hasSubscribers(service, topic);
  if (routed.length > 0 && !isHeard) throw unrouted(topic, routed);
  // asked here, so that the emit does not advise to declare it, which cannot be done
  if (runtime.firstUndeclared(topic) && !isHeard)
    context.logger.warn(
      `${service} emits messages of ${shown(topic)}, and nobody hears them: give outboxProcessor() a route for the topic, or \`publish\`; or subscribe to it`,
      { topic },
    );
  return context.emit((eventHeard(topic, context) ?? topic) as string, payload);
}

/** What a service of this host declares by that name, so that its schema is applied for whoever hears it. */
function eventHeard(topic: string, { host: { registry, hub, interceptEvent }, service }: WorkContext): ServiceEvent | undefined {
  if (interceptEvent === undefined && !hub.reaches(service, topic)) return undefined;
  for (const { definition } of registry.list()) {
    const event = definition.events.get(topic);
    if (event !== undefined) return event;
  }
  return undefined;
}

/** What is published to nobody would be gone, and a topic that is misspelt with it. */
function unrouted(topic: string, known: readonly string[]): SoraError {
  return new SoraError(
    "SORA_TOPIC_UNROUTED",
    `Cannot publish ${shown(topic)}: no route takes it, and nobody here is subscribed to it. The routes are for ${known.join(", ")}.`,
    { details: { topic, known } },
  );
}
