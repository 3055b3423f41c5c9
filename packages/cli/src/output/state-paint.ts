import type { HealthStatus, ServicePhase } from "@sora/core";
import { oneLine } from "./printable.ts";
import type { Paint } from "./paint.ts";

type Format = Parameters<Paint>[0];

const states: Readonly<Record<ServicePhase, Format>> = {
  running: "green",
  starting: "yellow",
  restarting: "yellow",
  stopping: "yellow",
  failed: "red",
  completed: "dim",
  stopped: "dim",
  disabled: "dim",
};

const healths: Readonly<Record<HealthStatus, Format>> = { healthy: "green", degraded: "yellow", unhealthy: "red", unknown: "dim" };

/** A state or a health in its colour; one that this version does not know stays plain. */
export function statePaint(state: string, paint: Paint): string {
  const format = Object.hasOwn(states, state) ? states[state as ServicePhase] : Object.hasOwn(healths, state) ? healths[state as HealthStatus] : undefined;
  return format === undefined ? oneLine(state) : paint(format, state);
}
