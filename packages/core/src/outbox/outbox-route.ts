import { checkSchema, describeIssues } from "../definition/schema.ts";
import { SoraError } from "../errors/sora-error.ts";
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

/** Routes the messages of an event, whose schema each passes through first, or of any topic, to `publish`. */
export function outboxRoute<Args>(topic: ServiceEvent<Args, any>, publish: OutboxPublisher<Args>): OutboxRoute;
export function outboxRoute(topic: string, publish: OutboxPublisher): OutboxRoute;
export function outboxRoute(topic: ServiceEvent<any, any> | string, publish: OutboxPublisher<any>): OutboxRoute {
  return Object.freeze({ topic: topicOf(topic), publish: typeof topic === "string" ? publish : checking(topic, publish) });
}

/** What was written is the input of the event's schema; `publish` gets what that yields. */
function checking({ name, schema }: ServiceEvent<any, any>, publish: OutboxPublisher<any>): OutboxPublisher {
  return async (message, context) => {
    const checked = await checkSchema(schema, message.payload);
    if (checked.ok) return publish({ ...message, payload: checked.value }, context);
    throw new SoraError("SORA_EVENT_ARGS_INVALID", `Cannot publish ${name}: its arguments do not fit. ${describeIssues(checked.issues)}.`, {
      details: { event: name, issues: checked.issues },
    });
  };
}
