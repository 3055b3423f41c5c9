import type { Liveness, Readiness } from "@sora/core";

/** Whether the event loop turns; reasons for those who may read. */
export interface LivenessAnswer extends Pick<Liveness, "status"> {
  readonly entries: Readonly<Record<string, never>>;
  readonly reasons?: Liveness["reasons"];
}

/** Whether the host takes work; what keeps it from that for those who may read. */
export interface ReadinessAnswer extends Pick<Readiness, "status" | "entries"> {
  readonly reasons?: Readiness["reasons"];
}
