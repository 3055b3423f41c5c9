import { defineService } from "../definition/define-service.ts";
import { createDefinition } from "../definition/service-definition.ts";
import { checkOptions, listOf } from "../options/option-check.ts";
import { readOptions } from "../options/read-options.ts";
import { shown } from "../options/shown.ts";
import { aFunction, integer, longerThanNothing, text } from "../options/value-checks.ts";
import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { SoraServiceEvents } from "../events/service-events.ts";
import { HealthReport } from "../health/health-report.ts";
import { hostOf } from "../host/host-of.ts";
import { parseDuration } from "../time/duration.ts";
import { retryProblem } from "../durable/stored-call-options.ts";
import { SingletonHolder } from "../durable/singleton-holder.ts";
import { MessageContext } from "./message-context.ts";
import { OutboxRelay, relayLease } from "./outbox-relay.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { RunContext } from "../actions/run-context.ts";
import type { ServiceContext } from "../actions/service-context.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ServiceDefinition } from "../definition/service-definition.ts";
import type { OptionChecks, Report } from "../options/option-check.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { Duration } from "../time/duration.ts";
import type { OutboxBatch } from "./outbox-relay.ts";
import type { OutboxPublisher, OutboxRoute } from "./outbox-route.ts";
import type { OutboxMessage } from "./outbox-message.ts";

export interface OutboxProcessorOptions {
  /** Default `"OutboxProcessor"`. Another name makes no other outbox: a store has one, and of all its processors one publishes what is in it. */
  readonly name?: string;
  /** Who publishes which topic. */
  readonly routes?: readonly OutboxRoute[];
  /**
   * Publishes what no route takes. Default: the processor emits it as an event named after its topic, which this host's subscribers hear. Where there are routes, and no subscriber to it, publishing it
   * fails with `SORA_TOPIC_UNROUTED`; without any routes it is gone, and warned about once.
   */
  readonly publish?: OutboxPublisher;
  /** Messages read and reported together: those a crash may have published twice. Default 100. */
  readonly batchSize?: number;
  /** How long it waits where there was nothing. Default `"500ms"`. */
  readonly pollInterval?: Duration;
  /** How long it waits where the store failed. Default `"5s"`. */
  readonly errorDelay?: Duration;
  /** Keys that are published side by side. Default 1. */
  readonly concurrency?: number;
  /** When a message whose publisher throws is tried again, and how often before it is dead. Default 10 attempts, from 1 s to 5 min. */
  readonly retry?: StoredRetry;
}

/** What `process-batch` takes. */
interface BatchRequest {
  readonly batchSize?: number | undefined;
}

type Shape = { readonly "process-batch": { readonly args: [parameters?: BatchRequest]; readonly result: OutboxBatch } };

/**
 * The service that publishes the outbox: what was committed at least once, in order per key, what was rolled back never. Of all hosts on a store one does it at a time, whatever their processors are
 * called. Its events are `SoraServiceEvents.Outbox`; `process-batch` publishes a batch at once.
 */
export function outboxProcessor(options: OutboxProcessorOptions = {}): ServiceDefinition<Shape> {
  const problems: string[] = [];
  const report: Report = problem => void problems.push(problem);
  const given = readOptions(options, report) as OutboxProcessorOptions;
  checkOptions(given, optionChecks, { owner: "an outbox processor" }, report);
  reportTwice(given.routes, report);
  const definition = processor(problems.length === 0 ? given : { ...(typeof given.name === "string" && { name: given.name }) });
  return problems.length === 0 ? definition : createDefinition({ ...definition, problems: [...definition.problems, ...problems] });
}

