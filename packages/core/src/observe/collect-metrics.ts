import { servicePhases } from "../lifecycle/service-state.ts";
import { noCalls, outcomesOf } from "./call-counts.ts";
import { durationBounds } from "./duration-histogram.ts";
import { workFamilies } from "./stored-metrics.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";
import type { CallCounts, CallOutcome } from "./call-counts.ts";
import type { DurationHistogram } from "./duration-histogram.ts";
import type { HistogramPoint, MetricFamily, MetricLabels, MetricPoint } from "./metric-family.ts";

/** One number of a service. */
interface ServiceMetric {
  readonly type: "counter" | "gauge";
  readonly name: string;
  readonly help: string;
  /** `undefined` where there is nothing to tell. */
  readonly read: (service: ServiceRuntime) => number | undefined;
}

const serviceMetrics: readonly ServiceMetric[] = [
  { type: "gauge", name: "sora_service_in_flight", help: "Calls and periodic runs under way.", read: service => service.inFlight },
  {
    type: "gauge",
    name: "sora_service_waiting",
    help: "Calls that wait for their turn, and pokes and queued ticks that wait for a run to end.",
    read: service => service.waiting,
  },
  { type: "counter", name: "sora_service_runs_total", help: "Times execute, or a periodic run, has begun.", read: service => service.history.runs },
  { type: "counter", name: "sora_service_run_failures_total", help: "Runs that threw.", read: service => service.history.runFailures },
  {
    type: "counter",
    name: "sora_service_restarts_total",
    help: "Times the service was started again after it had failed.",
    read: service => service.history.restarts,
  },
  {
    type: "counter",
    name: "sora_service_ticks_skipped_total",
    help: "Ticks that became no run, because another was under way or their time had passed.",
    read: service => service.history.skippedTicks,
  },
  {
    type: "counter",
    name: "sora_service_events_emitted_total",
    help: "Events emitted, with or without subscribers.",
    read: service => service.history.emitted,
  },
  {
    type: "counter",
    name: "sora_service_event_deliveries_dropped_total",
    help: "Deliveries of the service's events that found a subscriber's queue full or its subscription ended.",
    read: service => service.host.hub.lossesOf(service.name).dropped,
  },
  {
    type: "counter",
    name: "sora_service_event_deliveries_failed_total",
    help: "Deliveries of the service's events whose handler or filter threw.",
    read: service => service.host.hub.lossesOf(service.name).failed,
  },
  {
    type: "gauge",
    name: "sora_service_last_activity_timestamp_seconds",
    help: "When a call or run last ended or told of progress, in seconds since the epoch.",
    read: ({ lastActivity }) => (lastActivity === 0 ? undefined : lastActivity / 1_000),
  },
];

/** Everything a host counts, at this moment, without asking its store. Durations are there for what ended while somebody read; see `HostControl.metrics`. */
export function collectMetrics(host: HostKernel): readonly MetricFamily[] {
  const services = [...host.registry];
  const stored = host.durable.current;
  const lag = (name: string, help: string, milliseconds: number): MetricFamily => ({
    type: "gauge",
    name,
    help,
    points: [{ labels: {}, value: milliseconds / 1_000 }],
  });
  return [
    { type: "gauge", name: "sora_host_info", help: "The host; always 1.", points: [{ labels: { host: host.name, environment: host.environment }, value: 1 }] },
    lag("sora_event_loop_lag_seconds", "How late the event loop is.", host.health.loopLag),
    lag("sora_event_loop_lag_max_seconds", "The most the event loop was late in the last minute.", host.health.maxLoopLag),
    { type: "gauge", name: "sora_service_state", help: "1 for the state the service is in, 0 for the others.", points: services.flatMap(states) },
    ...serviceMetrics.map(metric => family(metric, services)),
    histogram(
      "sora_service_run_duration_seconds",
      "How long periodic runs took.",
      services.flatMap(service => durationPoint({ service: service.name }, service.history.runDurations)),
    ),
    ...actionFamilies(services),
    ...(stored === undefined ? [] : workFamilies(stored)),
  ];
}

function family({ type, name, help, read }: ServiceMetric, services: readonly ServiceRuntime[]): MetricFamily {
  const points: MetricPoint[] = [];
  for (const service of services) {
    const value = read(service);
    if (value !== undefined) points.push({ labels: { service: service.name }, value });
  }
  return { type, name, help, points };
}

function states(service: ServiceRuntime): MetricPoint[] {
  return servicePhases.map(state => ({ labels: { service: service.name, state }, value: state === service.state.phase ? 1 : 0 }));
}

function actionFamilies(services: readonly ServiceRuntime[]): MetricFamily[] {
  const calls: MetricPoint[] = [];
  const inFlight: MetricPoint[] = [];
  const waiting: MetricPoint[] = [];
  const durations: HistogramPoint[] = [];
  for (const service of services) {
    const underWay = countByAction(service);
    for (const action of new Set([...service.definition.actions.keys(), ...service.called.keys()])) {
      const runtime = service.called.get(action);
      const labels = { service: service.name, action };
      calls.push(...outcomePoints(labels, runtime ?? noCalls));
      inFlight.push({ labels, value: underWay.get(action) ?? 0 });
      waiting.push({ labels, value: runtime?.lane?.waiting ?? 0 });
      durations.push(...durationPoint(labels, runtime?.durations));
    }
  }
  return [
    {
      type: "counter",
      name: "sora_action_calls_total",
      help: "Calls that were answered, by how: ok, failed, timeout, cancelled, or refused before they began.",
      points: calls,
    },
    { type: "gauge", name: "sora_action_in_flight", help: "Calls accepted and not settled, those that wait for their turn included.", points: inFlight },
    { type: "gauge", name: "sora_action_waiting", help: "Calls that wait for a slot of the action.", points: waiting },
    histogram("sora_action_duration_seconds", "Time from the acceptance of a call to its answer, waiting included.", durations),
  ];
}

/** Every outcome from the start, so that rates are right from the first call on. */
function outcomePoints(labels: MetricLabels, counts: CallCounts): MetricPoint[] {
  return (Object.entries(outcomesOf(counts)) as [CallOutcome, number][]).map(([outcome, value]) => ({ labels: { ...labels, outcome }, value }));
}

function countByAction(service: ServiceRuntime): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { action } of service.calls) counts.set(action, (counts.get(action) ?? 0) + 1);
  return counts;
}

function durationPoint(labels: MetricLabels, durations: DurationHistogram | undefined): HistogramPoint[] {
  return durations === undefined ? [] : [{ labels, cumulative: durations.cumulative(), sum: durations.sum }];
}

function histogram(name: string, help: string, points: readonly HistogramPoint[]): MetricFamily {
  return { type: "histogram", name, help, bounds: durationBounds, points };
}
