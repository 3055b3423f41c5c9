import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionContext } from "../actions/action-context.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { ServiceCommand, ServiceCommandType } from "../commands/service-command.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ArgumentOf, PeriodicCommands } from "../fluent/shape-of.ts";
import type { HealthReport } from "../health/health-report.ts";
import type { Duration } from "../time/duration.ts";
import { eventsByName } from "./events-by-name.ts";
import { kebabCase, invalidNameProblem, isValidName } from "./names.ts";
import { readOptions } from "../options/read-options.ts";
import { shown } from "../options/shown.ts";
import { createDefinition } from "./service-definition.ts";
import { validateAction, validateOptions } from "./validate-definition.ts";
import type { ActionDefinition, ActionOptions } from "./action-definition.ts";
import type { EntryRules } from "./entry-rule.ts";
import type { KebabCase } from "./names.ts";
import type { Report } from "../options/option-check.ts";
import type { ServiceBehaviour, ServiceDefinition } from "./service-definition.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

type NoSettings = Readonly<Record<string, unknown>>;
// Asked this way around, since `undefined extends StandardSchemaV1` is true where `strictNullChecks` is off.
type SettingsOf<S> = S extends undefined ? NoSettings : S extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<S> : NoSettings;

/** An action with options: its `run` always gets (parameters, context). */
type ActionEntry<P, Settings> = Omit<ActionOptions, "parameters"> & {
  readonly parameters?: StandardSchemaV1<any, P>;
  readonly run: (parameters: NoInfer<P>, context: ActionContext<Settings>) => unknown;
};

/** A bare function gets (context). */
type BareEntry<Settings> = (context: ActionContext<Settings>) => unknown;

type Entry<P, Settings> = BareEntry<Settings> | ActionEntry<P, Settings>;

type EntryArgs<E> = E extends (...args: never[]) => unknown
  ? []
  : E extends { readonly parameters: infer S extends StandardSchemaV1 }
    ? ArgumentOf<StandardSchemaV1.InferInput<S>>
    : E extends { readonly run: (...args: infer A) => unknown }
      ? A extends readonly []
        ? []
        : [parameters?: unknown]
      : [];
type EntryResult<E> = E extends (...args: never[]) => infer R ? Awaited<R> : E extends { readonly run: (...args: never[]) => infer R } ? Awaited<R> : never;

type ActionsShape<A> = { [K in keyof A & string as KebabCase<K>]: { readonly args: EntryArgs<A[K]>; readonly result: EntryResult<A[K]> } };

/** The face of the whole service; a periodic one has its commands too, where no action has their name. */
type DefinedShape<A, Plan> = [Plan] extends [undefined] ? ActionsShape<A> : ActionsShape<A> & Omit<PeriodicCommands, keyof ActionsShape<A>>;

type OwnOptions<S extends StandardSchemaV1 | undefined> = Omit<ServiceOptions<S>, "name" | "abstract">;

/** What `defineService` takes: every option of the decorators, and the service's work as functions. */
export interface ServiceSpec<S extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> extends OwnOptions<S> {
  /** The service's work: one periodic run where there is an interval or cron, the startup work where there is a `startupOrder`, else its long loop. Default: waits for the stop. */
  readonly execute?: (context: RunContext<SettingsOf<NoInfer<S>>>) => unknown;
  /** The run a poke of a periodic service makes. Default: `execute`. */
  readonly onTriggerNow?: (context: RunContext<SettingsOf<NoInfer<S>>>) => unknown;
  /** One batch of a periodic service. Default: one `execute`. */
  readonly onProcessBatch?: (batch: { readonly batchSize?: number; readonly filter?: string }, context: ActionContext<SettingsOf<NoInfer<S>>>) => unknown;
  readonly isReady?: (signal: AbortSignal) => boolean | Promise<boolean>;
  readonly check?: (signal: AbortSignal) => HealthReport | Promise<HealthReport>;
  readonly handleCommand?: (command: ServiceCommand, signal: AbortSignal) => unknown;
  readonly supportedCommands?: readonly ServiceCommandType[];
  /** Events it emits, by any key. */
  readonly events?: Readonly<Record<string, ServiceEvent<any, any>>>;
}

/** What the compiler shows where it refuses a definition: a sentence in the place of a type. */
type Refusal<Sentence extends string> = { readonly "not a service": Sentence };

type Absent<T> = [T] extends [undefined] ? true : false;

/** Whether at most one of three is given. */
type AtMostOne<A, B, C> = Absent<A> extends true ? (Absent<B> extends true ? true : Absent<C>) : Absent<B | C>;

/** One plan at most: an interval, in one of two ways, or a cron expression. */
type PlanRule<Every, Cron, Interval> =
  AtMostOne<Every, Cron, Interval> extends true ? unknown : Refusal<"it has two of every, intervalSeconds and cron: keep one">;

/**
 * Defines a service by functions: no class and no decorator, so plain `node app.ts` takes it. Action names are the kebab case of their keys. With
 * `every`, `cron` or `intervalSeconds` it is periodic, with `startupOrder` a startup service. Never throws; problems are reported at start.
 */
export function defineService<
  const A = {},
  O extends Record<string, unknown> = Record<string, unknown>,
  S extends StandardSchemaV1 | undefined = undefined,
  Every extends Duration | undefined = undefined,
  Cron extends string | undefined = undefined,
  Interval extends number | undefined = undefined,
