import type { StandardSchemaV1 } from "@standard-schema/spec";
import { adoptMarks, ownMarks } from "./class-marks.ts";
import type { ServiceKind } from "./service-kind.ts";
import type { ServiceOptions } from "./service-options.ts";

/** A class whose `settings`, where it declares them, accept what the schema yields. */
type ServiceClass<S extends StandardSchemaV1> = abstract new (...args: never[]) => { readonly settings?: StandardSchemaV1 extends S ? unknown : StandardSchemaV1.InferOutput<S> } | object;

/** A class decorator that is a plain function of a class as well. */
export type ServiceClassDecorator<S extends StandardSchemaV1 = StandardSchemaV1> = (target: ServiceClass<S>, context?: ClassDecoratorContext) => void;

/** Writes the options down on the class. */
export function classDecorator(kind: ServiceKind, options: object): ServiceClassDecorator<never> {
  return (target, context) => {
    adoptMarks(target, context?.metadata);
    const marks = ownMarks(target);
    if (marks.service !== undefined) marks.problems.push("it has two service decorators; keep one");
    marks.service = { kind, options: (options ?? {}) as ServiceOptions, name: typeof context?.name === "string" ? context.name : undefined };
  };
}
