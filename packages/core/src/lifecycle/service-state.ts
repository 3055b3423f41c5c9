import type { SoraError } from "../errors/sora-error.ts";

/** Where a service is in its life. Times are milliseconds since the epoch. */
export type ServiceState =
  | { readonly phase: "disabled"; readonly since: number; readonly reason: string }
  | { readonly phase: PlainPhase; readonly since: number }
  | { readonly phase: "restarting"; readonly since: number; readonly at: number; readonly attempt: number; readonly error: SoraError }
  | {
      readonly phase: "stopping";
      readonly since: number;
      readonly reason: string;
      /** What of it has not ended though the time for the stop is over, in words: until it has, the service is not stopped, and cannot be started. */
      readonly remains?: readonly string[];
    }
  | { readonly phase: "failed"; readonly since: number; readonly error: SoraError };

/** Phases of which nothing is to be said but since when. */
export type PlainPhase = "starting" | "running" | "stopped" | "completed";

export type ServicePhase = ServiceState["phase"];

/** What can happen to a service. */
export type LifecycleMove = "disable" | "enable" | "start" | "started" | "returned" | "failed" | "retry" | "stop" | "overdue" | "stopped";

/** Which move leads where; a move that is not listed is illegal in that phase. */
const table: Readonly<Record<ServicePhase, Partial<Readonly<Record<LifecycleMove, ServicePhase>>>>> = {
  disabled: { enable: "stopped" },
  stopped: { start: "starting", disable: "disabled" },
  starting: { started: "running", returned: "completed", failed: "failed", stop: "stopping" },
  running: { returned: "completed", failed: "failed", retry: "restarting", stop: "stopping" },
  restarting: { retry: "restarting", start: "starting", failed: "failed", stop: "stopping" },
  completed: { start: "starting", stop: "stopping" },
  failed: { start: "starting", stop: "stopping" },
  stopping: { overdue: "stopping", stopped: "stopped" },
};

/** Every phase there is. */
export const servicePhases: readonly ServicePhase[] = Object.freeze(Object.keys(table)) as readonly ServicePhase[];

/** The phase `move` leads to from `phase`, or `undefined` where it is illegal. */
export function nextPhase(phase: ServicePhase, move: LifecycleMove): ServicePhase | undefined {
  return table[phase][move];
}

/** Every legal move of a phase, for models and documentation. */
export function legalMoves(phase: ServicePhase): readonly LifecycleMove[] {
  return Object.keys(table[phase]) as LifecycleMove[];
}
