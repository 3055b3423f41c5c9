import { parseQueueName } from "./store/queue-name.ts";
import { isFinished } from "./store/stored-action.ts";
import type { DurableCensus } from "./durable-census.ts";
import type { DurableRuntime } from "./durable-runtime.ts";

/** Milliseconds for which a count of what is stored is good: counting a million takes its time. */
const censusAge = 1_000;
/** Milliseconds after which a count that the store has not answered is asked for anew, by whoever wants one then. */
const longestCount = 30_000;

/** A count under way, or its outcome. */
interface Count {
  readonly at: number;
  readonly counting: Promise<DurableCensus>;
  ended: boolean;
}

/** Counts what is stored; questions within a second, and those that come while it is counted, are answered by the same count. */
export class CensusTaker {
  readonly #runtime: DurableRuntime;
  #last: Count | undefined = undefined;

  constructor(runtime: DurableRuntime) {
    this.#runtime = runtime;
  }

  take(): Promise<DurableCensus> {
    const now = this.#runtime.host.clock.monotonic();
    const last = this.#last;
    if (last !== undefined && now - last.at < (last.ended ? censusAge : longestCount)) return last.counting;
    const count: Count = { at: now, counting: countStored(this.#runtime), ended: false };
    this.#last = count;
    count.counting.then(
      () => (count.ended = true),
      () => {
        if (this.#last === count) this.#last = undefined;
      },
    );
    return count.counting;
  }
}

async function countStored({ store, story, worker }: DurableRuntime): Promise<DurableCensus> {
  const [queues, workers, outbox] = await Promise.all([store.actions.counts(), store.actions.workers(), store.outbox.counts()]);
  // of its own it knows better: the store is told with the next renewal, and of an idle worker not at all where nobody else is there
  const others = workers.filter(({ id }) => id !== worker?.id);
  const claimable = new Set([...others.flatMap(one => one.queues), ...(worker?.queues ?? [])]);
  return {
    store: store.name,
    lines: queues.map(({ queue, state, count }) => ({ ...parseQueueName(queue), state, count, unclaimable: !isFinished(state) && !claimable.has(queue) })),
    outbox,
    workers: workers.length,
    counts: { ...story.counts },
    running: worker?.running ?? 0,
    concurrency: worker?.concurrency ?? 0,
  };
}
