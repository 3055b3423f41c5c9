import type { ScheduleRecurrence, ScheduleStatus } from "@sora/core";

/** A schedule by the members it is made with; never what its action is called with. */
export interface StoredSchedule extends Omit<ScheduleStatus, "recurrence" | "parameters"> {
  readonly cron?: string;
  readonly timeZone?: string;
  /** Milliseconds. */
  readonly every?: number;
  readonly misfire?: ScheduleRecurrence["misfire"];
}

/** Schedules by id: `GET /api/schedules`. */
export interface StoredSchedulePage {
  readonly schedules: readonly StoredSchedule[];
  /** `cursor` of the next page; absent on the last. */
  readonly next?: string;
}
