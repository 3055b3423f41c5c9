import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionContext } from "../actions/action-context.ts";
import type { FrameworkMember } from "./framework-members.ts";
import type { KebabCase } from "./names.ts";

/** What the compiler shows where it refuses an action: a sentence in the place of a type. */
export type Refusal<Sentence extends string> = { readonly "not an action": Sentence };

type Method = (...args: never[]) => unknown;

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsContext<P> = IsAny<P> extends true ? false : [P] extends [ActionContext<infer _>] ? true : false;

/** Without `strictNullChecks` everything may be `undefined`, which then says nothing. */
type IsLoose = undefined extends string ? true : false;

/** Where a first parameter that may be `undefined` could be one with a default, which hides what the method declares. */
type MayHaveDefault<P> = unknown extends P ? false : IsLoose extends true ? false : undefined extends P ? true : false;

/** Without a schema: nothing, the context, or parameters and the context. A lone parameter would be ambiguous. */
type BareRule<P extends readonly unknown[]> = P extends readonly []
  ? unknown
  : P extends readonly [infer Only]
    ? IsContext<Only> extends true
      ? unknown
      : Refusal<"its one parameter is not the context: give `parameters`, a schema or type<T>()">
    : P extends readonly [infer First, infer Second]
      ? [ActionContext] extends [Second]
        ? MayHaveDefault<First> extends true
          ? Refusal<"its first parameter has a default or may be undefined: give `parameters`, a schema or type<T>()">
          : unknown
        : Refusal<"its second parameter does not take the context">
      : Refusal<"its method has an optional or rest parameter, or more than two: it takes (parameters, context)">;

/** With a schema: the first parameter must accept what the schema yields. */
type ParametersRule<P extends readonly unknown[], Output> = P extends readonly []
  ? unknown
  : P extends readonly [infer First]
    ? Accepts<First, Output>
    : P extends readonly [infer First, infer Second]
      ? [ActionContext] extends [Second]
        ? Accepts<First, Output>
        : Refusal<"its second parameter does not take the context">
      : Refusal<"its method has an optional or rest parameter, or more than two: it takes (parameters, context)">;

// Compared as functions, not as tuples: so a generic class's own type parameter is compared at once, where a tuple of it would wait for its argument.
type Accepts<First, Output> = (() => Output) extends () => First ? unknown : Refusal<"its first parameter does not accept what its schema yields">;

type MethodRule<M, K extends string, N extends string, S extends StandardSchemaV1 | undefined> = K extends FrameworkMember
  ? Refusal<"the framework has a member of this name: give the method another">
  : M extends Method
    ? string extends N
      ? SignatureRule<Parameters<M>, S>
      : KebabCase<K> extends N
        ? SignatureRule<Parameters<M>, S>
        : Refusal<`it is named ${N}, but its method's name in kebab case is ${KebabCase<K>}`>
    : Refusal<"it is not a method">;

// Asked this way around, since `undefined extends StandardSchemaV1` is true where `strictNullChecks` is off.
type SignatureRule<P extends readonly unknown[], S extends StandardSchemaV1 | undefined> = S extends undefined
  ? BareRule<P>
  : S extends StandardSchemaV1
    ? ParametersRule<P, StandardSchemaV1.InferOutput<S>>
    : never;

/** `unknown` where the target of `@ServiceAction` can be an action of this name with this schema, else a {@link Refusal}. */
export type ActionRule<M, C, N extends string, S extends StandardSchemaV1 | undefined> = C extends string
  ? M extends { readonly prototype: infer T }
    ? C extends keyof T
      ? MethodRule<T[C], C, N, S>
      : Refusal<`the class has no public method ${C}`>
    : Refusal<"a member's name stands beside its class; as a decorator it needs experimentalDecorators to be off">
  : C extends { readonly name: infer K extends string; readonly private: false; readonly static: false; readonly access: { has(object: infer This): boolean } }
    ? K extends keyof This
      ? MethodRule<M, K, N, S>
      : Refusal<"its method is private or protected">
    : Refusal<"it is not a public method with a name of its own">;
