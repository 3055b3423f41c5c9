import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionContext } from "../actions/action-context.ts";
import { ownMarks } from "./class-marks.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { KebabCase } from "./names.ts";

/** Without `parameters`: nothing, the context, or parameters and the context. A lone parameter would be ambiguous. */
type BareMethod = ((context: ActionContext) => unknown) | ((parameters: never, context: ActionContext) => unknown);

/** No defaulted and no rest parameters: what a call sends must be visible in the signature. */
type Fixed<M extends (...args: never[]) => unknown> = Parameters<M> extends readonly [] | readonly [unknown] | readonly [unknown, unknown] ? unknown : "an action's method has no defaulted or rest parameters";
type Bare<M extends (...args: never[]) => unknown> = Parameters<M> extends readonly [infer P] ? ([P] extends [ActionContext<infer _>] ? unknown : "a lone parameter that is not the context needs `parameters`: a schema, or type<T>()") : unknown;

/** The method's own context, whose literal name must be the one the action is named for. */
type Named<N extends string, K extends string> = string extends N ? unknown : KebabCase<K> extends N ? unknown : { readonly name: `the method of an action named ${N}` };

/** A method decorator that is also a plain function of a class and a method's name. */
export interface BareActionDecorator<N extends string> {
  <const K extends string, M extends (...args: never[]) => unknown>(method: M & (M extends BareMethod ? unknown : Bare<M>) & Bare<M> & Fixed<M>, context: ClassMethodDecoratorContext & { readonly name: K } & Named<N, K>): void;
  (target: abstract new (...args: never[]) => object, member: string): void;
}

export interface ParametersActionDecorator<N extends string, S extends StandardSchemaV1> {
  <const K extends string, M extends (parameters: never, context: ActionContext) => unknown>(method: M & Accepts<M, S> & Fixed<M>, context: ClassMethodDecoratorContext & { readonly name: K } & Named<N, K>): void;
  (target: abstract new (...args: never[]) => object, member: string): void;
}

/** The method's first parameter must accept what the schema yields. */
type Accepts<M extends (...args: never[]) => unknown, S extends StandardSchemaV1> = Parameters<M> extends readonly [] ? unknown : [StandardSchemaV1.InferOutput<S>] extends [Parameters<M>[0]] ? unknown : "the method's first parameter does not accept what its schema yields";

type OptionsWith<S extends StandardSchemaV1> = ActionOptions<S> & { readonly parameters: S };
type OptionsWithout = Omit<ActionOptions, "parameters"> & { readonly parameters?: undefined };

/**
 * Declares a method an action. Its name is the method's in kebab case; one given must be the same. With `parameters`, a Standard Schema, the method
 * gets (parameters, context); without, a method of two parameters gets (parameters, context), one of one or none gets (context).
 * Also a plain function: `ServiceAction("check-queue")(MyService, "checkQueue")`. Never throws; problems are reported at start.
 */
export function ServiceAction<const N extends string, S extends StandardSchemaV1>(name: N, options: OptionsWith<S>): ParametersActionDecorator<N, S>;
export function ServiceAction<const N extends string>(name: N, options?: OptionsWithout): BareActionDecorator<N>;
export function ServiceAction<S extends StandardSchemaV1>(options: OptionsWith<S>): ParametersActionDecorator<string, S>;
export function ServiceAction(options?: OptionsWithout): BareActionDecorator<string>;
export function ServiceAction(first?: string | object, second?: object): never {
  const name = typeof first === "string" ? first : undefined;
  const options = (typeof first === "object" ? first : (second ?? {})) as ActionOptions;
  const decorate = (target: unknown, context: string | ClassMethodDecoratorContext): void => {
    if (typeof context === "string") return mark(target as object, context);
    const member = String(context.name);
    const metadata = (context.metadata as object | undefined) ?? (target as object); // tsc's output has no metadata: the method itself carries the mark
    if (context.static || context.private) {
      ownMarks(metadata).problems.push(`@ServiceAction stands on ${context.static ? "static" : "private"} member "${member}"; an action is a public method`);
      return;
    }
    mark(metadata, member);
  };
  const mark = (holder: object, member: string): void => {
    ownMarks(holder).actions.set(member, { member, name, options });
  };
  return decorate as never;
}
