import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { limits } from "../options/limits.ts";
import { notAllowed } from "../options/not-allowed.ts";
import { decodeValue } from "../serialization/decode-value.ts";
import { checkedKey } from "./stored-call-options.ts";
import { decodeEnvelope } from "./action-envelope.ts";
import { assertFindable } from "./checked-id.ts";
import { assertService, nameOfService } from "./which-service.ts";
import { decodeRecurrence, nextTick } from "./schedule-recurrence.ts";
import type { ServiceTarget } from "../fluent/shape-of.ts";
import type { DurableSlot } from "./durable-slot.ts";
import type { ScheduleRecurrence } from "./schedule-recurrence.ts";
import type { StoredSchedule } from "./store/schedule-store.ts";

/** A stored schedule as it stands. Times are milliseconds since the epoch. */
export interface ScheduleStatus {
  readonly id: string;
  readonly service: string;
  readonly action: string;
  /** Absent where it cannot be read: see `error`. */
  readonly recurrence?: ScheduleRecurrence;
  readonly parameters?: unknown;
  readonly priority: number;
  readonly paused: boolean;
  /** Absent while it is paused, or where no tick is left. */
  readonly nextAt?: number;
  readonly lastAt?: number;
  readonly createdAt: number;
  /** Why it cannot be fired, where what it was stored with cannot be read: it is damaged, or of a newer version. Scheduling the same id again mends it. */
  readonly error?: { readonly message: string; readonly code?: string };
}

/** Which schedules a list holds. The service is a name, or its class, definition or contract. */
export interface ScheduleQuery {
  readonly service?: string | ServiceTarget;
  readonly limit?: number;
  readonly cursor?: string;
}

/** The schedules of a host's store, whoever made them: `host.schedules`. They are made, and changed, by `.schedule(id, …)`. */
export class StoredSchedules {
  readonly #slot: () => DurableSlot;

  constructor(slot: () => DurableSlot) {
    this.#slot = slot;
  }

  /** By id, ascending; those after `cursor`, which need not be there; at most `limit`, by default 100. @throws SoraError `SORA_OPTION_INVALID`. */
  async list(filter: ScheduleQuery = {}): Promise<ScheduleStatus[]> {
    if (typeof filter !== "object" || (filter as object | null) === null)
      throw notAllowed("Cannot list schedules", filter, "the filter is an object with service, limit or cursor");
    const { service, limit = limits.usualPage, cursor } = filter;
    if (service !== undefined) assertService(service);
    if (!Number.isSafeInteger(limit) || limit < 1) throw notAllowed("Cannot list schedules", limit, "a page holds a whole number of them, at least one");
    if (cursor !== undefined && cursor !== "") checkedKey(cursor, "cursor, which is an id of a schedule");
    const runtime = await this.#slot().open();
    const { service: _, ...page } = filter;
    const found = await runtime.store.schedules.list(service === undefined ? page : { ...page, service: nameOfService(runtime, service) });
    return Array.from(found, scheduleStatus);
  }

  /** @throws SoraError `SORA_SCHEDULE_UNKNOWN`. */
  async get(id: string): Promise<ScheduleStatus> {
    checkId(id);
    const { store } = await this.#slot().open();
    const found = await store.schedules.get(id);
    if (found === undefined) throw unknownSchedule(id);
    return scheduleStatus(found);
  }

  /** Nothing is enqueued until {@link resume}. @throws SoraError `SORA_SCHEDULE_UNKNOWN`. */
  async pause(id: string): Promise<void> {
    checkId(id);
    const { store } = await this.#slot().open();
    if (!(await store.schedules.setPaused(id, true))) throw unknownSchedule(id);
  }

  /** Goes on with the next tick from now; those that passed meanwhile were not missed. @throws SoraError `SORA_SCHEDULE_UNKNOWN`; `SORA_SCHEDULE_DAMAGED` where it cannot be read when that is. */
  async resume(id: string): Promise<void> {
    checkId(id);
    const { store, schedules } = await this.#slot().open();
    const found = await store.schedules.get(id);
    if (found === undefined) throw unknownSchedule(id);
    if (!found.paused) return;
    const now = await store.now(); // by the store's clock, on which it comes due
    const next = nextTick(decodeRecurrence(found.recurrence), now);
    if (!(await store.schedules.setPaused(id, false, next))) throw unknownSchedule(id);
    schedules?.look();
  }

  /** What it has enqueued already goes on. @throws SoraError `SORA_SCHEDULE_UNKNOWN`. */
  async remove(id: string): Promise<void> {
    checkId(id);
    const { store } = await this.#slot().open();
    if (!(await store.schedules.remove(id))) throw unknownSchedule(id);
  }
}

export function scheduleStatus(schedule: StoredSchedule): ScheduleStatus {
  const { id, service, action, priority, paused, nextAt, lastAt, createdAt } = schedule;
  return {
    id,
    service,
    action,
    ...whatCanBeRead(schedule),
    priority,
    paused,
    ...(nextAt === undefined || paused ? undefined : { nextAt }),
    ...(lastAt === undefined ? undefined : { lastAt }),
    createdAt,
  };
}

function checkId(id: string): void {
  assertFindable(id, "schedule", unknownSchedule);
}

/** One that is damaged must not hide the others. */
function whatCanBeRead({ recurrence, parameters, envelope }: StoredSchedule): Pick<ScheduleStatus, "recurrence" | "parameters" | "error"> {
  const read: { -readonly [K in "recurrence" | "parameters" | "error"]?: ScheduleStatus[K] } = {};
  try {
    read.recurrence = decodeRecurrence(recurrence);
  } catch (error) {
    read.error = SoraError.is(error) ? { message: error.message, code: error.code } : { message: describeError(error) };
  }
  try {
    if (parameters !== undefined) read.parameters = decodeValue(parameters);
    decodeEnvelope(envelope);
  } catch {
    // the cause would quote what not everybody may see
    read.error ??= { message: "Cannot read what the action is called with; it was stored by a newer version, or is damaged." };
  }
  return read;
}

function unknownSchedule(id: string): SoraError {
  return new SoraError("SORA_SCHEDULE_UNKNOWN", `There is no schedule "${id.slice(0, 80)}".`, { details: { id: id.slice(0, 200) } });
}
