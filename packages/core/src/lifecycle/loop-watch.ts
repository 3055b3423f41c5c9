import type { PeriodicObserver } from "../time/periodic-timer.ts";
import type { ServiceRuntime } from "./service-runtime.ts";

/** A loop over `periodicTimer`: when it was given its last tick without having asked for the next. */
export interface LoopWatch {
  readonly period: number;
  /** Monotonic time of the tick the loop's body is working on; `undefined` while it waits for one, which is as it should be. */
  busySince: number | undefined;
}

/** Watches one loop of a service; the last one begun counts. */
export function watchLoop(service: ServiceRuntime, period: number): PeriodicObserver {
  const watch: LoopWatch = { period, busySince: undefined };
  service.record.loop = watch;
  return {
    requested: () => {
      watch.busySince = undefined;
      service.noteProgress();
    },
    delivered: () => {
      watch.busySince = service.host.clock.monotonic();
      service.noteProgress();
    },
    ended: () => {
      if (service.history.loop === watch) service.record.loop = undefined;
    },
  };
}
