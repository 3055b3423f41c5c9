import type { PlainPhase, ServiceState } from "./service-state.ts";

/** Gives services that enter a phase in the same millisecond one state: of a hundred thousand that are started together, a few hundred states are left. */
export class RecentStates {
  readonly #last: Partial<Record<PlainPhase, ServiceState>> = {};

  /** The state of having been in `phase` since `since`; the one given last time where that says the same. */
  plain(phase: PlainPhase, since: number): ServiceState {
    const last = this.#last[phase];
    return last?.since === since ? last : (this.#last[phase] = { phase, since });
  }
}
