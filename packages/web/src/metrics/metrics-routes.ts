import type { HostControl, MetricsReader } from "@sora/core/adapter";
import { processMetrics } from "./process-metrics.ts";
import { prometheusText, prometheusType } from "./prometheus-text.ts";
import type { Route } from "../routing/route.ts";

/**
 * Metrics for Prometheus. Counters hold from the host's start; durations from the first scrape on, since timing calls that nobody reads would cost every one of them. What the
 * store knows is there as far as it answers within a second.
 */
export function metricsRoutes(control: HostControl): Route[] {
  let reader: MetricsReader | undefined;
  return [
    {
      method: "GET",
      path: "/metrics",
      scope: "read",
      summary: "Counters, gauges and histograms per service and action, and of stored actions, in Prometheus text",
      handle: async () => {
        reader ??= control.metrics();
        return {
          kind: "text",
          status: 200,
          type: prometheusType,
          body: prometheusText([...(await reader.collectWithStore()), ...processMetrics(control.clock.now())]),
          headers: { "cache-control": "no-store" },
        };
      },
    },
  ];
}
