import { defineService } from "../definition/define-service.ts";
import { createDefinition } from "../definition/service-definition.ts";
import { checkOptions, listOf } from "../options/option-check.ts";
import { readOptions } from "../options/read-options.ts";
import { shown } from "../options/shown.ts";
import { aFunction, integer, longerThanNothing, text } from "../options/value-checks.ts";
import { SoraServiceEvents } from "../events/service-events.ts";
import { parseDuration } from "../time/duration.ts";
import { retryProblem } from "../durable/stored-call-options.ts";
import { OutboxWork } from "./outbox-work.ts";
import { publishByRoute } from "./publish-by-route.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ServiceDefinition } from "../definition/service-definition.ts";
import type { ActionContext } from "../actions/action-context.ts";
import type { ActionDefinition } from "../definition/action-definition.ts";
import type { OptionChecks, Report } from "../options/option-check.ts";
import type { StoredRetry } from "../durable/retry-policy.ts";
import type { Duration } from "../time/duration.ts";
import type { OutboxBatch } from "./outbox-relay.ts";
import type { OutboxSettings } from "./outbox-work.ts";
import type { OutboxPublisher, OutboxRoute } from "./outbox-route.ts";

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
  /** How long a publisher may take with one message; then its signal aborts, and it has failed. Default `"30s"`. */
  readonly timeout?: Duration;
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
  const {
    name = "OutboxProcessor",
    batchSize = 100,
    pollInterval = "500ms",
    errorDelay = "5s",
    timeout = "30s",
    concurrency = 1,
    retry = {},
    routes = [],
    publish,
  } = options;
  const settings: OutboxSettings = {
    publish: publishByRoute(routes, publish, parseDuration(timeout, "timeout")),
    batchSize,
    idle: parseDuration(pollInterval, "pollInterval"),
    trouble: parseDuration(errorDelay, "errorDelay"),
    concurrency,
    attempts: retry.attempts ?? 10,
    retry,
  };
  const face = defineService(name, {
    description: "Publishes what was written to the outbox",
    runInTesting: true,
    events: { processed: SoraServiceEvents.Outbox.Processed, failed: SoraServiceEvents.Outbox.Failed },
  });
  return createDefinition({
    ...face,
    actions: new Map([[processBatch.name, processBatch]]),
    // each host makes one of its own, since one definition may stand in several
    behaviour: {
      create: () => new OutboxWork(settings),
      execute: (context, work) => (work as OutboxWork).run(context),
      check: work => (work as OutboxWork).check(),
    },
  });
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
  timeout: longerThanNothing,
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

const processBatch: ActionDefinition = Object.freeze({
  name: "process-batch",
  member: "processBatch",
  options: Object.freeze({ parameters: batchRequest }),
  run: (work: object | undefined, request: unknown, context: ActionContext) =>
    (work as OutboxWork).processBatch((request as BatchRequest | undefined)?.batchSize, context),
});
