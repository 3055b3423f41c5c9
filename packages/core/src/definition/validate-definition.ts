import { parseDuration } from "../time/duration.ts";
import { nearestName } from "../configuration/nearest-name.ts";
import { isServiceEvent } from "../events/service-event.ts";
import { frameworkMembers } from "./framework-members.ts";
import { isValidName, invalidNameProblem } from "./names.ts";
import { isStandardSchema } from "./schema.ts";
import { shown } from "./shown.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { Report } from "./read-options.ts";
import type { Retry } from "./retry.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { RestartOptions, ServiceOptions } from "./service-options.ts";

/** Reports what is wrong with a value that was given; `what` names the option. */
type Check = (what: string, value: unknown, report: Report) => void;

/** One check for each property of an options object. */
type Checks<O> = Readonly<Record<keyof O, Check>>;

const restartChecks: Checks<RestartOptions> = {
  delay: duration,
  factor: atLeast(1),
  maxDelay: duration,
  jitter: oneOf("full", "none"),
  budget: integer(0),
  window: longerThanNothing,
  forgetAfter: duration,
};

const retryChecks: Checks<Retry> = {
  attempts: integer(1),
  backoff: (what, value, report) => typeof value === "function" || oneOf("fixed", "exponential")(what, value, report),
  delay: duration,
  maxDelay: duration,
  jitter: oneOf("full", "none"),
  retryIf: aFunction,
};

/** Cron expressions and time zones are read where they are compiled, at start. */
const serviceChecks: Checks<ServiceOptions> = {
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
  restart: (what, value, report) => value === false || each(restartChecks)(what, value, report),
  isCritical: flag,
  dependsOn: dependencies,
  settings: schema,
  stalledAfter: longerThanNothing,
  singleton: flag,
  abstract: flag,
  intervalSeconds: (what, value, report) => isNumber(value, 0, false) || report(`${what} is ${shown(value)}; it is a number of seconds above 0`),
  every: longerThanNothing,
  cron: filledText,
  timeZone: filledText,
  initialDelaySeconds: (what, value, report) => isNumber(value, 0) || report(`${what} is ${shown(value)}; it is a number of seconds, 0 or more`),
  runOnStartup: flag,
  jitter: duration,
  overlap: oneOf("skip", "queue", "allow"),
  misfire,
  startupOrder: integer(),
  continueOnFailure: flag,
  timeoutSeconds: (what, value, report) => isNumber(value, 0, false) || report(`${what} is ${shown(value)}; it is a number of seconds above 0`),
};

const actionChecks: Checks<ActionOptions> = {
  description: text,
  requiresParameters: flag,
  parameters: (what, value, report) =>
    isStandardSchema(value) || report(`${what} is not a Standard Schema (zod, valibot, arktype, …); use type<T>() where no check is wanted`),
  concurrency: integer(1),
  timeout: longerThanNothing,
  retry: each(retryChecks),
  idempotent: flag,
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

/** Everything wrong with a service's options. */
export function validateOptions(options: ServiceOptions, kind: ServiceKind, report: Report): void {
  checkEach(options, serviceChecks, "", report);
  for (const key of Object.keys(options)) {
    const owner = Object.hasOwn(kindOf, key) ? kindOf[key as keyof ServiceOptions] : undefined;
    if (owner !== undefined && owner !== kind) report(`${key} belongs to a ${owner} service, and this is a ${kind} one`);
  }
  const { intervalSeconds, every, cron } = options;
  if (cron === undefined ? every !== undefined && intervalSeconds !== undefined : (every ?? intervalSeconds) !== undefined) {
    const plans = (["intervalSeconds", "every", "cron"] as const).filter(key => options[key] !== undefined);
    report(`it has ${plans.join(" and ")}; keep one`);
  }
  if (options.timeZone !== undefined && options.cron === undefined) report("timeZone stands without cron; an interval has no time zone");
}

/** Everything wrong with one action. */
export function validateAction(member: string, name: string, options: ActionOptions, report: Report): void {
  const say: Report = problem => report(`action ${member}: ${problem}`);
  if (!isValidName(name)) say(invalidNameProblem("its name", name));
  checkEach(options, actionChecks, "", say);
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

function checkEach<O extends object>(options: O, checks: Checks<O>, before: string, report: Report): void {
  for (const key of Object.keys(options) as (keyof O & string)[]) {
    if (options[key] === undefined) continue;
    if (Object.hasOwn(checks, key)) checks[key](`${before}${key}`, options[key], report);
    else report(`${before}${key} is no option of Sora's${hint(key, checks)}`);
  }
}

function hint(key: string, known: object): string {
  const nearest = nearestName(key, Object.keys(known));
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

function each<O extends object>(checks: Checks<O>): Check {
  return (what, value, report) => {
    if (isObject(value)) checkEach(value as O, checks, `${what}.`, report);
    else report(`${what} is ${shown(value)}; it is an object`);
  };
}

function text(what: string, value: unknown, report: Report): void {
  if (typeof value !== "string") report(`${what} is ${shown(value)}; it is a string`);
}

function filledText(what: string, value: unknown, report: Report): void {
  if (typeof value !== "string" || value.trim() === "") report(`${what} is ${shown(value)}; it is a string that is not empty`);
}

function flag(what: string, value: unknown, report: Report): void {
  if (typeof value !== "boolean") report(`${what} is ${shown(value)}; it is true or false`);
}

function aFunction(what: string, value: unknown, report: Report): void {
  if (typeof value !== "function") report(`${what} is ${shown(value)}; it is a function`);
}

function schema(what: string, value: unknown, report: Report): void {
  if (!isStandardSchema(value)) report(`${what} is not a Standard Schema (zod, valibot, arktype, …)`);
}

function integer(least = -Infinity): Check {
  const expected = least === -Infinity ? "an integer" : `an integer, ${least} or more`;
  return (what, value, report) => {
    if (!(Number.isInteger(value) && (value as number) >= least)) report(`${what} is ${shown(value)}; it is ${expected}`);
  };
}

function atLeast(least: number): Check {
  return (what, value, report) => {
    if (!isNumber(value, least)) report(`${what} is ${shown(value)}; it is ${least} or more`);
  };
}

function oneOf(...allowed: readonly string[]): Check {
  return (what, value, report) => {
    if (!allowed.includes(value as string)) report(`${what} is ${shown(value)}; it is one of ${allowed.map(one => `"${one}"`).join(", ")}`);
  };
}

function misfire(what: string, value: unknown, report: Report): void {
  if (isObject(value) && "all" in value) {
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
  if (!isObject(value)) return report(`${what} is ${shown(value)}; it is an object of functions by version`);
  for (const [version, lift] of Object.entries(value)) {
    if (!/^[1-9]\d*$/.test(version) || typeof lift !== "function")
      report(`${what}.${version} is ${shown(lift)}; it is a function that lifts version 1, 2, … by one`);
  }
}

function duration(what: string, value: unknown, report: Report): void {
  if (!isDuration(value)) report(`${what} is ${shown(value)}; it is milliseconds, or a string such as "250ms", "30s", "5m", "1h" or "7d"`);
}

function longerThanNothing(what: string, value: unknown, report: Report): void {
  if (isDuration(value) && parseDuration(value as number) === 0) report(`${what} is ${shown(value)}; it must be longer than nothing`);
  else duration(what, value, report);
}

function isDuration(value: unknown): boolean {
  try {
    parseDuration(value as number);
    return true;
  } catch {
    return false;
  }
}

function isNumber(value: unknown, least: number, inclusive = true): boolean {
  return typeof value === "number" && Number.isFinite(value) && (value > least || (inclusive && value === least));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
