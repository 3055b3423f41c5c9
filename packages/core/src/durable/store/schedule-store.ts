import type { NewAction } from "./stored-action.ts";

/** An action that is enqueued again and again, as data. Times are milliseconds since the epoch, on the store's clock. */
export interface StoredSchedule {
  /** Chosen by the user, unique in the store, 1 to 300 characters. */
  readonly id: string;
  readonly service: string;
  readonly action: string;
  /** When, encoded: the runner understands it. */
  readonly recurrence: string;
  /** What is enqueued each time, beside id and time; encoded as in `NewAction`. */
  readonly parameters?: string;
  readonly envelope: string;
  readonly version: number;
  readonly priority: number;
  readonly attempts: number;
  readonly paused: boolean;
  /** When it is due next; absent where it never is again. */
  readonly nextAt?: number;
  /** The tick it last moved on from, made up for or not. */
  readonly lastAt?: number;
  readonly createdAt: number;
}

/** A schedule to be made or changed; `paused`, `lastAt` and `createdAt` stay, and so does a `nextAt` that it has, where its `recurrence` does: ticks that are due already are not lost. */
export type NewSchedule = Omit<StoredSchedule, "paused" | "lastAt" | "createdAt">;

/** One tick of a schedule: what is enqueued, and when the next comes. */
export interface ScheduleFire {
  readonly id: string;
  /** The tick it is for: fires only where `nextAt` is still this. */
  readonly tick: number;
  readonly nextAt?: number;
  /** None where the tick was missed and is not made up for. */
  readonly actions: readonly NewAction[];
}

/** Which schedules are meant; what is absent does not matter. */
export interface ScheduleFilter {
  readonly service?: string;
  /** At most so many. Default 100. */
  readonly limit?: number;
  /** Those after this id, which need not be there. */
  readonly cursor?: string;
}

/** What is due, and when to ask again. */
export interface DueSchedules {
  /** The longest overdue first. */
  readonly schedules: readonly StoredSchedule[];
  /** The store's time. */
  readonly now: number;
  /** In how many milliseconds the next one is due that is not yet; absent where there is none. */
  readonly dueIn?: number;
}

/** Schedules made at run time. */
export interface ScheduleStore {
  /** Makes or changes it; true where it is new. */
  put(schedule: NewSchedule): Promise<boolean>;
  get(id: string): Promise<StoredSchedule | undefined>;
  /** By id, ascending by code points. */
  list(filter: ScheduleFilter): Promise<readonly StoredSchedule[]>;
  /** False where it is not there. */
  remove(id: string): Promise<boolean>;
  /** Pauses it, or has it go on: from `nextAt`, or where that is absent from where it stood. False where it is not there. */
  setPaused(id: string, paused: boolean, nextAt?: number): Promise<boolean>;
  /** Those due now that are not paused, at most `limit` of them. */
  due(limit: number): Promise<DueSchedules>;
  /** Enqueues the tick's actions and moves the schedule on, together; false, and nothing done, where another host has, or it was changed, paused or removed. */
  fire(fire: ScheduleFire): Promise<boolean>;
}
