import { isValidName, limits } from "@sora/core/internal";
import type { ScheduleOptions } from "@sora/core";
import { refusal } from "../http/http-problem.ts";
import { escapePointer } from "../http/json-body.ts";

/** What a schedule is made of, as it is sent. */
export type ScheduleBody = ScheduleOptions & {
  readonly service: string;
  readonly action: string;
  readonly parameters?: unknown;
  readonly priority?: number;
  /** As it was answered with, by whoever sends that back: it may say nothing else than what is so. */
  readonly id?: string;
  readonly paused?: boolean;
  /** The same, and passed over. */
  readonly nextAt?: number;
  readonly lastAt?: number;
  readonly createdAt?: number;
  readonly error?: unknown;
};

const isName = (value: unknown): boolean => typeof value === "string" && isValidName(value);
const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isPriority = (value: unknown): boolean => Number.isInteger(value) && Math.abs(value as number) <= limits.priority;
const isMisfire = (value: unknown): boolean => isText(value) || (typeof value === "object" && value !== null && Object.keys(value).join() === "all");
const moment = [isNumber, "expected a number, or nothing: it is not changed by this"] as const;

/** What each member may be; what a cron expression, a zone, an interval and a policy may be, the core says. */
const members: Readonly<Record<keyof ScheduleBody, readonly [fits: (value: unknown) => boolean, expected: string]>> = {
  service: [isName, "expected the name of a service"],
  action: [isName, "expected the name of an action"],
  parameters: [() => true, ""],
  cron: [isText, 'expected a cron expression such as "0 3 * * *"'],
  every: [value => isText(value) || isNumber(value), 'expected an interval such as "1h", or milliseconds'],
  timeZone: [isText, 'expected the name of a time zone such as "Europe/Berlin"'],
  misfire: [isMisfire, 'expected "skip", "once" or { "all": 10 }'],
  priority: [isPriority, `expected a whole number from -${limits.priority} to ${limits.priority}`],
  id: [isText, "expected the id in the path"],
  paused: [value => typeof value === "boolean", "expected true or false"],
  nextAt: moment,
  lastAt: moment,
  createdAt: moment,
  error: [() => true, ""],
};

/** The body of a schedule with the id in the path. @throws HttpProblem 400 with every place in the body where something else is expected. */
export function scheduleBody(body: unknown, id: string): ScheduleBody {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw invalid([{ pointer: "", message: "expected an object" }]);
  const errors: { readonly pointer: string; readonly message: string }[] = [];
  for (const name of ["service", "action"]) if (!Object.hasOwn(body, name)) errors.push({ pointer: `/${name}`, message: "it is missing" });
  if (!Object.hasOwn(body, "cron") && !Object.hasOwn(body, "every")) errors.push({ pointer: "", message: "one of cron and every is missing" });
  for (const [name, value] of Object.entries(body)) {
    const [fits, expected] = Object.hasOwn(members, name) ? members[name as keyof ScheduleBody] : [() => false, "there is no member of this name"];
    if (!fits(value) || (name === "id" && value !== id)) errors.push({ pointer: `/${escapePointer(name).slice(0, 80)}`, message: expected });
  }
  if (errors.length > 0) throw invalid(errors);
  return body as ScheduleBody;
}

/** What the body says is refused at these places. */
export function invalid(errors: readonly { readonly pointer: string; readonly message: string }[]): Error {
  const [first] = errors;
  const more = errors.length === 1 ? "" : `, and ${errors.length - 1} more`;
  return refusal("SORA_BODY_INVALID", `The body is no schedule: ${first?.message ?? ""}${first?.pointer === "" ? "" : ` at ${first?.pointer ?? ""}`}${more}.`, {
    errors,
  });
}
