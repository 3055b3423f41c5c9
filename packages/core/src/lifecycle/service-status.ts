import type { ServiceKind } from "../definition/service-kind.ts";
import type { ServicePhase } from "./service-state.ts";

/** What went wrong last, kept after recovery. */
export interface LastError {
  readonly message: string;
  readonly code?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A service at this moment. Times are milliseconds since the epoch. */
export interface ServiceStatus {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly state: ServicePhase;
  /** When it entered this state. */
  readonly since: number;
  /** End of the last call or run, or the last progress told. */
  readonly lastActivity?: number;
  /** Outlives recovery. */
  readonly lastError?: LastError;
  /** Times `execute`, or a periodic run, has begun. */
  readonly runs: number;
  readonly restarts: number;
  /** Calls and periodic runs under way. */
  readonly inFlight: number;
  /** Calls waiting for their turn, and a waiting poke. */
  readonly waiting: number;
  readonly nextRun?: number;
  /** The host it runs on. */
  readonly node: string;
}
