import { settlesWithin } from "../time/within.ts";
import { collectMetrics } from "./collect-metrics.ts";
import { StoreFamilies } from "./stored-metrics.ts";
import type { DurableCensus } from "../durable/durable-census.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { MetricFamily } from "./metric-family.ts";

/** Somebody who reads a host's metrics. While there is one, the host also measures how long calls and runs take. */
export interface MetricsReader extends Disposable {
  /** Everything the host itself counts, at this moment. Counters go up only, as long as the host is. */
  collect(): readonly MetricFamily[];
  /**
   * The same, and what the host's store holds, where it has one: actions by state, the outbox. The store is given a second to answer, and may be asked once for several readers; where it does not answer,
   * `sora_store_up` is 0 and nothing more is told of it. Never rejects.
   */
  collectWithStore(): Promise<readonly MetricFamily[]>;
}

/** Milliseconds that the store is waited for: whoever scrapes has a limit of his own, and wants the rest all the same. */
const storePatience = 1_000;

/** Attaches a reader, until it is disposed of. */
export function readMetrics(host: HostKernel): MetricsReader {
  const measuring = host.measure();
  const store = new StoreFamilies();
  return {
    collect: () => collectMetrics(host),
    collectWithStore: async () => {
      const runtime = host.durable.current;
      if (runtime === undefined) return collectMetrics(host);
      let census: DurableCensus | undefined;
      const counting = runtime.census().then(found => (census = found));
      await settlesWithin(host.clock, counting, storePatience);
      return [...collectMetrics(host), ...store.of(runtime.store.name, census)];
    },
    [Symbol.dispose]: () => measuring[Symbol.dispose](),
  };
}
