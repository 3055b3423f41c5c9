import { currentContext } from "../host/ambient.ts";
import { SoraError } from "../errors/sora-error.ts";
import { checkSchema, describeIssues } from "../definition/schema.ts";
import { limits } from "../options/limits.ts";
import { notAllowed } from "../options/not-allowed.ts";
import { checkedKey } from "../durable/stored-call-options.ts";
import { encodeValue } from "../serialization/encode-value.ts";
import { topicOf } from "./outbox-message.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { NewOutboxEntry, OutboxEntry } from "../durable/store/outbox-store.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { OutboxEnvelope } from "./outbox-message.ts";

/** What an event carries, or anything that can be stored. */
export type PayloadOf<E> = E extends ServiceEvent<any, infer Input> ? Input : unknown;

export interface OutboxAppendOptions {
  /** The user's transaction: what is rolled back never was. Without one it is written by itself. */
  readonly transaction?: unknown;
  /** Messages of one key are published in the order they were written, where the writers wrote one after the other. 1 to 300 characters. */
  readonly key?: string;
}

/** A message that could not be published, and why. */
export interface DeadMessage {
  readonly sequence: number;
  readonly id: string;
  readonly topic: string;
  readonly key?: string;
  readonly failures: number;
  readonly error: string;
  readonly writtenAt: number;
}

/**
 * A host's outbox, `host.outbox`: messages that are to go out if, and only if, the transaction they are written in is committed. The service `outboxProcessor()` publishes them, at
 * least once, in order per key.
 */
export class Outbox {
  readonly #host: () => HostKernel;

  constructor(host: () => HostKernel) {
    this.#host = host;
  }

  /**
   * Writes a message about an event, whose schema is checked, or about any topic. Its correlation id and metadata are those of the surrounding work.
   *
   * @throws SoraError `SORA_EVENT_ARGS_INVALID`, `SORA_PARAMETERS_NOT_SERIALIZABLE`, `SORA_OPTION_INVALID`, `SORA_TRANSACTION_UNSUPPORTED`, `SORA_STORE_UNAVAILABLE`.
   */
  async append<E extends ServiceEvent<any, any> | string>(topic: E, payload: PayloadOf<E>, options: OutboxAppendOptions = {}): Promise<void> {
    const host = this.#host();
    if (typeof options !== "object" || (options as OutboxAppendOptions | null) === null)
      throw notAllowed("Cannot write to the outbox", options, "its options are an object, such as { transaction, key }");
    const { store } = await host.durable.open();
    // before the payload is looked at: a schema may take its time over it, and the transaction may have ended by then
    const outbox = options.transaction === undefined ? store.outbox : store.within(options.transaction);
    await outbox.append([await newEntry(host, topic, payload, options.key)]);
  }

  /** How many wait to be published, and how many could not be. */
  async counts(): Promise<{ readonly waiting: number; readonly dead: number }> {
    return (await this.#host().durable.open()).store.outbox.counts();
  }

  /** Messages that could not be published, the oldest first; at most `limit`. @throws SoraError `SORA_OPTION_INVALID`. */
  async dead(limit: number = limits.usualPage): Promise<DeadMessage[]> {
    if (!Number.isSafeInteger(limit) || limit < 1) throw notAllowed("Cannot list dead messages", limit, "a page holds a whole number of them, at least one");
    const { store } = await this.#host().durable.open();
    return Array.from(await store.outbox.dead(limit), deadMessage);
  }

  /** Has dead messages published after all; how many there were of these. @throws SoraError `SORA_OPTION_INVALID`. */
  async retry(sequences: readonly number[]): Promise<number> {
    if (!Array.isArray(sequences)) throw notAllowed("Cannot publish dead messages after all", sequences, "their sequences are an array");
    for (const sequence of sequences)
      if (!Number.isSafeInteger(sequence)) throw notAllowed("Cannot publish dead messages after all", sequence, "a sequence is a whole number");
    return (await this.#host().durable.open()).store.outbox.retry(sequences);
  }
}

async function newEntry(host: HostKernel, topic: ServiceEvent<any, any> | string, payload: unknown, key: string | undefined): Promise<NewOutboxEntry> {
  const name = topicOf(topic);
  if (typeof topic !== "string") {
    const checked = await checkSchema(topic.schema, payload);
    if (!checked.ok)
      throw new SoraError("SORA_EVENT_ARGS_INVALID", `Cannot write ${name} to the outbox: its arguments do not fit. ${describeIssues(checked.issues)}.`, {
        details: { event: name, issues: checked.issues },
      });
  }
  const context = currentContext();
  const parent = context?.host === host ? context : undefined;
  const envelope: OutboxEnvelope = {
    correlationId: parent?.flowingCorrelationId() ?? host.ids.next(),
    ...(parent === undefined || Object.keys(parent.metadata).length === 0 ? undefined : { metadata: parent.metadata }),
  };
  const encoded = encodeValue(payload, "payload");
  return {
    id: host.ids.next(),
    topic: name,
    ...(key === undefined ? undefined : { key: checkedKey(key, "key") }),
    ...(encoded === undefined ? undefined : { payload: encoded }),
    envelope: encodeValue(envelope, "metadata") as string,
  };
}

function deadMessage({ sequence, id, topic, key, failures, error, writtenAt }: OutboxEntry & { readonly error: string }): DeadMessage {
  return { sequence, id, topic, ...(key === undefined ? undefined : { key }), failures, error, writtenAt };
}
