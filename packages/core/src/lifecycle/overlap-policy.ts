import type { MisfireOption, OverlapPolicy } from "../definition/service-options.ts";
import type { MisfirePolicy } from "../schedule/misfire.ts";

/** `misfire: "all"` has a bound too. */
const makeUpForAll = { all: 100 } as const;

/** The policy that a service's option stands for. */
export function misfirePolicy(misfire: MisfireOption = "skip"): MisfirePolicy {
  return misfire === "all" ? makeUpForAll : misfire;
}

/** What becomes of a tick that finds a run going: it runs beside it, is made up for after it, shares the one run that waits, or is left out. */
export type OverlapDecision = "run" | "make up" | "queue" | "skip";

/** Decides by the service's options, and by how many ticks are to be made up for already. */
export function decideOverlap(overlap: OverlapPolicy, misfire: MisfirePolicy, madeUpFor: number): OverlapDecision {
  if (overlap === "allow") return "run";
  if (typeof misfire === "object" && madeUpFor < misfire.all) return "make up";
  return overlap;
}
