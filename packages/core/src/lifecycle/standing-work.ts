import type { ServiceWork } from "./service-work.ts";

/** The work of a started service that has no `execute`: it stands ready for calls, and ends as soon as it is told to. One serves all of them. */
export const standingWork: ServiceWork = Object.freeze({
  running: 0,
  waiting: 0,
  nextRun: undefined,
  underWay: undefined,
  pause: () => {},
  end: () => Promise.resolve(),
});
