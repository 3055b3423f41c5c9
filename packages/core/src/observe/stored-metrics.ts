import { queueName } from "../durable/store/queue-name.ts";
import { actionStates } from "../durable/store/stored-action.ts";
import type { DurableCensus } from "../durable/durable-census.ts";
import type { DurableCounts } from "../durable/action-story.ts";
import type { DurableRuntime } from "../durable/durable-runtime.ts";
import type { QueueParts } from "../durable/store/queue-name.ts";
import type { MetricFamily, MetricPoint } from "./metric-family.ts";

const counters: readonly (readonly [count: keyof DurableCounts, help: string])[] = [
  ["enqueued", "Actions stored by this host."],
  ["started", "Attempts at stored actions whose handler has begun here."],
  ["completed", "Stored actions that have completed here."],
  ["failed", "Attempts at stored actions that have failed here, or were found lost with their worker, and are followed by another."],
  ["dead", "Stored actions that have failed for good here, or were found dead after their worker was lost."],
  ["cancelled", "Stored actions that were cancelled from here, or while they ran here."],
  ["redriven", "Dead, cancelled or failed stored actions that were tried again from here."],
  ["lost", "Attempts at stored actions whose outcome did not count, because another worker had taken them over."],
];

/** What a host itself knows of its stored actions, without asking the store. */
export function workFamilies({ story: { counts }, worker }: DurableRuntime): MetricFamily[] {
  return [
    ...counters.map(([count, help]): MetricFamily => ({ type: "counter", name: `sora_actions_${count}_total`, help, points: [point(counts[count])] })),
    gauge("sora_worker_running", "Stored actions under way here.", worker?.running ?? 0),
    gauge("sora_worker_overruns", "Handlers of stored actions that go on here though their attempt is over.", worker?.overruns.stubborn ?? 0),
    gauge("sora_worker_concurrency", "Stored actions that may be under way here at once; 0 where other hosts do the work.", worker?.concurrency ?? 0),
  ];
}

/** Completed actions are not counted: they grow with the retention. */
const counted = actionStates.filter(state => state !== "completed");

/** What the store knows, once for all hosts that share it. It keeps in mind which queues there were, so that their figures go down to 0 and do not vanish. */
export class StoreFamilies {
  readonly #queues = new Map<string, QueueParts>();

  /** `census` is absent where the store has not answered. */
  of(store: string, census: DurableCensus | undefined): MetricFamily[] {
    const up: MetricFamily = {
      type: "gauge",
      name: "sora_store_up",
      help: "1 where the store answers, 0 where it does not.",
      points: [{ labels: { store }, value: census === undefined ? 0 : 1 }],
    };
    if (census === undefined) return [up];
    const unclaimable = census.lines.reduce((sum, line) => sum + (line.unclaimable ? line.count : 0), 0);
    return [
      up,
      { type: "gauge", name: "sora_actions", help: "Stored actions by state, the completed ones left out.", points: this.#points(census) },
      gauge(
        "sora_actions_unclaimable",
        "Stored actions that no worker of the store can run: of a service that is gone, or a version that nobody lifts.",
        unclaimable,
      ),
      gauge("sora_outbox_waiting", "Messages of the outbox that wait to be published.", census.outbox.waiting),
      gauge("sora_outbox_dead", "Messages of the outbox that could not be published.", census.outbox.dead),
    ];
  }

  #points({ lines }: DurableCensus): MetricPoint[] {
    const counts = new Map<string, number>();
    for (const { service, action, version, state, count } of lines) {
      const queue = queueName({ service, action, version });
      this.#queues.set(queue, { service, action, version });
      counts.set(`${queue} ${state}`, count);
    }
    return [...this.#queues].flatMap(([queue, { service, action, version }]) =>
      counted.map(state => ({ labels: { service, action, version: String(version), state }, value: counts.get(`${queue} ${state}`) ?? 0 })),
    );
  }
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { type: "gauge", name, help, points: [point(value)] };
}

function point(value: number): MetricPoint {
  return { labels: {}, value };
}
