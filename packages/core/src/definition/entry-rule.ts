import type { ActionContext } from "../actions/action-context.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { Refusal } from "./action-rule.ts";
import type { Retry } from "./retry.ts";

/** Refuses each key that is not `Known`, in its place. What may have any key is left to the start. */
type OnlyKeys<T, Known extends PropertyKey, Owner extends string> = string extends keyof T
  ? unknown
  : { readonly [K in Exclude<keyof T & string, Known>]: Refusal<`${K} is no option of ${Owner}`> };

/** The same one level down, for the options of the option `K`. */
type OnlyKeysIn<E, K extends string, Known extends PropertyKey> = E extends { readonly [_ in K]: infer Options extends object }
  ? { readonly [_ in K]: OnlyKeys<Options, Known, K> }
  : unknown;

/** A function by itself gets the context. */
type BareRule<P extends readonly unknown[], Settings> = [ActionContext<Settings>] extends P
  ? unknown
  : P extends readonly []
    ? unknown
    : Refusal<"its one parameter is not the context: give `parameters`, a schema or type<T>(), and `run`">;

/** The `run` of an object gets parameters of a type only where a schema says which. */
type RunRule<E, Settings> = "parameters" extends keyof E
  ? unknown
  : E extends { readonly run: (parameters: infer P, ...rest: never[]) => unknown }
    ? unknown extends P
      ? unknown
      : [ActionContext<Settings>] extends [P]
        ? { readonly run: Refusal<"its first parameter is the context: an action with options gets (parameters, context)"> }
        : { readonly run: Refusal<"its first parameter has a type: give `parameters`, a schema or type<T>()"> }
    : unknown;

type EntryRule<E, Settings> = E extends (...args: infer P) => unknown
  ? BareRule<P, Settings>
  : E extends object
    ? OnlyKeys<E, keyof ActionOptions | "run", "an action"> &
        OnlyKeysIn<E, "retry", keyof Retry> &
        OnlyKeysIn<E, "rateLimit", keyof NonNullable<ActionOptions["rateLimit"]>> &
        RunRule<E, Settings>
    : unknown;

/**
 * Takes the `actions` of `defineService`, but for what is misspelt or has a parameter that nothing types: there stands a {@link Refusal}. Needed beside the
 * entries' own type, since a type parameter that takes the whole object takes any key of it, and the compiler then looks for none too many.
 */
export type EntryRules<A, Settings> = { readonly [K in keyof A]: EntryRule<A[K], Settings> };
