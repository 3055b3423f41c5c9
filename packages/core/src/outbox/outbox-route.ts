import { topicOf } from "./outbox-message.ts";
import type { ServiceContext } from "../actions/service-context.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { OutboxMessage } from "./outbox-message.ts";

/** Brings a message to where it belongs. Where it throws, the message is tried again, and those of its key wait. It may be called again for one that it has brought already. */
export type OutboxPublisher<Payload = unknown> = (message: OutboxMessage<Payload>, context: ServiceContext) => unknown;

/** Who publishes the messages of one topic. */
export interface OutboxRoute {
  readonly topic: string;
  readonly publish: OutboxPublisher<never>;
}

/** Routes the messages of an event, or of any topic, to `publish`. */
export function outboxRoute<Args>(topic: ServiceEvent<Args, any>, publish: OutboxPublisher<Args>): OutboxRoute;
export function outboxRoute(topic: string, publish: OutboxPublisher): OutboxRoute;
export function outboxRoute(topic: ServiceEvent<any, any> | string, publish: OutboxPublisher<any>): OutboxRoute {
  return Object.freeze({ topic: topicOf(topic), publish });
}
