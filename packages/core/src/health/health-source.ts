import type { HealthReport } from "./health-report.ts";

/** What the aggregator asks: everything about a source is read when it is needed, so a getter may answer. */
export interface HealthSource {
  readonly name: string;
  readonly critical: boolean;
  /** What is known without asking (failed, stalled, starting); where it answers, `check` is not called. Synchronous and cheap. */
  derive?(): HealthReport | undefined;
  /** The source's own check. Absent: healthy unless `derive` says otherwise. */
  check?(signal: AbortSignal): HealthReport | Promise<HealthReport>;
}
