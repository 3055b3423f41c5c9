import type { MetricFamily } from "@sora/core/adapter";

/** What is usual to know of a process, under the names that dashboards look for. */
export function processMetrics(now: number): MetricFamily[] {
  const { rss, heapUsed, heapTotal } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const uptime = process.uptime();
  return [
    {
      type: "gauge",
      name: "process_start_time_seconds",
      help: "When the process began, in seconds since the epoch.",
      points: [{ labels: {}, value: Math.round(now - uptime * 1_000) / 1_000 }],
    },
    { type: "gauge", name: "process_uptime_seconds", help: "How long the process has run.", points: [{ labels: {}, value: uptime }] },
    {
      type: "counter",
      name: "process_cpu_seconds_total",
      help: "Processor time used, user and system.",
      points: [{ labels: {}, value: (user + system) / 1_000_000 }],
    },
    { type: "gauge", name: "process_resident_memory_bytes", help: "Memory held.", points: [{ labels: {}, value: rss }] },
    { type: "gauge", name: "nodejs_heap_size_used_bytes", help: "JavaScript heap in use.", points: [{ labels: {}, value: heapUsed }] },
    { type: "gauge", name: "nodejs_heap_size_total_bytes", help: "JavaScript heap reserved.", points: [{ labels: {}, value: heapTotal }] },
  ];
}
