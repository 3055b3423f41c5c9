import { longestDuration, millisecondsOf } from "../time/duration.ts";
import { isServiceEvent } from "../events/service-event.ts";
import { checkOptions, optionsWith } from "../options/option-check.ts";
import { aFunction, aNumber, duration, filledText, flag, integer, longerThanNothing, oneOf, period, seconds, text } from "../options/value-checks.ts";
import { shown } from "../options/shown.ts";
import { frameworkMembers } from "./framework-members.ts";
import { isValidName, invalidNameProblem } from "./names.ts";
import { isStandardSchema } from "./schema.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { OptionCheck, OptionChecks, Report } from "../options/option-check.ts";
import type { Duration } from "../time/duration.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { Retry } from "./retry.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { RestartOptions, ServiceOptions } from "./service-options.ts";

const owner = "Sora's";

const restartChecks: OptionChecks<RestartOptions> = {
  delay: duration,
  factor: aNumber(1),
  maxDelay: duration,
  jitter: oneOf("full", "none"),
  budget: integer(0),
  window: longerThanNothing,
  forgetAfter: duration,
};

const retryChecks: OptionChecks<Retry> = {
  attempts: integer(1),
  backoff: (what, value, report) => typeof value === "function" || oneOf("fixed", "exponential")(what, value, report),
  delay: duration,
  maxDelay: duration,
  jitter: oneOf("full", "none"),
  retryIf: aFunction,
};

const restart: OptionCheck = growing(restartChecks, "30s");
const retry: OptionCheck = growing(retryChecks, "5m");

/** Cron expressions and time zones are read where they are compiled, at start. */
const serviceChecks: OptionChecks<ServiceOptions> = {
  name: text,
  description: text,
  enabled: flag,
  configurationSection: filledText,
  lifetime: oneOf("singleton", "scoped", "transient"),
  priority: integer(),
  runInDevelopment: flag,
  runInProduction: flag,
  runInTesting: flag,
  concurrency: integer(1),
  timeout: longerThanNothing,
  restart: (what, value, report) => value === false || restart(what, value, report),
  isCritical: flag,
  dependsOn: dependencies,
  settings: schema,
  stalledAfter: longerThanNothing,
  singleton: flag,
  abstract: flag,
  intervalSeconds: seconds(0.001),
  every: period,
  cron: filledText,
  timeZone: filledText,
  initialDelaySeconds: seconds(0),
  runOnStartup: flag,
  jitter: duration,
  overlap: oneOf("skip", "queue", "allow"),
  misfire,
  startupOrder: integer(),
  continueOnFailure: flag,
  timeoutSeconds: seconds(0.001),
};

const rateChecks: OptionChecks<NonNullable<ActionOptions["rateLimit"]>> = {
  limit: (what, value, report) => {
    if (!(typeof value === "number" && Number.isFinite(value) && value > 0)) report(`${what} is ${shown(value)}; it is a number above 0`);
  },
  per: longerThanNothing,
};

const actionChecks: OptionChecks<ActionOptions> = {
  description: text,
  requiresParameters: flag,
  parameters: schema,
  concurrency: integer(1),
  timeout: longerThanNothing,
  heartbeat: longerThanNothing,
  rateLimit: optionsWith(rateChecks, owner),
  retry,
  idempotent: flag,
  visibleParameters: flag,
  version: integer(1),
  migrate: functions,
};

/** Options that belong to one kind of service. */
const kindOf: Readonly<Partial<Record<keyof ServiceOptions, ServiceKind>>> = {
  intervalSeconds: "periodic",
  every: "periodic",
  cron: "periodic",
  timeZone: "periodic",
  initialDelaySeconds: "periodic",
  runOnStartup: "periodic",
  jitter: "periodic",
  overlap: "periodic",
  misfire: "periodic",
  startupOrder: "startup",
  continueOnFailure: "startup",
  timeoutSeconds: "startup",
};

/** Everything wrong with a service's options. `beside` has what else stands among them, to be meant by a misspelt one. */
export function validateOptions(options: ServiceOptions, kind: ServiceKind, report: Report, beside: readonly string[] = []): void {
  checkOptions(options, serviceChecks, { owner, beside }, report);
  for (const key of Object.keys(options)) {
    const needed = Object.hasOwn(kindOf, key) ? kindOf[key as keyof ServiceOptions] : undefined;
    if (needed !== undefined && needed !== kind) report(`${key} belongs to a ${needed} service, and this is a ${kind} one`);
  }
  if (kind === "periodic") validatePlan(options, report);
}

