import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionContext } from "../actions/action-context.ts";
import type { RunContext } from "../actions/run-context.ts";
import type { ServiceCommand, ServiceCommandType } from "../commands/service-command.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { PeriodicCommands } from "../fluent/shape-of.ts";
import type { HealthReport } from "../health/health-report.ts";
import { kebabCase, invalidNameProblem, isValidName } from "./names.ts";
import { createDefinition } from "./service-definition.ts";
import { validateAction, validateEvent, validateOptions } from "./validate-definition.ts";
import type { ActionDefinition, ActionOptions } from "./action-definition.ts";
import type { KebabCase } from "./names.ts";
import type { ServiceBehaviour, ServiceDefinition } from "./service-definition.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions, SoraPeriodicServiceOptions, SoraStartupServiceOptions } from "./service-options.ts";

type SettingsOf<S> = S extends StandardSchemaV1 ? (StandardSchemaV1 extends S ? Readonly<Record<string, unknown>> : StandardSchemaV1.InferOutput<S>) : Readonly<Record<string, unknown>>;

/** An action with options: its `run` always gets (parameters, context). */
type ActionEntry<P, Settings> = Omit<ActionOptions, "parameters"> & {
  readonly parameters?: StandardSchemaV1<any, P>;
  run(parameters: NoInfer<P>, context: ActionContext<Settings>): unknown;
};

/** A bare function gets (context). */
type BareEntry<Settings> = (context: ActionContext<Settings>) => unknown;

type Entry<P, Settings> = BareEntry<Settings> | ActionEntry<P, Settings>;

type EntryInput<E> = E extends { readonly parameters: infer S extends StandardSchemaV1 } ? StandardSchemaV1.InferInput<S> : undefined;
type EntryArgs<E> = E extends (...args: never[]) => unknown ? [] : E extends { readonly parameters: StandardSchemaV1 } ? (undefined extends EntryInput<E> ? [parameters?: EntryInput<E>] : [parameters: EntryInput<E>]) : E extends { run(...args: infer A): unknown } ? (A extends readonly [] ? [] : [parameters?: unknown]) : [];
type EntryResult<E> = E extends (...args: never[]) => infer R ? Awaited<R> : E extends { run(...args: never[]): infer R } ? Awaited<R> : never;

type ActionsShape<A> = { [K in keyof A & string as KebabCase<K>]: { readonly args: EntryArgs<A[K]>; readonly result: EntryResult<A[K]> } };
type CommandShape<Every, Cron> = undefined extends Every ? (undefined extends Cron ? unknown : PeriodicCommands) : PeriodicCommands;

/** What `defineService` takes: every option of the decorators, and the service's work as functions. */
export interface ServiceSpec<S extends StandardSchemaV1 = StandardSchemaV1> extends Omit<SoraPeriodicServiceOptions<S>, "every" | "cron" | "intervalSeconds" | "name" | "abstract">, Omit<SoraStartupServiceOptions<S>, "name" | "abstract"> {
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
  readonly events?: Readonly<Record<string, ServiceEvent<never, never>>> | Readonly<Record<string, ServiceEvent>> | Readonly<Record<string, ServiceEvent<any, any>>>;
}

/**
 * Defines a service by functions: no class and no decorator, so plain `node app.ts` takes it. Action names are the kebab case of their keys. With
 * `every`, `cron` or `intervalSeconds` it is periodic, with `startupOrder` a startup service. Never throws; problems are reported at start.
 */
export function defineService<
  const A = {},
  O extends Record<string, unknown> = Record<string, unknown>,
  S extends StandardSchemaV1 = StandardSchemaV1,
  Every extends SoraPeriodicServiceOptions["every"] | undefined = undefined,
  Cron extends string | number | undefined = undefined,
>(
  name: string,
  spec: ServiceSpec<S> & {
    readonly every?: Every;
    readonly cron?: Cron & string;
    readonly intervalSeconds?: Cron & number;
    readonly settings?: S;
    readonly actions?: A & { readonly [K in keyof O]: Entry<O[K], SettingsOf<NoInfer<S>>> };
  } = {},
): ServiceDefinition<ActionsShape<A> & CommandShape<Every, Cron>> {
  return define(name, spec as unknown as LooseSpec) as never;
}

