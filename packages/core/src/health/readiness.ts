import type { ServicePhase } from "../lifecycle/service-state.ts";

/** Whether the process is alive, which its answering shows already; the rest says how well. */
export interface Liveness {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly live: boolean;
  readonly reasons: readonly string[];
}

/** Whether to send it work. */
export interface Readiness {
  readonly status: "healthy" | "degraded" | "unhealthy";
  readonly ready: boolean;
  /** Each sentence names what is not well; empty where all is. */
  readonly reasons: readonly string[];
  /** The services that are not well, by name; empty where all are. */
  readonly entries: Readonly<Record<string, UnreadyService>>;
}

/** A service that is not well, and whether that keeps the host from being ready. */
export interface UnreadyService {
  readonly status: "degraded" | "unhealthy";
  readonly description: string;
  readonly critical: boolean;
}

/** What readiness weighs of a service. */
export interface ServiceReadiness {
  readonly name: string;
  readonly critical: boolean;
  readonly phase: ServicePhase;
  /** What its `isReady` said last. */
  readonly ready: boolean;
  /** Whether its loop, or its run, stopped making progress. */
  readonly stalled: boolean;
}

const slowFrom = 1_000;

/**
 * Live means the event loop turns, whatever the dependencies do. `lag` is how late it is, in milliseconds: from 1 s on
 * it is named, and past `limit`, where one is given, the process counts as dead.
 */
export function liveness({ lag, limit = Number.POSITIVE_INFINITY }: { readonly lag: number; readonly limit?: number }): Liveness {
  if (lag < slowFrom) return { status: "healthy", live: true, reasons: [] };
  const live = lag <= limit;
  return { status: live ? "degraded" : "unhealthy", live, reasons: [`the event loop was blocked for ${Math.round(lag)} ms`] };
}

/**
 * Ready means that startup is done, no stop was asked for, and every critical service works: none failed or stalled, none on
 * its way up or down, none that says it is not ready. Completed and disabled services count as ready. What is wrong with
 * the other services degrades, and no more.
 */
export function readiness(host: { readonly startupDone: boolean; readonly stopping: boolean; readonly services: Iterable<ServiceReadiness> }): Readiness {
  const reasons: string[] = [];
  // without a prototype, since `__proto__` is a valid name
  const entries = Object.create(null) as Record<string, UnreadyService>;
  if (!host.startupDone) reasons.push("startup is not done");
  if (host.stopping) reasons.push("the host is stopping");
  let ready = host.startupDone && !host.stopping;
  for (const service of host.services) {
    const reason = trouble(service);
    if (reason === undefined) continue;
    const { name, critical } = service;
    reasons.push(`${critical ? "critical service" : "service"} ${name} ${reason}`);
    entries[name] = { status: critical ? "unhealthy" : "degraded", description: `It ${reason}`, critical };
    if (critical) ready = false;
  }
  return { status: !ready ? "unhealthy" : reasons.length > 0 ? "degraded" : "healthy", ready, reasons, entries };
}

/** What to say of a phase in which a service does not work; a service that is not critical may start and stop in its own time. */
const troubles: Readonly<Record<ServicePhase, { readonly text: string; readonly onlyCritical: boolean } | undefined>> = {
  disabled: undefined,
  completed: undefined,
  running: undefined,
  failed: { text: "has failed", onlyCritical: false },
  restarting: { text: "is waiting to be restarted", onlyCritical: false },
  starting: { text: "is starting", onlyCritical: true },
  stopping: { text: "is stopping", onlyCritical: true },
  stopped: { text: "is stopped", onlyCritical: true },
};

/** What is wrong with a service, to follow its name. */
function trouble({ phase, ready, stalled, critical }: ServiceReadiness): string | undefined {
  if (phase === "running" && stalled) return "has stopped making progress";
  if (phase === "running" && critical && !ready) return "is not ready";
  const known = troubles[phase];
  return known === undefined || (known.onlyCritical && !critical) ? undefined : known.text;
}