>(
  name: string,
  spec?: ServiceSpec<S> & {
    readonly every?: Every;
    readonly cron?: Cron;
    readonly intervalSeconds?: Interval;
    // The rules stand before the entries: the compiler tells of the first that is not met, and theirs is the shorter sentence.
    readonly actions?: A & EntryRules<NoInfer<A>, SettingsOf<NoInfer<S>>> & { readonly [K in keyof O]: Entry<O[K], SettingsOf<NoInfer<S>>> };
  } & PlanRule<NoInfer<Every>, NoInfer<Cron>, NoInfer<Interval>>,
): ServiceDefinition<DefinedShape<A, Every | Cron | Interval>> {
  return define(name, spec) as never;
}

const none: ReadonlyMap<string, never> = new Map<string, never>();

/** The functions of a spec; everything else but what else stands beside them is an option. */
const members: ReadonlySet<string> = new Set(["execute", "onTriggerNow", "onProcessBatch", "isReady", "check", "handleCommand"]);
const beside: readonly string[] = [...members, "actions", "events", "supportedCommands"];
const apart: ReadonlySet<string> = new Set(beside);
/** Options of a decorator that a spec has not. */
const misplaced: ReadonlySet<string> = new Set(["name", "abstract"]);

function define(name: string, given: unknown): ServiceDefinition {
  const problems: string[] = [];
  const report: Report = problem => void problems.push(problem);
  if (!isValidName(name)) report(invalidNameProblem("its name", name));
  const spec = readOptions(given, report, ["settings"]) as ServiceSpec & { readonly actions?: unknown };
  const { actions, events, execute, onTriggerNow, onProcessBatch, isReady, check, handleCommand, supportedCommands } = spec;
  const options = optionsIn(spec as Readonly<Record<string, unknown>>, report);
  const kind = kindOf(options);
  validateOptions(options, kind, report, beside);
  if (kind !== "background" && execute === undefined) report(`a ${kind} service needs execute`);
  if (kind !== "periodic" && (onTriggerNow ?? onProcessBatch) !== undefined)
    report(`${onTriggerNow === undefined ? "onProcessBatch" : "onTriggerNow"} belongs to a periodic service, and this is a ${kind} one`);
  if (supportedCommands !== undefined && !(Array.isArray(supportedCommands) && supportedCommands.every(type => typeof type === "function")))
    report("supportedCommands is not a list of command classes");
  const behaviour: { -readonly [K in keyof ServiceBehaviour]: ServiceBehaviour[K] } = execute === undefined ? {} : { execute };
  if (onTriggerNow !== undefined) behaviour.triggerNow = onTriggerNow;
  if (onProcessBatch !== undefined) behaviour.processBatch = withoutInstance(onProcessBatch);
  if (isReady !== undefined) behaviour.isReady = withoutInstance(isReady);
  if (check !== undefined) behaviour.check = withoutInstance(check);
  if (handleCommand !== undefined) behaviour.handleCommand = withoutInstance(handleCommand);
  if (supportedCommands !== undefined) behaviour.supportedCommands = supportedCommands;
  return createDefinition({
    name,
    kind,
    options,
    actions: actions === undefined ? none : actionsOf(actions, report),
    events: events === undefined ? none : eventsByName(events, report),
    behaviour,
    problems,
  });
}

/**
 * What of a spec is neither a member nor stands beside them; reports members that are no functions. Asks for the keys it has: one list of them is quicker
 * than a rest pattern, and than asking for each that it might have, which a hundred thousand services notice.
 */
function optionsIn(spec: Readonly<Record<string, unknown>>, report: Report): ServiceOptions {
  const options: Record<string, unknown> = {};
  for (const key of Object.keys(spec)) {
    const value = spec[key];
    if (!apart.has(key)) options[key] = value;
    else if (members.has(key) && value !== undefined && typeof value !== "function") report(`${key} is ${shown(value)}; it is a function`);
    if (misplaced.has(key)) report(`${key} is no option of defineService, whose first argument is the name`);
  }
  return Object.freeze(options);
}

/** Made out here, so that no definition keeps everything that making it knew. */
function withoutInstance<A extends unknown[], R>(member: (...args: A) => R): (instance: object | undefined, ...args: A) => R {
  return (_instance, ...args) => member(...args);
}

function kindOf({ every, cron, intervalSeconds, startupOrder }: ServiceOptions): ServiceKind {
  if (every !== undefined || cron !== undefined || intervalSeconds !== undefined) return "periodic";
  return startupOrder === undefined ? "background" : "startup";
}

function actionsOf(entries: unknown, report: Report): ReadonlyMap<string, ActionDefinition> {
  const actions = new Map<string, ActionDefinition>();
  for (const [member, entry] of Object.entries(readOptions(entries, problem => report(`actions: ${problem}`)))) {
    const name = kebabCase(member);
    const { run, ...options } =
      typeof entry === "function" ? { run: entry } : readOptions(entry, problem => report(`action ${member}: ${problem}`), ["parameters"]);
    validateAction(member, name, options, report);
    if (typeof run !== "function") report(`action ${member}: it is neither a function nor an object with run(parameters, context)`);
    else if (actions.has(name)) report(`action ${member}: "${name}" is already the name of ${actions.get(name)?.member}`);
    else
      actions.set(
        name,
        Object.freeze({
          name,
          member,
          options: Object.freeze(options as ActionOptions),
          run: methodOf(run as (...args: unknown[]) => unknown, typeof entry === "function"),
        }),
      );
  }
  return actions;
}

/** A bare function gets (context), the `run` of an object (parameters, context). */
function methodOf(run: (...args: unknown[]) => unknown, bare: boolean): ActionDefinition["run"] {
  return bare ? (_instance, _parameters, context) => run(context) : (_instance, parameters, context) => run(parameters, context);
}