function processor(options: OutboxProcessorOptions): ServiceDefinition<Shape> {
  const { name = "OutboxProcessor", batchSize = 100, pollInterval = "500ms", errorDelay = "5s", concurrency = 1, retry = {}, routes = [], publish } = options;
  const attempts = retry.attempts ?? 10;
  const idle = parseDuration(pollInterval, "pollInterval");
  const trouble = parseDuration(errorDelay, "errorDelay");
  const byTopic = new Map(routes.map(route => [route.topic, route.publish as OutboxPublisher]));
  /** By host: one definition may stand in several. */
  const relays = new WeakMap<object, OutboxRelay>();

  /** Why the last turn on a host came to nothing. */
  const troubles = new Map<object, string>();

  const deliver = (message: OutboxMessage, context: MessageContext): unknown => {
    const publisher = byTopic.get(message.topic) ?? publish;
    if (publisher !== undefined) return publisher(message, context);
    const { host, runtime } = context;
    const isHeard = host.hub.hasSubscribers(context.service, message.topic);
    if (routes.length > 0 && !isHeard) throw unrouted(message.topic, [...byTopic.keys()]);
    // asked here, so that the emit does not advise to declare it, which cannot be done
    if (runtime.firstUndeclared(message.topic) && !isHeard)
      context.logger.warn(
        `${context.service} emits messages of ${shown(message.topic)}, and nobody hears them: give outboxProcessor() a route for the topic, or \`publish\`; or subscribe to it`,
        { topic: message.topic },
      );
    return context.emit((eventHeard(message.topic, context) ?? message.topic) as string, message.payload);
  };

  const run = async (context: RunContext): Promise<void> => {
    const host = hostOf(context);
    const { store } = await host.durable.open();
    const holder = new SingletonHolder(host, store, relayLease);
    const relay = new OutboxRelay({
      store,
      chance: host.chance,
      holder,
      publish: message => deliver(message, new MessageContext(context as WorkContext & RunContext, message)),
      concurrency,
      attempts,
      retry,
    });
    relays.set(host, relay);
    let wake: (() => void) | undefined;
    using _bell = store.listen(({ kind }) => kind === "ready" && wake?.());
    const rest = async (time: number): Promise<void> => {
      const woken = new AbortController();
      wake = () => woken.abort();
      try {
        await context.delay(time, AbortSignal.any([context.signal, woken.signal]));
      } catch {
        context.signal.throwIfAborted(); // else it was woken
      } finally {
        wake = undefined;
      }
    };
    try {
      while (!context.signal.aborted) {
        await holder.held(context.signal);
        try {
          const batch = await relay.batch(batchSize);
          troubles.delete(host);
          await tell(context, batch);
          context.progress();
          if (batch.published + batch.failed === 0) await rest(idle);
        } catch (error) {
          context.signal.throwIfAborted();
          if (SoraError.is(error, "SORA_LEASE_LOST")) continue; // to wait until it is held again
          troubles.set(host, describeError(error));
          context.logger.error(`The outbox could not be published: ${describeError(error)}`, { error });
          await context.emit(SoraServiceEvents.Outbox.Failed, { error: describeError(error) });
          await rest(trouble);
        }
      }
    } finally {
      relays.delete(host);
      troubles.delete(host);
      await holder.close();
    }
  };

  return defineService(name, {
    description: "Publishes what was written to the outbox",
    runInTesting: true,
    events: { processed: SoraServiceEvents.Outbox.Processed, failed: SoraServiceEvents.Outbox.Failed },
    actions: {
      processBatch: {
        parameters: batchRequest,
        run: async (request, context): Promise<OutboxBatch> => {
          const relay = relays.get(hostOf(context));
          if (relay === undefined)
            throw new SoraError("SORA_SERVICE_UNAVAILABLE", `Cannot process a batch: ${name} is not at work here yet.`, { details: { service: name } });
          const batch = await relay.batch(request?.batchSize ?? batchSize);
          await tell(context, batch);
          return batch;
        },
      },
    },
    execute: run,
    check: () => {
      const [why] = troubles.values();
      return why === undefined ? HealthReport.healthy("The outbox is published") : HealthReport.unhealthy(`The outbox is not published: ${why}`);
    },
  }) as unknown as ServiceDefinition<Shape>;
}

const optionChecks: OptionChecks<OutboxProcessorOptions> = {
  name: text,
  routes: listOf((what, value, report) => {
    const { topic, publish } = Object(value) as Partial<OutboxRoute>;
    if (typeof topic !== "string" || typeof publish !== "function")
      report(`${what} is ${shown(value)}; it is what outboxRoute() made, with a function that publishes`);
  }, "routes"),
  publish: aFunction,
  batchSize: integer(1, 10_000),
  pollInterval: longerThanNothing,
  errorDelay: longerThanNothing,
  concurrency: integer(1, 1_000),
  retry: (what, value, report) => {
    const problem = retryProblem(value);
    if (problem !== undefined) report(`${what}: ${problem}`);
  },
};

/** Of two routes for one topic one would never be asked. */
function reportTwice(routes: unknown, report: Report): void {
  const topics = new Set<unknown>();
  for (const { topic } of Array.isArray(routes) ? (routes.map(Object) as Partial<OutboxRoute>[]) : []) {
    if (topics.has(topic)) report(`routes has two for ${shown(topic)}; one topic has one`);
    topics.add(topic);
  }
}

/** What is published to nobody would be gone, and a topic that is misspelt with it. */
function unrouted(topic: string, known: readonly string[]): SoraError {
  return new SoraError(
    "SORA_TOPIC_UNROUTED",
    `Cannot publish ${shown(topic)}: no route takes it, and nobody here is subscribed to it. The routes are for ${known.join(", ")}.`,
    {
      details: { topic, known },
    },
  );
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

async function tell(context: ServiceContext, { published, failed, error }: OutboxBatch): Promise<void> {
  if (published > 0) await context.emit(SoraServiceEvents.Outbox.Processed, { processedCount: published });
  if (failed === 0) return;
  context.logger.warn(`${failed} message${failed === 1 ? "" : "s"} of the outbox could not be published${failed === 1 ? "" : "; the first"}: ${error ?? ""}`);
  await context.emit(SoraServiceEvents.Outbox.Failed, { error: error ?? "" });
}

const batchRequest: StandardSchemaV1<BatchRequest | undefined, BatchRequest | undefined> = {
  "~standard": {
    version: 1,
    vendor: "sora",
    validate(value) {
      if (value === undefined || value === null) return { value: undefined };
      const batchSize: unknown = typeof value === "object" ? (value as BatchRequest).batchSize : Number.NaN;
      if (batchSize === undefined || (Number.isInteger(batchSize) && (batchSize as number) >= 1 && (batchSize as number) <= 10_000))
        return { value: { batchSize: batchSize as number } };
      return { issues: [{ message: "expected a whole number from 1 to 10,000", path: ["batchSize"] }] };
    },
  },
};
