import type { StoredSchedule } from "@sora/web";
import { CliError } from "../cli-error.ts";
import { oneLine } from "../output/printable.ts";
import { fromNow } from "../output/ages.ts";
import { readParameters } from "../commands/read-parameters.ts";
import { tell } from "../commands/session.ts";
import type { Session } from "../commands/session.ts";

/** What is called, as far as it is given. */
export interface ScheduledTarget {
  readonly service: string | undefined;
  readonly action: string | undefined;
  readonly json: string | undefined;
}

export interface ScheduleFlags {
  readonly cron?: string;
  readonly timeZone?: string;
  readonly every?: string;
  readonly misfire?: string;
  readonly priority?: number;
}

/** `sora schedules set <id> [service] [action] [json]`: makes a schedule, or changes what is given of the one there is. Its parameters, which no host shows, stay where none are given. */
export async function setSchedule(session: Session, id: string, target: ScheduledTarget, flags: ScheduleFlags): Promise<number> {
  const { client, context } = session;
  if ([...Object.values(target), ...Object.values(flags)].every(value => value === undefined))
    throw new CliError("SORA_CLI_USAGE", "Nothing is said of the schedule.", { fix: "Say when, by --cron or --every." });
  const path = `/api/schedules/${encodeURIComponent(id)}`;
  const parameters = await readParameters(target.json, context.stdin);
  const known = await scheduleAt(session, path);
  const isIncomplete = target.action === undefined || (flags.cron === undefined && flags.every === undefined);
  if (known === undefined && isIncomplete)
    throw new CliError("SORA_CLI_USAGE", `There is no schedule ${oneLine(id)} yet.`, {
      fix: "Name a service and an action to make it, and say when by --cron or --every.",
    });
  const { status, body } = await client.put(path, { ...changed(known, target, flags), ...(parameters === undefined ? undefined : { parameters }) });
  tell(session, body as StoredSchedule, ({ paused, nextAt }) => {
    const done = `${oneLine(id)} is ${status === 201 ? "made" : "changed"}`;
    if (paused) return `${done}, and is paused.\n`;
    return `${done}; ${nextAt === undefined ? "no tick is left" : `it is due ${fromNow(nextAt, context.clock.now())}`}.\n`;
  });
  return 0;
}

/** What the schedule is to be: as it was, but for what is given. */
function changed(
  known: StoredSchedule | undefined,
  { service, action }: ScheduledTarget,
  { cron, timeZone, every, misfire, priority }: ScheduleFlags,
): Readonly<Record<string, unknown>> {
  const when = every === undefined ? { cron: cron ?? known?.cron, timeZone: timeZone ?? known?.timeZone } : { cron, timeZone };
  const interval = every === undefined ? (cron === undefined ? known?.every : undefined) : /^\d+$/.test(every) ? Number(every) : every;
  return {
    service: service ?? known?.service,
    action: action ?? known?.action,
    ...when,
    every: interval,
    misfire: misfire === undefined ? known?.misfire : /^\d+$/.test(misfire) ? { all: Number(misfire) } : misfire,
    priority: priority ?? known?.priority,
  };
}

async function scheduleAt({ client }: Session, path: string): Promise<StoredSchedule | undefined> {
  try {
    return (await client.get(path)).body as StoredSchedule;
  } catch (error) {
    if (error instanceof CliError && error.code === "SORA_SCHEDULE_UNKNOWN") return undefined;
    throw error;
  }
}
