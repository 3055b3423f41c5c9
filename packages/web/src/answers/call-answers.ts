import type { ActionState } from "@sora/core";
import type { ProblemDocument } from "./problem-document.ts";

/** An action that has ended well. */
export interface ActionAnswer {
  /** What it returned; absent where it returned nothing. */
  readonly result?: unknown;
  readonly correlationId: string;
}

/** A command that has been carried out. */
export interface CommandAnswer extends ActionAnswer {
  readonly message: string;
}

/** A call that is stored, and will happen. */
export interface StoredCall {
  readonly id: string;
  readonly state: ActionState;
  readonly correlationId: string;
}

/** A command that goes on after the answer. */
export interface AcceptedCall {
  readonly id: string;
  readonly state: "running";
  readonly correlationId: string;
}

/** Where an accepted command can be. */
export const callStates = ["running", "completed", "failed"] as const;

/** What has become of an accepted command: `GET /api/calls/{id}`. Times are milliseconds since the epoch. */
export interface CallOutcome {
  readonly id: string;
  readonly service: string;
  readonly action: string;
  readonly correlationId: string;
  readonly state: (typeof callStates)[number];
  readonly acceptedAt: number;
  readonly finishedAt?: number;
  readonly result?: unknown;
  readonly error?: Omit<ProblemDocument, "type" | "title">;
}
