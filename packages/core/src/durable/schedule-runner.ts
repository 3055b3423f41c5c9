import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { decodeEnvelope, encodeEnvelope } from "./action-envelope.ts";
import { decodeRecurrence, dueTicks } from "./schedule-recurrence.ts";
import { queueName } from "./store/queue-name.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ClockTimer } from "../time/clock.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { NewAction } from "./store/stored-action.ts";
import type { StoredSchedule } from "./store/schedule-store.ts";

/** Schedules looked at in one turn, beside those that could not be fired in the turn before. */
const mostAtOnce = 100;
/** Milliseconds until the next look at what other hosts may have scheduled: their bell may be lost. */
const longestPause = 10_000;
/** Milliseconds until the store is tried again. */
const trouble = 1_000;

/** Enqueues what stored schedules say, when they say it. Every host with a worker does: the store lets one of them have each tick. */
export class ScheduleRunner {
  readonly #host: HostKernel;
  readonly #store: DurableStore;
  readonly #onStored: (actions: readonly NewAction[]) => void;
  /** Schedules that could not be fired in the turn before, and for which tick. */
  #blamed: ReadonlyMap<string, number | undefined> = new Map();
  #listening: Disposable | undefined = undefined;
  #timer: ClockTimer | undefined = undefined;
  #looking = false;
  #again = false;
  #closed = false;

  /** `onStored` is told of the actions of each tick that this host has let fire. */
  constructor(host: HostKernel, store: DurableStore, onStored: (actions: readonly NewAction[]) => void) {
    this.#host = host;
    this.#store = store;
    this.#onStored = onStored;
  }

  /** Looks from now on: at once, when a bell tells of a schedule, and when one is due. */
  start(): void {
    if (this.#closed) return;
    this.#listening = this.#store.listen(({ kind }) => kind === "scheduled" && this.look());
    this.look();
  }

  /** Looks now, as when a schedule was made or changed here. */
  look(): void {
    if (this.#closed) return;
    this.#again = true;
    if (!this.#looking) void this.#turns();
  }

  close(): void {
    this.#closed = true;
    this.#listening?.[Symbol.dispose]();
    this.#timer?.cancel();
  }

  async #turns(): Promise<void> {
    this.#looking = true;
    this.#timer?.cancel();
    let pause: number | undefined;
    while (this.#again && !this.#closed) {
      this.#again = false;
      try {
        pause = await this.#turn();
      } catch (error) {
        this.#host.logger.debug(`Schedules could not be looked at: ${describeError(error)}`, { error });
        pause = trouble;
      }
    }
    this.#looking = false;
    const longest = this.#store.shared ? longestPause : Infinity;
    const wait = Math.min(pause ?? Infinity, longest);
    if (!this.#closed && wait < Infinity) this.#timer = this.#host.clock.setTimer(() => this.look(), Math.max(1, wait), true);
  }

  /** Fires what is due; in how many milliseconds more will be. One that cannot be fired keeps none of the others from it, and is tried again. */
  async #turn(): Promise<number | undefined> {
    const { schedules, now, dueIn } = await this.#store.schedules.due(mostAtOnce + this.#blamed.size);
    const failed = new Map<string, number | undefined>();
    for (const schedule of schedules) {
      try {
        await this.#fire(schedule, now);
      } catch (error) {
        if (SoraError.is(error, "SORA_STORE_UNAVAILABLE")) throw error; // nor can the rest be
        failed.set(schedule.id, schedule.nextAt);
        this.#complain(schedule, error);
      }
    }
    const known = this.#blamed.size;
    this.#blamed = failed;
    if (schedules.length > failed.size || failed.size > known) this.#again = true; // what has fired may be due again, and more may wait
    return failed.size === 0 ? dueIn : Math.min(dueIn ?? trouble, trouble);
  }

  /** Once for each tick, though it is tried every second. */
  #complain({ id, nextAt }: StoredSchedule, error: unknown): void {
    if (this.#blamed.get(id) === nextAt) return;
    this.#host.logger.warn(`Schedule ${id} cannot be fired: ${describeError(error)}`, { schedule: id, error });
  }

  async #fire(schedule: StoredSchedule, now: number): Promise<void> {
    const tick = schedule.nextAt as number;
    const { run, next, missed } = dueTicks(decodeRecurrence(schedule.recurrence), tick, now);
    const actions = run.map(at => actionOf(schedule, at, this.#host.ids.next(), this.#host.ids.next()));
    const fired = await this.#store.schedules.fire({ id: schedule.id, tick, actions, ...(next === undefined ? undefined : { nextAt: next }) });
    if (fired) this.#onStored(actions);
    if (fired && missed > 0)
      this.#host.logger.warn(`Schedule ${schedule.id} has missed ${missed} tick${missed === 1 ? "" : "s"}`, { schedule: schedule.id, missed });
  }
}

/** The action for one tick. It carries which tick it is in `context.metadata`. */
function actionOf(schedule: StoredSchedule, at: number, id: string, correlationId: string): NewAction {
  const { service, action, version, parameters, priority, attempts } = schedule;
  const envelope = decodeEnvelope(schedule.envelope);
  return {
    id,
    queue: queueName({ service, action, version }),
    ...(parameters === undefined ? undefined : { parameters }),
    envelope: encodeEnvelope({ ...envelope, correlationId, metadata: { ...envelope.metadata, schedule: schedule.id, scheduledAt: at } }),
    priority,
    attempts,
    idempotencyKey: `schedule:${schedule.id}:${at}`,
  };
}
