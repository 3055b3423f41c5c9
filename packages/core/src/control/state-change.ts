import { describeError } from "../errors/describe-error.ts";
import type { ServicePhase, ServiceState } from "../lifecycle/service-state.ts";
import type { ServiceRuntime } from "../lifecycle/service-runtime.ts";

/** A service went from one state to another. */
export interface StateChange {
  readonly service: string;
  readonly before: ServicePhase;
  readonly state: ServicePhase;
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /** Why it is disabled, stopping, restarting or failed. */
  readonly reason?: string;
}

/** Sees every change of a service's state, as it happens. */
export type StateWatcher = (change: StateChange) => void;

/** The change that led to the state the service is in. */
export function stateChange({ name, state }: ServiceRuntime, before: ServicePhase): StateChange {
  const reason = reasonOf(state);
  return { service: name, before, state: state.phase, at: state.since, ...(reason === undefined ? undefined : { reason }) };
}

function reasonOf(state: ServiceState): string | undefined {
  if (state.phase === "stopping" && state.remains !== undefined) return `${state.reason}, and the time for that is over: ${state.remains.join("; ")}`;
  return "reason" in state ? state.reason : "error" in state ? describeError(state.error) : undefined;
}
