import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { SoraServiceEvents } from "../events/service-events.ts";
import { HealthReport } from "../health/health-report.ts";
import { hostOf } from "../host/host-of.ts";
import { SingletonHolder } from "../durable/singleton-holder.ts";
import { MessageContext } from "./message-context.ts";
import { OutboxRelay, relayLease } from "./outbox-relay.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { ServiceContext } from "../actions/service-context.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { DurableStore } from "../durable/store/durable-store.ts";
import type { OutboxMessage } from "./outbox-message.ts";
import type { OutboxBatch } from "./outbox-relay.ts";

export interface OutboxSettings {
  readonly publish: (message: OutboxMessage, context: MessageContext) => unknown;
  readonly batchSize: number;
  /** Milliseconds it waits where there was nothing. */
  readonly idle: number;
  /** Milliseconds it waits where the store failed. */
  readonly trouble: number;
  readonly concurrency: number;
  readonly attempts: number;
  readonly retry: StoredRetry;
}

/** What an outbox processor does on one host. */
export class OutboxWork {
  readonly #settings: OutboxSettings;
  /** While it runs. */
  #relay: OutboxRelay | undefined = undefined;
  /** Why the last turn came to nothing. */
  #trouble: string | undefined = undefined;
  /** Of the last batch that had any messages. */
  #last: OutboxBatch = { published: 0, failed: 0 };

  constructor(settings: OutboxSettings) {
    this.#settings = settings;
  }

  /** Publishes whenever it is this host's turn, until the service stops. */
  async run(context: RunContext): Promise<void> {
    const host = hostOf(context);
    const { store } = await host.durable.open();
    const holder = new SingletonHolder(host, store, relayLease);
    const { publish, concurrency, attempts, retry } = this.#settings;
    const publishOne = (message: OutboxMessage): unknown => publish(message, new MessageContext(context as WorkContext & RunContext, message));
    const relay = new OutboxRelay({ store, chance: host.chance, holder, publish: publishOne, concurrency, attempts, retry });
    this.#relay = relay;
    try {
      while (!context.signal.aborted) {
        await holder.held(context.signal);
        await restUnlessWoken(context, store, await this.#turn(relay, context));
      }
    } finally {
      this.#relay = undefined;
      this.#trouble = undefined;
      await holder.close();
    }
  }

  /** Publishes a batch at once. @throws SoraError `SORA_SERVICE_UNAVAILABLE` before the service is at work; `SORA_LEASE_LOST` where another host publishes. */
  async processBatch(size: number | undefined, context: ServiceContext): Promise<OutboxBatch> {
    const { service } = context;
    if (this.#relay === undefined)
      throw new SoraError("SORA_SERVICE_UNAVAILABLE", `Cannot process a batch: ${service} is not at work here yet.`, { details: { service } });
    const batch = await this.#relay.batch(size ?? this.#settings.batchSize);
    await tell(context, batch);
    return batch;
  }

  check(): HealthReport {
    if (this.#trouble !== undefined) return HealthReport.unhealthy(`The outbox is not published: ${this.#trouble}`);
    const { published, failed, error = "" } = this.#last;
    if (failed === 0) return HealthReport.healthy("The outbox is published");
    return HealthReport.degraded(`Of the last ${published + failed} messages ${failed} could not be published: ${error}`);
  }

  /** One batch, and how many milliseconds to wait before the next. */
  async #turn(relay: OutboxRelay, context: RunContext): Promise<number> {
    const { batchSize, idle, trouble } = this.#settings;
    try {
      const batch = await relay.batch(batchSize);
      this.#trouble = undefined;
      context.progress();
      if (batch.published + batch.failed === 0) return idle;
      this.#last = batch;
      await tell(context, batch);
      return 0;
    } catch (error) {
      context.signal.throwIfAborted();
      if (SoraError.is(error, "SORA_LEASE_LOST")) return 0; // to wait until it is held again
      const why = describeError(error);
      this.#trouble = why;
      context.logger.error(`The outbox could not be published: ${why}`, { error });
      await context.emit(SoraServiceEvents.Outbox.Failed, { error: why });
      return trouble;
    }
  }
}

/** Waits so many milliseconds, or until something is stored. Rejects with the reason of the stop. */
async function restUnlessWoken(context: RunContext, store: DurableStore, time: number): Promise<void> {
  if (time === 0) return;
  const woken = new AbortController();
  using _bell = store.listen(({ kind }) => kind === "ready" && woken.abort());
  try {
    await context.delay(time, AbortSignal.any([context.signal, woken.signal]));
  } catch {
    context.signal.throwIfAborted(); // else it was woken
  }
}

async function tell(context: ServiceContext, { published, failed, error }: OutboxBatch): Promise<void> {
  if (published > 0) await context.emit(SoraServiceEvents.Outbox.Processed, { processedCount: published });
  if (failed === 0) return;
  context.logger.warn(`${failed} message${failed === 1 ? "" : "s"} of the outbox could not be published${failed === 1 ? "" : "; the first"}: ${error ?? ""}`);
  await context.emit(SoraServiceEvents.Outbox.Failed, { error: error ?? "" });
}
