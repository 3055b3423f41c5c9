import type { TimeZone } from "../time/time-zone.ts";
import { timeZone as namedTimeZone } from "../time/time-zone.ts";
import type { CronSchedule } from "./cron.ts";
import { compileCron } from "./cron.ts";

/** How many schedules a cache keeps; past it the one that was added first is dropped, and compiled again when asked for. */
const mostSchedules = 1_024;

/** Compiles each distinct expression and zone once, however many entries use it. One a scheduler. */
export class CronCache {
  readonly #schedules = new Map<string, CronSchedule>();
  readonly #zones = new Map<string, TimeZone>();

  /** @throws SoraError as {@link compileCron} does. */
  schedule(expression: string, timeZone: string): CronSchedule {
    const key = `${timeZone}\n${expression}`;
    let schedule = this.#schedules.get(key);
    if (schedule === undefined) {
      schedule = compileCron(expression, this.#zone(timeZone));
      for (const oldest of this.#schedules.keys()) {
        if (this.#schedules.size < mostSchedules) break;
        this.#schedules.delete(oldest);
      }
      this.#schedules.set(key, schedule);
    }
    return schedule;
  }

  /** There are some 400 names, and their letters' case is free; past the bound a zone serves its schedule alone. */
  #zone(name: string): TimeZone {
    let zone = this.#zones.get(name);
    if (zone === undefined) {
      zone = namedTimeZone(name);
      if (this.#zones.size < mostSchedules) this.#zones.set(name, zone);
    }
    return zone;
  }
}
