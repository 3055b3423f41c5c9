import { checkedKey } from "@sora/core/internal";
import type { HostControl } from "@sora/core/adapter";
import { SoraError } from "@sora/core";
import type { ScheduleOptions, ScheduleRecurrence, ScheduleStatus } from "@sora/core";
import { withJson } from "../http/json-body.ts";
import { HttpProblem } from "../http/http-problem.ts";
import { toProblem } from "../http/to-problem.ts";
import { json } from "../routing/reply.ts";
import { limitFrom, nameIn } from "../routing/read-query.ts";
import { invalid, scheduleBody } from "./schedule-body.ts";
import { storedServiceName } from "./stored-names.ts";
import type { StoredSchedule, StoredSchedulePage } from "../answers/schedule-answers.ts";
import type { BodyLimits } from "../http/json-body.ts";
import type { RoutedExchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";
import type { Route } from "../routing/route.ts";

/** Schedules made at run time: list, look at, make or change, pause, remove. */
export function scheduleRoutes(control: HostControl, limits: BodyLimits): Route[] {
  const one = { path: "/api/schedules/:id", anyText: true } as const;
  const act = (verb: "pause" | "resume", summary: string): Route => ({
    method: "POST",
    path: `/api/schedules/:id/${verb}`,
    anyText: true,
    scope: "operate",
    summary,
    handle: async exchange => {
      const id = scheduleId(control, exchange);
      await control.schedules[verb](id);
      return json<StoredSchedule>(shownSchedule(await control.schedules.get(id)));
    },
  });
  return [
    {
      method: "GET",
      path: "/api/schedules",
      scope: "read",
      summary: "Lists the schedules made at run time, by id",
      query: ["service", "limit", "cursor"],
      handle: async ({ query: { service, limit, cursor } }) => {
        const named = service === undefined ? undefined : nameIn("service", service);
        const most = limitFrom(limit);
        if (!control.hasStore()) return json<StoredSchedulePage>({ schedules: [] });
        // one more than is shown tells whether there is a next page
        const found = await control.schedules.list({
          limit: most + 1,
          ...(named === undefined ? undefined : { service: storedServiceName(control, named) }),
          ...(cursor === undefined ? undefined : { cursor }),
        });
        const schedules = found.slice(0, most).map(shownSchedule);
        const last = found.length > most ? schedules.at(-1) : undefined;
        return json<StoredSchedulePage>({ schedules, ...(last === undefined ? undefined : { next: last.id }) });
      },
    },
    {
      ...one,
      method: "GET",
      scope: "read",
      summary: "One schedule",
      handle: async exchange => json<StoredSchedule>(shownSchedule(await control.schedules.get(scheduleId(control, exchange)))),
    },
    {
      ...one,
      method: "PUT",
      scope: "operate",
      summary: "Makes the schedule, or changes it; one that is paused stays so",
      body: true,
      handle: exchange => withJson(exchange.request, limits, body => put(control, idIn(exchange), body)),
    },
    {
      ...one,
      method: "DELETE",
      scope: "operate",
      summary: "Removes the schedule; what it has enqueued already goes on",
      handle: async exchange => {
        await control.schedules.remove(scheduleId(control, exchange));
        return { kind: "text", status: 204, type: "", body: "" };
      },
    },
    act("pause", "Has the schedule enqueue nothing until it is resumed"),
    act("resume", "Has the schedule go on with the next tick from now"),
  ];
}

/** Where the body says nothing of the parameters or the priority, those that the schedule has are kept: nobody is shown the parameters, to send them back. */
async function put(control: HostControl, id: string, body: unknown): Promise<Reply> {
  const { service: name, action, parameters, priority, cron, timeZone, every, misfire, paused } = scheduleBody(body, id);
  const service = control.find(name);
  if (paused !== undefined && paused !== (await isPaused(control, id)))
    throw invalid([{ pointer: "/paused", message: `it is not changed by this: POST …/${paused ? "pause" : "resume"}` }]);
  const when: object = {
    ...(cron === undefined ? undefined : { cron }),
    ...(timeZone === undefined ? undefined : { timeZone }),
    ...(every === undefined ? undefined : { every }),
    ...(misfire === undefined ? undefined : { misfire }),
  };
  try {
    const { status, isNew } = await service.schedule(id, action, parameters, when as ScheduleOptions, priority === undefined ? undefined : { priority });
    return json<StoredSchedule>(shownSchedule(status), isNew ? 201 : 200);
  } catch (error) {
    throw belowParameters(toProblem(error));
  }
}

async function isPaused(control: HostControl, id: string): Promise<boolean> {
  if (!control.hasStore()) return false;
  try {
    return (await control.schedules.get(id)).paused;
  } catch (error) {
    if (SoraError.is(error, "SORA_SCHEDULE_UNKNOWN")) return false;
    throw error;
  }
}

/** What is wrong with an action's parameters, by where they stand in this body. */
function belowParameters(problem: HttpProblem): HttpProblem {
  const { status, code, message, extra, headers, cause } = problem;
  if (code !== "SORA_PARAMETERS_INVALID" || extra.errors === undefined) return problem;
  const errors = extra.errors.map(one => ({ ...one, pointer: `/parameters${one.pointer}` }));
  return new HttpProblem(status, code, message, { ...extra, errors }, headers, cause);
}

/** A schedule as the door shows it: by the members it is made with, but never what the action is called with. */
export function shownSchedule(schedule: ScheduleStatus): StoredSchedule {
  const { id, service, action, recurrence, priority, paused, nextAt, lastAt, createdAt, error } = schedule;
  return {
    id,
    service,
    action,
    ...(recurrence === undefined ? undefined : withoutKind(recurrence)),
    priority,
    paused,
    ...(nextAt === undefined ? undefined : { nextAt }),
    ...(lastAt === undefined ? undefined : { lastAt }),
    createdAt,
    ...(error === undefined ? undefined : { error }),
  };
}

function withoutKind(recurrence: ScheduleRecurrence): Pick<StoredSchedule, "cron" | "timeZone" | "every" | "misfire"> {
  const { misfire } = recurrence;
  return recurrence.kind === "cron" ? { cron: recurrence.cron, timeZone: recurrence.timeZone, misfire } : { every: recurrence.every, misfire };
}

/** The id in the path of a schedule that should be there. */
function scheduleId(control: HostControl, exchange: RoutedExchange): string {
  const id = idIn(exchange);
  if (!control.hasStore()) throw new SoraError("SORA_SCHEDULE_UNKNOWN", `There is no schedule "${id.slice(0, 80)}": nothing is stored on this host.`);
  return id;
}

function idIn({ parameters: { id = "" } }: RoutedExchange): string {
  return checkedKey(id, "id of a schedule");
}
