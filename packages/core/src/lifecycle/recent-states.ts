import type { ServicePhase, ServiceState } from "./service-state.ts";

/** Phases of which nothing is to be said but since when. */
const plain: ReadonlySet<ServicePhase> = new Set<ServicePhase>(["starting", "running", "stopped", "completed"]);

/** Gives services that enter a phase in the same millisecond one state: of a hundred thousand that are started together, a few hundred states are left. */
export class RecentStates {
  readonly #last: Partial<Record<ServicePhase, ServiceState>> = {};

  /** `state`, or an earlier one that says the same. */
  shared(state: ServiceState): ServiceState {
    const last = this.#last[state.phase];
    if (last?.since === state.since) return last;
    if (plain.has(state.phase)) this.#last[state.phase] = state;
    return state;
  }
}
