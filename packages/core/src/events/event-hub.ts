import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { DeliveryLedger } from "./delivery-ledger.ts";
import { EventSubscription } from "./event-subscription.ts";
import { parseTopic, TopicIndex } from "./topic-index.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../time/clock.ts";
import type { HandlerFailure } from "./delivery-ledger.ts";
import type { EventEnvelope } from "./event-envelope.ts";
import type { EventSubscriptionOptions } from "./event-subscription.ts";
import type { PendingEmit } from "./pending-emit.ts";

export interface EventHubOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called once for each delivery whose handler or filter failed, after it was logged. What it throws is ignored. */
  readonly onHandlerError?: ((failure: HandlerFailure) => void) | undefined;
}

/** Counts since the hub was made; `delivered`, `failed`, `dropped`, `filtered` and `waiting` are sums over all its subscriptions, ended ones included. */
export interface EventHubStats {
  readonly subscriptions: number;
  readonly emitted: number;
  readonly delivered: number;
  readonly failed: number;
  readonly dropped: number;
  readonly filtered: number;
  readonly waiting: number;
  /** Emits that stopped waiting for their handlers after 30 s. */
  readonly timedOut: number;
}

const noLosses = Object.freeze({ dropped: 0, failed: 0 });

/** Sees every emit before any subscriber does, whatever becomes of it. */
export type EventTap = (service: string, event: string, args: unknown, envelope: EventEnvelope) => void;

/**
 * Carries events to the subscribers of one host. Every subscriber gets each event once, in the order of emission, and
 * handles one at a time unless it asks for more; a slow or failing one never delays or harms its neighbours or the emitter.
 */
export class EventHub {
  readonly #ledger: DeliveryLedger;
  readonly #logger: Logger;
  readonly #topics = new TopicIndex<EventSubscription>();
  readonly #subscriptions = new Set<EventSubscription>();
  #taps: readonly EventTap[] | undefined = undefined;
  #sequence = 0;
  #disposed = false;

  constructor(options: EventHubOptions) {
    this.#ledger = new DeliveryLedger(options);
    this.#logger = options.logger;
  }

  get stats(): EventHubStats {
    let waiting = 0;
    for (const subscription of this.#subscriptions) waiting += subscription.stats.waiting;
    return { subscriptions: this.#subscriptions.size, ...this.#ledger.counts, waiting };
  }

  /** What the subscribers of a service's events did not get, or failed to handle. */
  lossesOf(service: string): { readonly dropped: number; readonly failed: number } {
    return this.#ledger.losses.get(service) ?? noLosses;
  }

  /**
   * Subscribes to `"Service:Event"`, `"Service:*"` or `"*"`. An emit that is under way does not reach the new subscription.
   *
   * @throws SoraError `SORA_OPTION_INVALID` for a topic, a capacity or a concurrency that makes no sense, `SORA_HOST_NOT_RUNNING` once the hub is disposed of.
   */
  subscribe(topic: string, options: EventSubscriptionOptions): EventSubscription {
    if (this.#disposed) throw new SoraError("SORA_HOST_NOT_RUNNING", `Cannot subscribe to ${topic}: the host has stopped.`, { details: { topic } });
    const parsed = parseTopic(topic);
    assertCount(topic, "its queue's capacity", "capacity", options.capacity);
    assertCount(topic, "its concurrency", "concurrency", options.concurrency);
    const subscription = new EventSubscription(topic, this.#sequence++, options, this.#ledger, ended => {
      this.#topics.remove(parsed, ended);
      this.#subscriptions.delete(ended);
    });
    this.#topics.add(parsed, subscription);
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Whether an emit would reach anyone; where not, the emitter need not even make the envelope. */
  reaches(service: string, event: string): boolean {
    return this.#taps !== undefined || this.hasSubscribers(service, event);
  }

  /** Whether anyone is subscribed to it; who only watches by a tap is not. */
  hasSubscribers(service: string, event: string): boolean {
    return this.#topics.find(service, event).length > 0;
  }

  /**
   * Offers the event to everyone who is subscribed now. Returns `undefined` where all handlers have finished already, else
   * a promise that resolves when they have, or after 30 s; it never rejects. A handler that awaits an emit to its own
   * subscription waits for itself, and so for those 30 s.
   */
  emit(service: string, event: string, args: unknown, envelope: EventEnvelope): Promise<void> | undefined {
    this.#ledger.counts.emitted++;
    if (this.#taps !== undefined) this.#show(this.#taps, service, event, args, envelope);
    const subscriptions = this.#topics.find(service, event);
    let pending: PendingEmit | undefined;
    for (let index = 0; index < subscriptions.length; index++) {
      pending = (subscriptions[index] as EventSubscription).offer(args, envelope, pending);
    }
    return pending === undefined ? undefined : pending.seal();
  }

  /** Shows every emit to `listener`, at once and synchronously; what it throws is logged. */
  tap(listener: EventTap): Disposable & { dispose(): void } {
    const tap: EventTap = (...occurrence) => listener(...occurrence); // so that a listener given twice is two taps
    this.#taps = [...(this.#taps ?? []), tap];
    const dispose = (): void => {
      const rest = this.#taps?.filter(other => other !== tap);
      this.#taps = rest === undefined || rest.length === 0 ? undefined : rest;
    };
    return { dispose, [Symbol.dispose]: dispose };
  }

  /** Resolves once no handler runs and nothing waits, which may be never: the caller sets the limit. */
  drain(): Promise<void> {
    return this.#ledger.whenIdle();
  }

  /** What {@link drain} waits for, in the order of subscribing; subscriptions that have ended are told of too, as long as their handlers go on. */
  unfinished(): readonly EventSubscription[] {
    return [...this.#subscriptions, ...this.#ledger.outlived].filter(({ running }) => running > 0).sort((a, b) => a.sequence - b.sequence);
  }

  /** Ends every subscription and every wait, and leaves no timer. Handlers that run go on; emitting does nothing any more. */
  dispose(): void {
    this.#disposed = true;
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#taps = undefined;
    this.#ledger.close();
  }

  #show(taps: readonly EventTap[], service: string, event: string, args: unknown, envelope: EventEnvelope): void {
    for (const tap of taps) {
      try {
        tap(service, event, args, envelope);
      } catch (thrown) {
        this.#logger.error(`A listener to all events failed at ${service}:${event}: ${describeError(thrown)}`, { service, event });
      }
    }
  }
}

function assertCount(topic: string, what: string, option: "capacity" | "concurrency", count: number | undefined): void {
  if (count === undefined || (Number.isSafeInteger(count) && count >= 1)) return;
  throw new SoraError("SORA_OPTION_INVALID", `Cannot subscribe to ${topic}: ${what} is ${String(count)}, and must be an integer from 1.`, {
    details: { topic, [option]: count },
  });
}