type LooseSpec = Omit<ServiceSpec, "execute" | "onTriggerNow" | "onProcessBatch"> & ServiceOptions & {
  readonly execute?: (context: RunContext) => unknown;
  readonly onTriggerNow?: (context: RunContext) => unknown;
  readonly onProcessBatch?: (batch: object, context: ActionContext) => unknown;
  readonly actions?: Readonly<Record<string, BareEntry<never> | ActionEntry<unknown, never>>>;
};

const noEntries: ReadonlyMap<string, never> = new Map<string, never>();
const noProblems: readonly string[] = Object.freeze([]);

function define(name: string, spec: LooseSpec): ServiceDefinition {
  const kind: ServiceKind = spec.every !== undefined || spec.cron !== undefined || spec.intervalSeconds !== undefined ? "periodic" : spec.startupOrder === undefined ? "background" : "startup";
  let problems: string[] | undefined;
  const report = (problem: string): void => void (problems ??= []).push(problem);
  if (!isValidName(name)) report(invalidNameProblem("its name", name));
  validateOptions(spec, kind, report);
  if (kind !== "background" && spec.execute === undefined) report(`a ${kind} service needs execute`);
  const { actions, events, execute, onTriggerNow, onProcessBatch, isReady, check, handleCommand, supportedCommands, ...options } = spec;
  const behaviour: { -readonly [K in keyof ServiceBehaviour]: ServiceBehaviour[K] } = {};
  if (execute !== undefined) behaviour.execute = (_instance, context) => execute(context);
  if (onTriggerNow !== undefined) behaviour.triggerNow = (_instance, context) => onTriggerNow(context);
  if (onProcessBatch !== undefined) behaviour.processBatch = (_instance, batch, context) => onProcessBatch(batch, context);
  if (isReady !== undefined) behaviour.isReady = (_instance, signal) => isReady(signal);
  if (check !== undefined) behaviour.check = (_instance, signal) => check(signal);
  if (handleCommand !== undefined) behaviour.handleCommand = (_instance, command, signal) => handleCommand(command, signal);
  if (supportedCommands !== undefined) behaviour.supportedCommands = supportedCommands;
  return createDefinition({
    name,
    kind,
    options: Object.freeze(options as ServiceOptions),
    actions: actions === undefined ? noEntries : actionsOf(actions, report),
    events: events === undefined ? noEntries : eventsOf(events, report),
    behaviour: Object.freeze(behaviour),
    problems: problems ?? noProblems,
  });
}

function actionsOf(entries: NonNullable<LooseSpec["actions"]>, report: (problem: string) => void): ReadonlyMap<string, ActionDefinition> {
  const actions = new Map<string, ActionDefinition>();
  for (const [member, entry] of Object.entries(entries)) {
    const name = kebabCase(member);
    const run = typeof entry === "function" ? entry : entry?.run;
    if (typeof run !== "function") {
      report(`action ${member}: it is neither a function nor an object with run(parameters, context)`);
      continue;
    }
    const { run: _run, ...options } = typeof entry === "function" ? { run } : entry;
    validateAction(member, name, options as ActionOptions, report);
    if (actions.has(name)) report(`action ${member}: "${name}" is already the name of ${actions.get(name)?.member}`);
    const bare = typeof entry === "function";
    actions.set(
      name,
      Object.freeze({
        name,
        member,
        options: Object.freeze(options as ActionOptions),
        run: bare ? (_instance: unknown, _parameters: unknown, context: ActionContext) => (run as BareEntry<never>)(context as never) : (_instance: unknown, parameters: unknown, context: ActionContext) => (run as ActionEntry<unknown, never>["run"])(parameters, context as never),
      }),
    );
  }
  return actions;
}

function eventsOf(entries: NonNullable<LooseSpec["events"]>, report: (problem: string) => void): ReadonlyMap<string, ServiceEvent<unknown, unknown>> {
  const events = new Map<string, ServiceEvent<unknown, unknown>>();
  for (const event of Object.values(entries) as ServiceEvent<unknown, unknown>[]) {
    validateEvent(event, report);
    if (event !== undefined) events.set(event.name, event);
  }
  return events;
}
