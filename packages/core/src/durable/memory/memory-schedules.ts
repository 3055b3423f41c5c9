import { limits } from "../../options/limits.ts";
import type { HeapItem } from "../../schedule/timer-heap.ts";
import { TimerHeap } from "../../schedule/timer-heap.ts";
import type { DueSchedules, NewSchedule, ScheduleFilter, ScheduleFire, ScheduleStore, StoredSchedule } from "../store/schedule-store.ts";
import type { NewAction } from "../store/stored-action.ts";
import type { MemoryGround } from "./memory-ground.ts";

/** A schedule; in the heap while it is due at some time. */
class Entry implements HeapItem {
  heapIndex = -1;
  schedule: StoredSchedule;

  constructor(schedule: StoredSchedule) {
    this.schedule = schedule;
  }
}

/** The schedules of a memory store. */
export class MemorySchedules implements ScheduleStore {
  readonly #ground: MemoryGround;
  readonly #enqueue: (actions: readonly NewAction[]) => void;
  readonly #entries = new Map<string, Entry>();
  readonly #due = new TimerHeap<Entry>();

  constructor(ground: MemoryGround, enqueue: (actions: readonly NewAction[]) => void) {
    this.#ground = ground;
    this.#enqueue = enqueue;
  }

  async put(schedule: NewSchedule): Promise<boolean> {
    const now = this.#ground.now();
    this.#ground.ring({ kind: "scheduled" });
    const entry = this.#entries.get(schedule.id);
    if (entry !== undefined) {
      const { recurrence, nextAt, paused, lastAt, createdAt } = entry.schedule;
      const due = recurrence === schedule.recurrence && nextAt !== undefined ? { nextAt } : undefined;
      this.#change(entry, { ...schedule, ...due, paused, createdAt, ...(lastAt !== undefined && { lastAt }) });
      return false;
    }
    const made = new Entry({ ...schedule, paused: false, createdAt: now });
    this.#entries.set(schedule.id, made);
    this.#change(made, made.schedule);
    return true;
  }

  async get(id: string): Promise<StoredSchedule | undefined> {
    this.#ground.now();
    return this.#entries.get(id)?.schedule;
  }

  async list({ service, limit = limits.usualPage, cursor }: ScheduleFilter): Promise<readonly StoredSchedule[]> {
    this.#ground.now();
    const after = cursor === undefined ? undefined : Buffer.from(cursor);
    return [...this.#entries.values()]
      .filter(({ schedule }) => service === undefined || schedule.service === service)
      .map(({ schedule }) => ({ schedule, bytes: Buffer.from(schedule.id) })) // whose order is that of the code points
      .filter(({ bytes }) => after === undefined || bytes.compare(after) > 0)
      .toSorted((one, other) => one.bytes.compare(other.bytes))
      .slice(0, limit)
      .map(({ schedule }) => schedule);
  }

  async remove(id: string): Promise<boolean> {
    this.#ground.now();
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    if (entry.heapIndex >= 0) this.#due.remove(entry);
    return this.#entries.delete(id);
  }

  async setPaused(id: string, paused: boolean, nextAt?: number): Promise<boolean> {
    this.#ground.now();
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#change(entry, { ...entry.schedule, paused, ...(!paused && nextAt !== undefined && { nextAt }) });
    if (!paused) this.#ground.ring({ kind: "scheduled" });
    return true;
  }

  async due(limit: number): Promise<DueSchedules> {
    const now = this.#ground.now();
    const overdue: Entry[] = [];
    while (this.#due.topKey() <= now) overdue.push(this.#due.pop() as Entry);
    const next = this.#due.topKey();
    for (const entry of overdue) this.#due.push(entry, entry.schedule.nextAt as number); // looked at, not taken
    return { schedules: overdue.slice(0, limit).map(({ schedule }) => schedule), now, ...(next !== Number.POSITIVE_INFINITY && { dueIn: next - now }) };
  }

  async fire({ id, tick, nextAt, actions }: ScheduleFire): Promise<boolean> {
    this.#ground.now();
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.schedule.paused || entry.schedule.nextAt !== tick) return false;
    const { nextAt: _, ...rest } = entry.schedule;
    this.#enqueue(actions); // which throws before it has stored anything, or not at all
    this.#change(entry, { ...rest, lastAt: tick, ...(nextAt !== undefined && { nextAt }) });
    return true;
  }

  #change(entry: Entry, schedule: StoredSchedule): void {
    entry.schedule = Object.freeze({ ...schedule });
    if (entry.heapIndex >= 0) this.#due.remove(entry);
    if (!schedule.paused && schedule.nextAt !== undefined) this.#due.push(entry, schedule.nextAt);
  }
}
