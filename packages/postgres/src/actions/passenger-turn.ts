import type { ClaimedAction } from "@sora/core/adapter";

/** What the function `turn` answers. */
export interface TurnAnswer {
  readonly held: boolean;
  /** Fences and ids; true for all. */
  readonly settled?: readonly string[] | true | null;
  /** Ids of those given back that were to be cancelled, and are. */
  readonly ended?: readonly string[] | null;
  readonly claimed?: ClaimedColumns | null;
  readonly now: number;
  readonly dueIn?: number | null;
  /** Whether more can be begun than was handed out. */
  readonly ring?: boolean;
}

/** What was handed out, in order: each member has one entry for each action. */
export type ClaimedColumns = { readonly [Member in keyof ClaimedAction]-?: readonly (Member extends "parameters" ? string | null : ClaimedAction[Member])[] };

/** A turn that only claims, on its way with what is being stored: both in one transaction, and so one commit sooner. One of its methods is called, once. */
export interface PassengerTurn {
  /** Parameters of the call, as many as {@link turnParameters}. */
  readonly values: readonly unknown[];
  taken(answer: TurnAnswer): void;
  /** Nothing was done of it: it has to go by itself. */
  leftBehind(): void;
  /** It may have been taken, or not. */
  failed(error: unknown): void;
}

export const turnParameters = 11;

/** SQL: a worker's turn, by the first parameters of the statement. */
export function turnCall(schema: string): string {
  return `${schema}.turn(${Array.from({ length: turnParameters }, (_, index) => `$${index + 1}`).join(", ")})`;
}