/** What is wrong with when a service runs, where options that are well by themselves do not go together. */
function validatePlan(options: ServiceOptions, report: Report): void {
  const { intervalSeconds, every, cron, timeZone, jitter } = options;
  const plans = plansOf(options);
  if (plans.length > 1) report(`it has ${plans.join(" and ")}; keep one`);
  if (timeZone !== undefined && cron === undefined) report("timeZone stands without cron; an interval has no time zone");
  if (jitter === undefined || plans.length !== 1 || cron !== undefined) return;
  if (outlasts(jitter, every ?? (intervalSeconds as number) * 1_000))
    report(`jitter is ${shown(jitter)}, longer than ${plans.join()}, which is ${shown(every ?? intervalSeconds)}: a run would be put off past the next`);
}

const planKeys = ["intervalSeconds", "every", "cron"] as const;

function plansOf(options: ServiceOptions): readonly string[] {
  return planKeys.filter(key => options[key] !== undefined);
}

/** Everything wrong with one action. */
export function validateAction(member: string, name: string, options: ActionOptions, report: Report): void {
  const say: Report = problem => report(`action ${member}: ${problem}`);
  if (!isValidName(name)) say(invalidNameProblem("its name", name));
  checkOptions(options, actionChecks, { owner }, say);
}

/** What is wrong with an action that stands on a method of this name. */
export function validateMember(member: string, report: Report): void {
  if ((frameworkMembers as readonly string[]).includes(member)) report(`action ${member}: the framework has a member of this name; give the method another`);
}

/** What is wrong with one declared event. */
export function validateEvent(event: unknown, report: Report): event is ServiceEvent<unknown, unknown> {
  if (!isServiceEvent(event)) {
    report(`an event is ${shown(event)}; give one that serviceEvent() made, or a name`);
    return false;
  }
  if (event.problem !== undefined) report(event.problem);
  return true;
}

/** Options of delays that grow up to `maxDelay`, so the first is no longer than that. */
function growing<O extends { readonly delay?: Duration; readonly maxDelay?: Duration }>(checks: OptionChecks<O>, usualMaximum: Duration): OptionCheck {
  const each = optionsWith(checks, owner);
  return (what, value, report) => {
    each(what, value, report);
    const { delay, maxDelay } = Object(value) as O;
    if (!outlasts(delay, maxDelay ?? usualMaximum)) return;
    report(
      `${what}.delay is ${shown(delay)}, longer than ${what}.maxDelay, which is ${maxDelay === undefined ? `"${usualMaximum}" by default` : shown(maxDelay)}`,
    );
  };
}

/** Whether one duration is longer than another; false where one of them is none, which is reported by itself. */
function outlasts(one: unknown, other: unknown): boolean {
  const milliseconds = millisecondsOf(one);
  return milliseconds > millisecondsOf(other) && milliseconds <= longestDuration;
}

/** An option that is a schema of whatever library. */
export function schema(what: string, value: unknown, report: Report): void {
  if (!isStandardSchema(value)) report(`${what} is not a Standard Schema (zod, valibot, arktype, …); use type<T>() where no check is wanted`);
}

function misfire(what: string, value: unknown, report: Report): void {
  if (typeof value === "object" && value !== null && "all" in value) {
    integer(1)(`${what}.all`, value.all, report);
    if (typeof value.all === "number" && value.all > 1_000) report(`${what}.all is ${value.all}; it is 1,000 at the most`);
  } else oneOf("skip", "once", "all")(what, value, report);
}

function dependencies(what: string, value: unknown, report: Report): void {
  for (const one of Array.isArray(value) ? value : [value]) {
    const name = typeof one === "object" || typeof one === "function" ? (one as { readonly name?: unknown } | null)?.name : one;
    if (typeof name !== "string" || name === "")
      report(`${what} has ${shown(one)}; it lists services, by class, definition or name, and health contributors by name`);
  }
}

function functions(what: string, value: unknown, report: Report): void {
  if (typeof value !== "object" || value === null) return report(`${what} is ${shown(value)}; it is an object of functions by version`);
  for (const [version, lift] of Object.entries(value)) {
    if (!/^[1-9]\d*$/.test(version) || typeof lift !== "function")
      report(`${what}.${version} is ${shown(lift)}; it is a function that lifts version 1, 2, … by one`);
  }
}
