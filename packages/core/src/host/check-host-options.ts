import { isServiceContract } from "../definition/service-contract.ts";
import { isServiceDefinition } from "../definition/service-definition.ts";
import { providerProblem } from "../injection/provider.ts";
import { checkOptions, listOf, oneOrMore, optionsWith } from "../options/option-check.ts";
import { optionError } from "../options/option-error.ts";
import { readOptions } from "../options/read-options.ts";
import { shown } from "../options/shown.ts";
import { anObject, duration, filledText, flag, oneOf, withMethods } from "../options/value-checks.ts";
import { workerChecks } from "../durable/worker-options.ts";
import { hostWebChecks } from "./host-web.ts";
import type { OptionChecks, Report } from "../options/option-check.ts";
import type { SoraHostOptions } from "./host-options.ts";

const logger = withMethods("debug", "info", "warn", "error", "child");
const store = withMethods("open", "listen", "within");
const worker = optionsWith(workerChecks, "a host's worker");
const web = optionsWith(hostWebChecks, "a host's control plane");

/** What each option of a host may be: the one list of them there is. */
export const hostChecks: OptionChecks<SoraHostOptions> = {
  services: listOf(service, "classes and definitions"),
  discover: oneOrMore(folder),
  environment: filledText,
  configuration: anObject,
  contentRoot: folder,
  provide: listOf(provider, "classes, and of keys with their values"),
  contributors: listOf(contributor, "objects with name and check"),
  clock: withMethods("now", "monotonic", "setTimer", "sleep"),
  chance: withMethods("next"),
  ids: withMethods("next"),
  logger: (what, value, report) => value === false || logger(what, value, report),
  intercept: oneOrMore(interceptor),
  shutdownTimeout: duration,
  onCriticalFailure: oneOf("stop", "report"),
  signals: flag,
  store: (what, value, report) => typeof value === "function" || store(what, value, report),
  worker: (what, value, report) => typeof value === "boolean" || worker(what, value, report),
  web: (what, value, report) => typeof value === "boolean" || web(what, value, report),
  ambientFlow: flag,
  watchConfiguration: flag,
  name: filledText,
};

/** A frozen copy of options that are well. @throws SoraError `SORA_OPTION_INVALID` with everything that is wrong with them. */
export function checkedHostOptions(given: unknown): SoraHostOptions {
  return checkedBy(hostChecks, given, "a host");
}

/** For what is added to a running host: the same as in its options. @throws SoraError `SORA_OPTION_INVALID`. */
export function assertOption(option: keyof SoraHostOptions, value: unknown): void {
  const problems: string[] = [];
  hostChecks[option](option, value, problem => void problems.push(problem));
  if (problems.length > 0) throw optionError("Cannot add this to the host", problems);
}

/** {@link checkedHostOptions} for a host that takes other options. */
export function checkedBy<O extends object>(checks: OptionChecks<O>, given: unknown, owner: string): O {
  const problems: string[] = [];
  const report: Report = problem => void problems.push(problem);
  const options = readOptions(given, report, [], Object.keys(checks)) as O;
  checkOptions(options, checks, { owner }, report);
  if (problems.length > 0) throw optionError(`Cannot make ${owner}`, problems);
  return options;
}

function service(what: string, value: unknown, report: Report): void {
  if (!isService(value)) report(`${what} ${whyNoService(value)}`);
}

function isService(value: unknown): boolean {
  return typeof value === "function" ? value.prototype !== undefined : holds(value, isServiceDefinition);
}

/** What a thing is instead of a service, where it is one of those that are easily taken for it. */
function whyNoService(value: unknown): string {
  if (value === undefined) return "is undefined: it is declared further down, or its module imports this one";
  if (Array.isArray(value)) return "is a list; spread it with ...";
  if (holds(value, isServiceContract)) return "is a contract, which says what a service elsewhere can do; list the class or definition that does it";
  if (holds(value, isModule)) return "is a module; list what it exports";
  if (holds(value, one => "then" in one)) return "is a promise; await it first";
  const made = holds(value, one => Object.getPrototypeOf(one) !== Object.prototype && isNamed(Object.getPrototypeOf(one)));
  if (made) return `is an instance of ${(value as object).constructor.name}; list the class itself, the host makes the instance`;
  return `is ${shown(value)}; a service is a class, or what defineService() returned`;
}

/** Asks without being harmed by a Proxy whose traps throw. */
function holds(value: unknown, question: (value: object) => boolean): boolean {
  try {
    return typeof value === "object" && value !== null && question(value);
  } catch {
    return false;
  }
}

function isModule(value: object): boolean {
  return Object.prototype.toString.call(value) === "[object Module]";
}

function isNamed(prototype: object | null): boolean {
  return typeof prototype?.constructor === "function" && prototype.constructor.name !== "";
}

function provider(what: string, value: unknown, report: Report): void {
  const problem = providerProblem(value);
  if (problem !== undefined) report(`${what} ${problem}`);
}

function contributor(what: string, value: unknown, report: Report): void {
  withMethods("check")(what, value, report);
  const name: unknown = Object(value).name;
  if (typeof name !== "string" || name === "") report(`${what}.name is ${shown(name)}; it is a string that is not empty`);
}

const kinds = ["call", "run", "event"] as const;

function interceptor(what: string, value: unknown, report: Report): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return report(`${what} is ${shown(value)}; it is an object with call, run or event`);
  for (const kind of kinds) {
    const member = (value as Readonly<Record<string, unknown>>)[kind];
    if (member !== undefined && typeof member !== "function") report(`${what}.${kind} is ${shown(member)}; it is a function`);
  }
  const own = Object.keys(value);
  if (own.length > 0 && !kinds.some(kind => kind in value)) report(`${what} has ${own.join(", ")}, and none of call, run and event`);
}

/** A path, or a URL of one. */
function folder(what: string, value: unknown, report: Report): void {
  if (value instanceof URL) {
    if (value.protocol !== "file:") report(`${what} is a URL of ${value.protocol} and not of a folder, whose begins with file:`);
  } else if (typeof value !== "string" || value.trim() === "") report(`${what} is ${shown(value)}; it is a path or a URL of a folder`);
}
