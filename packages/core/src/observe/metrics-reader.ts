import { collectMetrics } from "./collect-metrics.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { MetricFamily } from "./metric-family.ts";

/** Somebody who reads a host's metrics. While there is one, the host also measures how long calls and runs take. */
export interface MetricsReader extends Disposable {
  /** Everything there is, at this moment. Counters go up only, as long as the host is. */
  collect(): readonly MetricFamily[];
}

/** Attaches a reader, until it is disposed of. */
export function readMetrics(host: HostKernel): MetricsReader {
  const measuring = host.measure();
  return { collect: () => collectMetrics(host), [Symbol.dispose]: () => measuring[Symbol.dispose]() };
}
