import { limits } from "../../../options/limits.ts";
import type { DueSchedules, NewSchedule, ScheduleFilter, ScheduleFire, StoredSchedule } from "../../store/schedule-store.ts";
import { enqueueActions } from "./enqueue-actions.ts";
import type { Session } from "./session.ts";

export function putSchedule({ sql, now, rings }: Session, schedule: NewSchedule): boolean {
  const { id, service, action, recurrence, parameters, envelope, version, priority, attempts, nextAt } = schedule;
  const values = [service, action, recurrence, parameters ?? null, envelope, version, priority, attempts] as const;
  const next = nextAt ?? null;
  rings.scheduled();
  if (sql.run(changeSql, ...values, recurrence, next, next, id) > 0) return false;
  sql.run(makeSql, ...values, next, id, now);
  return true;
}

const changeSql = `
  UPDATE sora_schedules SET service = ?, action = ?, recurrence = ?, parameters = ?, envelope = ?, version = ?, priority = ?, attempts = ?,
    next_at = iif(recurrence = ?, coalesce(next_at, ?), ?) WHERE id = ?`;
const makeSql = `
  INSERT INTO sora_schedules (service, action, recurrence, parameters, envelope, version, priority, attempts, next_at, id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export function getSchedule({ sql }: Session, id: string): StoredSchedule | undefined {
  const row = sql.get<ScheduleRow>(`${select} WHERE id = ?`, id);
  return row === undefined ? undefined : shown(row);
}

/** SQLite compares texts by their UTF-8 bytes, whose order is that of the code points. */
export function listSchedules({ sql }: Session, { service, limit = limits.usualPage, cursor = "" }: ScheduleFilter): readonly StoredSchedule[] {
  return sql.all<ScheduleRow>(`${select} WHERE id > ? AND service = coalesce(?, service) ORDER BY id LIMIT ? + 0`, cursor, service ?? null, limit).map(shown);
}

export function removeSchedule({ sql }: Session, id: string): boolean {
  return sql.run("DELETE FROM sora_schedules WHERE id = ?", id) > 0;
}

export function pauseSchedule({ sql, rings }: Session, id: string, paused: boolean, nextAt?: number): boolean {
  if (!paused) rings.scheduled();
  return sql.run("UPDATE sora_schedules SET paused = ?, next_at = coalesce(?, next_at) WHERE id = ?", paused ? 1 : 0, paused ? null : (nextAt ?? null), id) > 0;
}

export function dueSchedules({ sql, now }: Session, limit: number): DueSchedules {
  const running = "INDEXED BY sora_schedules_due WHERE next_at IS NOT NULL AND paused = 0";
  const schedules = sql.all<ScheduleRow>(`${select} ${running} AND next_at <= ? ORDER BY next_at LIMIT ? + 0`, now, limit).map(shown);
  const next = sql.get<[number]>(`SELECT next_at FROM sora_schedules ${running} AND next_at > ? ORDER BY next_at LIMIT 1`, now);
  return { schedules, now, ...(next !== undefined && { dueIn: next[0] - now }) };
}

export function fireSchedule(session: Session, { id, tick, nextAt, actions }: ScheduleFire): boolean {
  const moved = session.sql.run(
    "UPDATE sora_schedules SET next_at = ?, last_at = ? WHERE id = ? AND next_at = ? AND paused = 0",
    nextAt ?? null,
    tick,
    id,
    tick,
  );
  if (moved === 0) return false;
  enqueueActions(session, actions);
  return true;
}

type ScheduleRow = readonly [
  id: string,
  service: string,
  action: string,
  recurrence: string,
  parameters: string | null,
  envelope: string,
  version: number,
  priority: number,
  attempts: number,
  paused: number,
  nextAt: number | null,
  lastAt: number | null,
  createdAt: number,
];

const select =
  "SELECT id, service, action, recurrence, parameters, envelope, version, priority, attempts, paused, next_at, last_at, created_at FROM sora_schedules";

function shown([
  id,
  service,
  action,
  recurrence,
  parameters,
  envelope,
  version,
  priority,
  attempts,
  paused,
  nextAt,
  lastAt,
  createdAt,
]: ScheduleRow): StoredSchedule {
  return {
    id,
    service,
    action,
    recurrence,
    ...(parameters !== null && { parameters }),
    envelope,
    version,
    priority,
    attempts,
    paused: paused === 1,
    ...(nextAt !== null && { nextAt }),
    ...(lastAt !== null && { lastAt }),
    createdAt,
  };
}
