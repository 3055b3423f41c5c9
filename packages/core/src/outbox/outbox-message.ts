import { isServiceEvent } from "../events/service-event.ts";
import { notAllowed } from "../options/not-allowed.ts";
import { decodeValue } from "../serialization/decode-value.ts";
import type { CallMetadata } from "../actions/service-context.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { OutboxEntry } from "../durable/store/outbox-store.ts";

/** Something that happened, on its way to those who are to hear of it. */
export interface OutboxMessage<Payload = unknown> {
  /** The same each time it is published: receivers know by it what they have had. */
  readonly id: string;
  readonly topic: string;
  readonly payload: Payload;
  /** Messages of one key are published in the order they were written. */
  readonly key?: string;
  readonly correlationId: string;
  readonly metadata: CallMetadata;
  /** Milliseconds since the epoch, on the store's clock. */
  readonly writtenAt: number;
  /** How often publishing it has failed before. */
  readonly failures: number;
}

/** What travels beside the payload. */
export interface OutboxEnvelope {
  readonly correlationId: string;
  readonly metadata?: CallMetadata;
}

/** Longest topic. */
const longest = 200;

/** The topic of an event, or the one given. @throws SoraError `SORA_OPTION_INVALID` for what is none. */
export function topicOf(topic: ServiceEvent<any, any> | string): string {
  const name = typeof topic === "string" ? topic : isServiceEvent(topic) ? topic.name : "";
  if (name !== "" && name.length <= longest && !name.includes("\u0000") && name.isWellFormed()) return name;
  throw notAllowed("Cannot use this topic", topic, `it is an event, or a string of 1 to ${longest} characters, without U+0000 and halves of characters`);
}

/** @throws SyntaxError where it was not written by this version or an older one. */
export function outboxMessage({ id, topic, payload, key, envelope, writtenAt, failures }: OutboxEntry): OutboxMessage {
  const { correlationId, metadata = {} } = decodeValue(envelope) as OutboxEnvelope;
  return { id, topic, payload: decodeValue(payload), ...(key === undefined ? undefined : { key }), correlationId, metadata, writtenAt, failures };
}
