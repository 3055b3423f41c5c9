import type { ServiceContext } from "./service-context.ts";

/** What `execute` and each periodic run get. */
export interface RunContext<Settings = Readonly<Record<string, unknown>>> extends ServiceContext<Settings> {
  /** Which run of the service this is, from 1. */
  readonly run: number;
  /** When this run was due, in milliseconds since the epoch; `undefined` for a poke, and for a long-running `execute`. */
  readonly scheduledAt: number | undefined;
  /**
   * Of a `singleton` service on a store that hosts share: rises each time another host takes over. A write that carries it, to a place that refuses less than the highest it has seen, cannot come too
   * late, whatever stood still in between. `undefined` for any other service.
   */
  readonly fence: number | undefined;
  /** Ticks that passed without a run since the last one. */
  readonly missed: number;
}
