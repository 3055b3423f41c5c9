/** How a call ended, as its caller saw it. `refused` never began: bad parameters, a full queue, a service that takes no calls. */
export type CallOutcome = "ok" | "failed" | "timeout" | "cancelled" | "refused";

/** What an action counts of its calls. */
export interface CallCounts {
  readonly succeeded: number;
  /** All that did not succeed; the three below are among them. */
  readonly failures: number;
  readonly timeouts: number;
  readonly cancellations: number;
  readonly refusals: number;
}

/** The counts of an action that was never called. */
export const noCalls: CallCounts = Object.freeze({ succeeded: 0, failures: 0, timeouts: 0, cancellations: 0, refusals: 0 });

/** How many calls ended in each way. */
export function outcomesOf({ succeeded, failures, timeouts, cancellations, refusals }: CallCounts): Readonly<Record<CallOutcome, number>> {
  return { ok: succeeded, failed: failures - timeouts - cancellations - refusals, timeout: timeouts, cancelled: cancellations, refused: refusals };
}
