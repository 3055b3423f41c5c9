import type { StandardSchemaV1 } from "@standard-schema/spec";
import { noteMarks } from "./class-marks.ts";
import { readOptions } from "../options/read-options.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

type ServiceClass = abstract new (...args: never[]) => object;

/** What the compiler shows where it refuses a class: a sentence in the place of a type. */
type Refusal<Sentence extends string> = { readonly "not a service": Sentence };

/** A class that says what its `settings` are must say what the schema yields. */
type SettingsRule<T, S extends StandardSchemaV1 | undefined> = S extends undefined // this way around, since without `strictNullChecks` the other is true of no schema too
  ? unknown
  : S extends StandardSchemaV1
    ? T extends { readonly settings: infer Settings }
      ? [StandardSchemaV1.InferOutput<S>] extends [Settings]
        ? unknown
        : Refusal<"its settings are not what the schema yields: give its base class the schema's type, as in SoraFluentServiceBase<z.infer<typeof Schema>>">
      : unknown
    : unknown;

type ServiceRule<T, Kind extends ServiceKind, S extends StandardSchemaV1 | undefined> = Kind extends "background"
  ? SettingsRule<T, S>
  : T extends { execute(signal: AbortSignal): unknown }
    ? SettingsRule<T, S>
    : Refusal<`a ${Kind} service has a method execute(signal)`>;

/** A class decorator that is a plain function of a class as well. Where the compiler refuses it, the refusal says why. */
export type ServiceClassDecorator<Kind extends ServiceKind, S extends StandardSchemaV1 | undefined> = <T extends ServiceClass>(
  target: T & ServiceRule<InstanceType<T>, Kind, S>,
  context?: ClassDecoratorContext,
) => void;

/** Writes kind and options down on the class. */
export function classDecorator(kind: ServiceKind, given: unknown): (target: unknown, context?: ClassDecoratorContext) => void {
  return (target, context) =>
    noteMarks(target, context, marks => {
      const report = (problem: string): void => void marks.problems.push(problem);
      if (marks.service !== undefined) report("it has two service decorators; keep one");
      const options = readOptions(given, report, ["settings"]) as ServiceOptions;
      marks.service = { kind, options, name: typeof context?.name === "string" ? context.name : undefined };
    });
}
