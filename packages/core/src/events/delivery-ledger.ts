import { describeError, toError } from "../errors/describe-error.ts";
import { DeadlineList } from "./deadline-list.ts";
import { LossLog } from "./loss-log.ts";
import { PendingEmit } from "./pending-emit.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../time/clock.ts";
import type { EventEnvelope } from "./event-envelope.ts";
import type { EventSubscription } from "./event-subscription.ts";

/** How long `emit`, and the end of a subscription, wait for handlers, in milliseconds. */
const handlerTimeLimit = 30_000;

/** A handler, or a filter, that threw or rejected. */
export interface HandlerFailure {
  readonly part: "handler" | "filter";
  readonly envelope: EventEnvelope;
  readonly subscription: EventSubscription;
  /** What was given as `owner` when the subscription was made. */
  readonly owner: unknown;
  /** What was thrown, as an Error. */
  readonly error: Error;
}

export interface DeliveryLedgerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onHandlerError?: ((failure: HandlerFailure) => void) | undefined;
}

/** What all subscriptions of a hub share: the counts, the time limit, and who is told when something goes wrong. */
export class DeliveryLedger {
  readonly counts: { emitted: number; delivered: number; failed: number; dropped: number; filtered: number; timedOut: number } = {
    emitted: 0,
    delivered: 0,
    failed: 0,
    dropped: 0,
    filtered: 0,
    timedOut: 0,
  };
  /** Deliveries lost, by the service that emitted; made with the first. */
  readonly losses: Map<string, { dropped: number; failed: number }> = new Map();
  /** Subscriptions that have ended before their handlers have. */
  readonly outlived: Set<EventSubscription> = new Set();
  readonly clock: Clock;
  readonly #logger: Logger;
  readonly #onHandlerError: ((failure: HandlerFailure) => void) | undefined;
  readonly #deadlines: DeadlineList;
  readonly #timeouts: LossLog;
  #busy = 0;
  #idle: (() => void)[] = [];
  #closed = false;

  constructor({ clock, logger, onHandlerError }: DeliveryLedgerOptions) {
    this.clock = clock;
    this.#logger = logger;
    this.#onHandlerError = onHandlerError;
    this.#deadlines = new DeadlineList(clock, handlerTimeLimit);
    this.#timeouts = new LossLog(clock);
  }

  /** Something to wait for handlers with, no longer than {@link handlerTimeLimit}. `onTimeout` is called where that is over first. */
  open(onTimeout: () => void): PendingEmit {
    return new PendingEmit(this.#deadlines, onTimeout);
  }

  /** The wait of an emit. */
  openEmit(service: string, event: string): PendingEmit {
    return this.open(() => {
      if (this.#closed) return;
      this.counts.timedOut++;
      const timedOut = this.#timeouts.count();
      if (timedOut > 0) {
        this.#logger.warn(
          "Emitters stopped waiting for handlers after 30 s; the handlers go on. Make the handlers finish sooner, or let them start the long work and return.",
          {
            service,
            event,
            timedOut,
          },
        );
      }
    });
  }

  /** A delivery that failed: logged and reported once. Never throws. */
  fail(part: HandlerFailure["part"], subscription: EventSubscription, envelope: EventEnvelope, thrown: unknown): void {
    this.counts.failed++;
    this.#lossesOf(envelope.service).failed++;
    const error = toError(thrown);
    const { service, event } = envelope;
    try {
      this.#logger.error(`The ${part} of a subscription to ${service}:${event} failed: ${describeError(thrown)}`, {
        service,
        event,
        topic: subscription.topic,
        error,
      });
      this.#onHandlerError?.({ part, envelope, subscription, owner: subscription.owner, error });
    } catch {
      // Whoever listens to failures must not become one: the emitter and the neighbours go on.
    }
  }

  /** Counts an event that a subscription did not get. */
  countDropped(envelope: EventEnvelope): void {
    this.counts.dropped++;
    this.#lossesOf(envelope.service).dropped++;
  }

  /** Says that a subscription fell behind and lost `count` events. */
  reportDropped(subscription: EventSubscription, count: number): void {
    const { topic, capacity, overflow } = subscription;
    this.#logger.warn(
      `A subscription to ${topic} is too slow: events were dropped. Make its handler faster, raise its queue's capacity, or choose another overflow policy.`,
      {
        topic,
        dropped: count,
        capacity,
        overflow,
      },
    );
  }

  /** A handler's promise is being waited for; each needs its {@link leave}. */
  enter(): void {
    this.#busy++;
  }

  leave(): void {
    if (--this.#busy > 0) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves at the next moment when no handler runs and nothing waits. */
  whenIdle(): Promise<void> {
    return this.#busy === 0 ? Promise.resolve() : new Promise(resolve => this.#idle.push(resolve));
  }

  #lossesOf(service: string): { dropped: number; failed: number } {
    let losses = this.losses.get(service);
    if (losses === undefined) this.losses.set(service, (losses = { dropped: 0, failed: 0 }));
    return losses;
  }

  /** Lets everyone who waits go on at once, uncounted; no timer is left. */
  close(): void {
    this.#closed = true;
    this.#deadlines.close();
  }
}
