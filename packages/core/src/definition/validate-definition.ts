import { describeError } from "../errors/describe-error.ts";
import { parseDuration } from "../time/duration.ts";
import { isValidName, invalidNameProblem } from "./names.ts";
import { isStandardSchema } from "./schema.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { Retry } from "./retry.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

/** Collects sentences about one definition; each names the member it is about. */
export type Report = (problem: string) => void;

/** Everything wrong with a service's options. Cron expressions and zones are checked where they are compiled, at start. */
export function validateOptions(options: ServiceOptions, kind: ServiceKind, report: Report): void {
  if (options.concurrency !== undefined) positiveInteger("concurrency", options.concurrency, report);
  for (const key of ["timeout", "every", "stalledAfter"] as const) positiveDuration(key, options[key], report);
  duration("jitter", options.jitter, report);
  for (const key of ["priority", "startupOrder"] as const) {
    if (options[key] !== undefined && !Number.isInteger(options[key])) report(`${key} is ${String(options[key])}; it is an integer`);
  }
  for (const key of ["intervalSeconds", "timeoutSeconds"] as const) {
    const value = options[key];
    if (value !== undefined && !(typeof value === "number" && Number.isFinite(value) && value > 0)) report(`${key} is ${String(value)}; it is a number of seconds above 0`);
  }
  const delay = options.initialDelaySeconds;
  if (delay !== undefined && !(typeof delay === "number" && Number.isFinite(delay) && delay >= 0)) report(`initialDelaySeconds is ${String(delay)}; it is a number of seconds, 0 or more`);
  const plans = (["intervalSeconds", "every", "cron"] as const).filter(key => options[key] !== undefined);
  if (plans.length > 1) report(`it has ${plans.join(" and ")}; keep one`);
  if (options.timeZone !== undefined && options.cron === undefined) report("timeZone stands without cron; an interval has no time zone");
  if (kind !== "periodic" && (options.cron !== undefined || options.every !== undefined)) report(`a ${kind} service has no ${options.cron === undefined ? "every" : "cron"}; make it periodic`);
  oneOf("lifetime", options.lifetime, ["singleton", "scoped", "transient"], report);
  oneOf("overlap", options.overlap, ["skip", "queue", "allow"], report);
  misfire(options.misfire, report);
  if (options.settings !== undefined && !isStandardSchema(options.settings)) report("settings is not a Standard Schema (zod, valibot, arktype, …)");
  if (options.restart !== undefined && options.restart !== false) restart(options.restart, report);
}

function misfire(value: unknown, report: Report): void {
  if (typeof value === "object" && value !== null && "all" in value) positiveInteger("misfire.all", value.all, report);
  else oneOf("misfire", value, ["skip", "once", "all"], report);
}

function restart(options: Exclude<ServiceOptions["restart"], false | undefined>, report: Report): void {
  for (const key of ["delay", "maxDelay", "window", "forgetAfter"] as const) duration(`restart.${key}`, options[key], report);
  if (options.factor !== undefined && !(options.factor >= 1)) report(`restart.factor is ${String(options.factor)}; it is 1 or more`);
  if (options.budget !== undefined && !(Number.isInteger(options.budget) && options.budget >= 0)) report(`restart.budget is ${String(options.budget)}; it is an integer, 0 or more`);
  oneOf("restart.jitter", options.jitter, ["full", "none"], report);
}

/** Everything wrong with one action. */
export function validateAction(member: string, name: string, options: ActionOptions, report: Report): void {
  const say: Report = problem => report(`action ${member}: ${problem}`);
  if (!isValidName(name)) say(invalidNameProblem("its name", name));
  if (options.parameters !== undefined && !isStandardSchema(options.parameters)) say("parameters is not a Standard Schema (zod, valibot, arktype, …); use type<T>() where no check is wanted");
  if (options.concurrency !== undefined) positiveInteger("concurrency", options.concurrency, say);
  positiveDuration("timeout", options.timeout, say);
  if (options.version !== undefined) positiveInteger("version", options.version, say);
  if (options.retry !== undefined) retry(options.retry, say);
}

function retry(options: Retry, report: Report): void {
  if (options.attempts !== undefined) positiveInteger("retry.attempts", options.attempts, report);
  for (const key of ["delay", "maxDelay"] as const) duration(`retry.${key}`, options[key], report);
  if (typeof options.backoff !== "function") oneOf("retry.backoff", options.backoff, ["fixed", "exponential"], report);
  oneOf("retry.jitter", options.jitter, ["full", "none"], report);
}

/** What is wrong with one declared event. */
export function validateEvent(event: ServiceEvent<unknown, unknown> | undefined, report: Report): void {
  if (typeof event !== "object" || event === null || typeof event.name !== "string") report("one of its events is not made by serviceEvent()");
  else if (event.problem !== undefined) report(event.problem);
}

function positiveInteger(what: string, value: unknown, report: Report): void {
  if (!(Number.isInteger(value) && (value as number) >= 1)) report(`${what} is ${String(value)}; it is an integer, 1 or more`);
}

function oneOf(what: string, value: unknown, allowed: readonly string[], report: Report): void {
  if (value !== undefined && !allowed.includes(value as string)) report(`${what} is ${JSON.stringify(value)}; it is one of ${allowed.map(one => `"${one}"`).join(", ")}`);
}

function duration(what: string, value: unknown, report: Report): void {
  if (value === undefined) return;
  try {
    parseDuration(value as number, what);
  } catch (error) {
    report(describeError(error).replace(/^SoraError: /, ""));
  }
}

function positiveDuration(what: string, value: unknown, report: Report): void {
  if (value === 0) report(`${what} is 0; it is longer than that`);
  else duration(what, value, report);
}
