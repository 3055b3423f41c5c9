import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ServiceEvent } from "../events/service-event.ts";
import { eventsByName } from "./events-by-name.ts";
import { FrozenMap } from "./frozen-map.ts";
import { invalidNameProblem, isValidName, kebabCase } from "./names.ts";
import { checkedElsewhere, checkOptions } from "../options/option-check.ts";
import { readOptions } from "../options/read-options.ts";
import { integer, text } from "../options/value-checks.ts";
import { schema } from "./validate-definition.ts";
import type { KebabCase } from "./names.ts";
import type { OptionChecks, Report } from "../options/option-check.ts";
import type { ServiceShape } from "./service-definition.ts";

const brand: unique symbol = Symbol.for("sora.contract") as never;

/** Says what a contract's compile-time shape is; it has no value at run time. */
declare const shape: unique symbol;

/** What a service that runs elsewhere can be asked for. */
export interface ContractAction {
  readonly description?: string;
  /** Any Standard Schema. The service that runs it does the checking, once, and what is to be stored is checked before that as well; without one the action takes nothing. */
  readonly parameters?: StandardSchemaV1;
  /** Which version of the action's parameters these are, for calls that are stored. Default 1. */
  readonly version?: number;
  /** Types the result; what comes back is not checked. Default: unknown. */
  readonly result?: StandardSchemaV1;
}

/** What {@link serviceContract} takes. */
export interface ContractSpec {
  readonly description?: string;
  /** Under the key whose kebab case is the action's name. */
  readonly actions?: Readonly<Record<string, ContractAction>>;
  /** Events it emits, by any key. */
  readonly events?: Readonly<Record<string, ServiceEvent<any, any>>>;
}

/** A service as two programs agree on it, as frozen data: what it can be asked for and what it emits, without what does it. */
export interface ServiceContract<Shape extends ServiceShape = ServiceShape> {
  readonly [brand]: true;
  readonly [shape]?: Shape;
  readonly name: string;
  readonly description?: string;
  readonly actions: ReadonlyMap<string, ContractAction>;
  readonly events: ReadonlyMap<string, ServiceEvent<unknown, unknown>>;
  /** What is wrong with it, in sentences; a call through a contract with any is refused with them. */
  readonly problems: readonly string[];
}

const specChecks: OptionChecks<ContractSpec> = { description: text, actions: checkedElsewhere, events: checkedElsewhere };
const actionChecks: OptionChecks<ContractAction> = { description: text, parameters: schema, version: integer(1), result: schema };

type Arguments<P> = P extends StandardSchemaV1
  ? undefined extends StandardSchemaV1.InferInput<P>
    ? [parameters?: StandardSchemaV1.InferInput<P>]
    : [parameters: StandardSchemaV1.InferInput<P>]
  : [];
type Result<R> = R extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<R> : unknown;

/** The compile-time face of a contract's actions. */
export type ContractShape<A> = {
  [K in keyof A & string as KebabCase<K>]: {
    readonly args: A[K] extends { readonly parameters: infer P } ? Arguments<P> : [];
    readonly result: A[K] extends { readonly result: infer R } ? Result<R> : unknown;
  };
};

/**
 * Describes a service that another program runs: `SoraServices.of(contract)` and `host.services(contract)` call it by name, typed. Never throws; a call through a
 * contract with problems is refused with all of them.
 */
export function serviceContract<const A extends Readonly<Record<string, ContractAction>> = {}>(
  name: string,
  spec?: ContractSpec & { readonly actions?: A },
): ServiceContract<ContractShape<A>> {
  const problems: string[] = [];
  const report: Report = problem => void problems.push(problem);
  if (!isValidName(name)) report(invalidNameProblem("its name", name));
  const given = readOptions(spec, report) as ContractSpec;
  checkOptions(given, specChecks, { owner: "a contract" }, report);
  const { description, actions, events } = given;
  const contract = {
    [brand]: true,
    name,
    ...(description === undefined ? undefined : { description }),
    actions: new FrozenMap(actionsOf(actions, report)),
    events: new FrozenMap(eventsByName(events, report)),
    problems: Object.freeze(problems),
  };
  return Object.freeze(contract) as ServiceContract<ContractShape<A>>;
}

/** True for a contract made by any copy of the package. */
export function isServiceContract(value: unknown): value is ServiceContract {
  return typeof value === "object" && value !== null && brand in value;
}

function actionsOf(entries: unknown, report: Report): Map<string, ContractAction> {
  const actions = new Map<string, ContractAction>();
  for (const [member, entry] of Object.entries(readOptions(entries, problem => report(`actions: ${problem}`)))) {
    const name = kebabCase(member);
    const say: Report = problem => report(`action ${member}: ${problem}`);
    const action = readOptions(entry, say, ["parameters", "result"]) as ContractAction;
    if (!isValidName(name)) say(invalidNameProblem("its name", name));
    checkOptions(action, actionChecks, { owner: "a contract's action" }, say);
    if (actions.has(name)) say(`"${name}" is already the name of another`);
    actions.set(name, action);
  }
  return actions;
}
