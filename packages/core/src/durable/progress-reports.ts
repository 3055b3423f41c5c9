import type { Clock, ClockTimer } from "../time/clock.ts";
import type { RunningAction } from "./running-action.ts";
import type { ActionStore } from "./store/action-store.ts";
import type { WorkInHand } from "./work-in-hand.ts";

/** Milliseconds in which progress of one action is gathered. */
const pause = 100;

export interface ProgressReportsParts {
  readonly clock: Clock;
  readonly actions: ActionStore;
  readonly hand: WorkInHand;
  /** The store has said that one is not this worker's any more. */
  readonly onLost: () => void;
}

/** Tells the store how far actions have come: the newest of each, and of all of them in one request. */
export class ProgressReports {
  readonly #parts: ProgressReportsParts;
  #timer: ClockTimer | undefined = undefined;

  constructor(parts: ProgressReportsParts) {
    this.#parts = parts;
  }

  /** There is something to tell. */
  soon(): void {
    this.#timer ??= this.#parts.clock.setTimer(() => {
      this.#timer = undefined;
      void this.#tell();
    }, pause);
  }

  /** One has ended: what it has told last goes out now, ahead of its outcome, after which nothing is written any more. */
  ended(run: RunningAction): void {
    const progress = run.takeProgress();
    if (progress === undefined || run.lost) return;
    this.#parts.actions.progress([{ id: run.id, fence: run.claimed.fence, progress }]).catch(() => {}); // its outcome says more
  }

  close(): void {
    this.#timer?.cancel();
  }

  async #tell(): Promise<void> {
    const { actions, hand, onLost } = this.#parts;
    const reports = [...hand.runs()].flatMap(run => {
      const progress = run.takeProgress();
      return progress === undefined ? [] : [{ id: run.id, fence: run.claimed.fence, progress }];
    });
    if (reports.length === 0) return;
    try {
      const kept = await actions.progress(reports);
      for (const [index, { id, fence }] of reports.entries()) {
        const run = hand.find(id, fence);
        if (kept[index] !== false || run === undefined) continue;
        run.lose();
        onLost();
      }
    } catch {
      // progress is a picture of now: a later one follows
    }
  }
}
