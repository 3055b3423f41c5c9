import type { StoredSchedule, StoredSchedulePage } from "@sora/web";
import { fromNow } from "../output/ages.ts";
import { unknownNames } from "./unknown-names.ts";
import { oneLine } from "../output/printable.ts";
import { table } from "../output/table.ts";
import { queryText, tell } from "../commands/session.ts";
import type { Column } from "../output/table.ts";
import type { Session } from "../commands/session.ts";

export interface SchedulesFlags {
  readonly service?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** `sora schedules`: those made at run time, by id. */
export async function listSchedules(session: Session, { service, limit, cursor }: SchedulesFlags): Promise<number> {
  const { paint, context } = session;
  const { body } = await session.client.get(`/api/schedules${queryText({ service, limit, cursor })}`);
  const page = body as StoredSchedulePage;
  const why = page.schedules.length > 0 || session.json ? "" : await unknownNames(session, service);
  tell(session, page, ({ schedules, next }) =>
    schedules.length === 0
      ? `There are no schedules made at run time${service === undefined ? "" : " for this service"}.${why}\n`
      : `${table(columns(context.clock.now()), schedules, { paint, width: context.stdout.columns })}${next === undefined ? "" : `There are more: --cursor ${oneLine(JSON.stringify(next))}\n`}`,
  );
  return 0;
}

/** `sora schedules pause|resume <id>` */
export async function holdSchedule(session: Session, verb: "pause" | "resume", id: string): Promise<number> {
  const { body } = await session.client.post(`/api/schedules/${encodeURIComponent(id)}/${verb}`);
  tell(session, body as StoredSchedule, ({ paused, nextAt }) =>
    paused
      ? `${oneLine(id)} is paused.\n`
      : `${oneLine(id)} goes on${nextAt === undefined ? ", though no tick is left" : `, ${fromNow(nextAt, session.context.clock.now())}`}.\n`,
  );
  return 0;
}

/** `sora schedules remove <id>`: what it has enqueued goes on. */
export async function removeSchedule(session: Session, id: string): Promise<number> {
  await session.client.delete(`/api/schedules/${encodeURIComponent(id)}`);
  tell(session, { id, removed: true }, () => `${oneLine(id)} is removed.\n`);
  return 0;
}

function columns(now: number): readonly Column<StoredSchedule>[] {
  return [
    { title: "ID", text: row => row.id },
    { title: "ACTION", text: row => `${row.service}.${row.action}` },
    { title: "WHEN", text: whenText },
    {
      title: "NEXT",
      text: row => (row.paused ? "paused" : row.nextAt === undefined ? "never" : fromNow(row.nextAt, now)),
      paint: (text, paint, row) => (row.paused ? paint("yellow", text) : text),
    },
    { title: "LAST", text: row => (row.lastAt === undefined ? "" : fromNow(row.lastAt, now)), spare: 1 },
  ];
}

function whenText({ cron, timeZone, every, error }: StoredSchedule): string {
  if (error !== undefined) return `damaged: ${oneLine(error.message)}`;
  if (every !== undefined) return `every ${intervalText(every)}`;
  return `${cron ?? ""}${timeZone === undefined || timeZone === "UTC" ? "" : ` ${timeZone}`}`;
}

const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
] as const;

/** As it would be written: `90m`, `1d`, `1500ms`. */
function intervalText(milliseconds: number): string {
  const [size, unit] = units.find(([each]) => milliseconds % each === 0) ?? [1, "ms"];
  return `${milliseconds / size}${unit}`;
}
