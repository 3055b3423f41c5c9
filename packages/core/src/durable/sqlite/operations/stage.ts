import type { ActionState } from "../../store/stored-action.ts";

/**
 * Where a row stands; these numbers are in the database. What is shown of it is its {@link ActionState}, which depends on the time as well.
 *
 * `ready` for any worker, `suspect` for one that takes such; `held` by its key or its chain; `running`; `timed` until its time comes.
 */
export const stage = { ready: 1, suspect: 2, held: 3, running: 4, dead: 5, cancelled: 6, timed: 7, completed: 8 } as const;

/** SQL: the stages by which rows are found in the index `sora_actions_stage`; a condition has to have this beside the stage that it means, or SQLite does not see that the index serves. */
export const standing: string = `stage < ${stage.timed}`;

export function isFinishedStage(at: number): boolean {
  return at === stage.dead || at === stage.cancelled || at === stage.completed;
}

/** SQL: where a row belongs that lacks nothing but a worker. */
export const unheldStage: string = `(CASE WHEN suspect THEN ${stage.suspect} ELSE ${stage.ready} END)`;

/** SQL: where a row belongs that waits for no time. */
export const untimedStage: string = `(CASE WHEN chained OR NOT let_in THEN ${stage.held} ELSE ${unheldStage} END)`;

/** What is shown of a row at the time `now`. */
export function stateOf(at: number, failed: boolean, dueAt: number, now: number): ActionState {
  switch (at) {
    case stage.running:
      return "running";
    case stage.completed:
      return "completed";
    case stage.dead:
      return "dead";
    case stage.cancelled:
      return "cancelled";
    default:
      return failed ? "failed" : dueAt > now ? "delayed" : "waiting";
  }
}
