import type { StandardSchemaV1 } from "@standard-schema/spec";
import { invalidNameProblem, isValidName } from "../definition/names.ts";
import { isStandardSchema } from "../definition/schema.ts";
import { checkOptions } from "../options/option-check.ts";
import { readOptions } from "../options/read-options.ts";
import { shown } from "../options/shown.ts";
import { flag, integer, text } from "../options/value-checks.ts";
import type { OptionChecks, Report } from "../options/option-check.ts";

const brand: unique symbol = Symbol.for("sora.event") as never;

/** Carries the argument types for the compiler; it has no value at run time. */
declare const types: unique symbol;

export interface ServiceEventOptions {
  /** Of the arguments' shape: a positive integer, 1 by default. Raise it when old receivers could not read new arguments. */
  readonly version?: number;
  /** Keep it for each durable subscriber group until one of the group has handled it. Default false. */
  readonly durable?: boolean;
  readonly description?: string;
}

/**
 * Something that happened in a service, as frozen data. Handlers get `Args`, what the schema yields; emitters give
 * `Input`, what the schema takes. Both are `unknown` where there is no schema.
 */
export interface ServiceEvent<Args = unknown, Input = Args, Name extends string = string> {
  readonly [brand]: true;
  readonly [types]?: { readonly args: Args; readonly input: Input };
  readonly name: Name;
  readonly schema?: StandardSchemaV1<Input, Args>;
  readonly version: number;
  readonly durable: boolean;
  readonly description?: string;
  /** What is wrong with the declaration, in a sentence without its full stop; the host that would use it refuses to start with it. */
  readonly problem?: string;
}

/**
 * Declares an event. Never throws: a bad name, schema or option is recorded as `problem`, so that the start can report
 * all of them together.
 */
export function serviceEvent<const Name extends string, Schema extends StandardSchemaV1 = StandardSchemaV1>(
  name: Name,
  schema?: Schema,
  options?: ServiceEventOptions,
): ServiceEvent<StandardSchemaV1.InferOutput<Schema>, StandardSchemaV1.InferInput<Schema>, Name> {
  const problems: string[] = [];
  const { version = 1, durable = false, description } = optionsOf(name, options, problem => void problems.push(problem));
  const problem = [...problemsOf(name, schema), ...problems].join("; ");
  const event: ServiceEvent = {
    [brand]: true,
    name,
    version,
    durable,
    ...(schema === undefined ? undefined : { schema }),
    ...(description === undefined ? undefined : { description }),
    ...(problem === "" ? undefined : { problem }),
  };
  return Object.freeze(event) as ServiceEvent<StandardSchemaV1.InferOutput<Schema>, StandardSchemaV1.InferInput<Schema>, Name>;
}

/** True for an event that {@link serviceEvent} of any copy of the package made. Never throws. */
export function isServiceEvent(value: unknown): value is ServiceEvent {
  try {
    return typeof value === "object" && value !== null && (value as { readonly [brand]?: unknown })[brand] === true;
  } catch {
    return false; // a Proxy whose traps throw is no event of ours
  }
}

const optionChecks: OptionChecks<ServiceEventOptions> = { version: integer(1), durable: flag, description: text };

function optionsOf(name: unknown, given: unknown, report: Report): ServiceEventOptions {
  if (given === undefined) return {};
  const say: Report = problem => report(`event ${isValidName(name) ? name : shown(name)}: ${problem}`);
  const options = readOptions(given, say) as ServiceEventOptions;
  checkOptions(options, optionChecks, { owner: "an event" }, say);
  return options;
}

function problemsOf(name: unknown, schema: unknown): readonly string[] {
  if (!isValidName(name)) return [invalidNameProblem("the event name", name)];
  if (schema === undefined || isStandardSchema(schema)) return [];
  return [`event "${name}" has a schema that does not speak Standard Schema; give one of zod, valibot, arktype or alike, or type<T>()`];
}
