import type { ActionContext } from "../actions/action-context.ts";
import type { ActionOptions } from "./action-definition.ts";
import type { Refusal } from "./action-rule.ts";
import type { Retry } from "./retry.ts";

// In a generic function a conditional type waits for its argument, and until then it takes only what both its branches take, which is nothing where one of them
// is a refusal. So every rule has the form `[Found] extends [never] ? unknown : refusal`, where what is found is `never` or `any`: where that still waits, the
// compiler leaves `any` out, so nothing is found, and the refusal is not asked. No rule itself distributes or infers, since nothing is assignable to one that
// does and waits; what it finds may.

type Callable = (...args: never[]) => unknown;

/** Found where all keys are known: not in a type parameter, and not where there may be any key. */
type KnownKeys<K> = string extends K ? never : any;

/** Refuses each key that is not `Known`, in its place. What may have any key is left to the start. */
type OnlyKeys<T, Known extends PropertyKey, Owner extends string> = [KnownKeys<keyof T>] extends [never]
  ? unknown
  : { readonly [K in Exclude<keyof T & string, Known>]: Refusal<`${K} is no option of ${Owner}`> };

/** The same one level down, for the options of the option `K`. */
type OnlyKeysIn<E, K extends string, Known extends PropertyKey> = [E] extends [{ readonly [_ in K]: object }]
  ? { readonly [_ in K]: OnlyKeys<E[K], Known, K> }
  : unknown;

type WithoutContext<E, Settings> = unknown extends E
  ? never
  : E extends Callable
    ? E extends (context: ActionContext<Settings>) => unknown
      ? never
      : any
    : never;

/** A function by itself gets the context. */
type BareRule<E, Settings> = [WithoutContext<E, Settings>] extends [never]
  ? unknown
  : Refusal<"its one parameter is not the context: give `parameters`, a schema or type<T>(), and `run`">;

type WithUntypedParameters<E> = E extends { readonly run: infer Run extends Callable }
  ? "parameters" extends keyof E
    ? never
    : Run extends (parameters: unknown, ...rest: never[]) => unknown
      ? never
      : any
  : never;

/** The `run` of an object gets parameters of a type only where a schema says which. */
type RunRule<E, Settings> = [WithUntypedParameters<E>] extends [never]
  ? unknown
  : [E] extends [{ readonly run: (context: ActionContext<Settings>, ...rest: never[]) => unknown }]
    ? { readonly run: Refusal<"its first parameter is the context: an action with options gets (parameters, context)"> }
    : { readonly run: Refusal<"its first parameter has a type: give `parameters`, a schema or type<T>()"> };

type WithOptions<E> = unknown extends E ? never : E extends Callable ? never : E extends object ? any : never;

type OptionsRule<E, Settings> = [WithOptions<E>] extends [never]
  ? unknown
  : OnlyKeys<E, keyof ActionOptions | "run", "an action"> &
      OnlyKeysIn<E, "retry", keyof Retry> &
      OnlyKeysIn<E, "rateLimit", keyof NonNullable<ActionOptions["rateLimit"]>> &
      RunRule<E, Settings>;

/** Found where the keys are not a type parameter's. */
type SettledKeys<K> = K extends PropertyKey ? any : never;

/**
 * Takes the `actions` of `defineService`, but for what is misspelt or has a parameter that nothing types: there stands a {@link Refusal}. Needed beside the
 * entries' own type, since a type parameter that takes the whole object takes any key of it, and the compiler then looks for none too many.
 */
export type EntryRules<A, Settings> = [SettledKeys<keyof A>] extends [never]
  ? unknown
  : { readonly [K in keyof A]: BareRule<A[K], Settings> & OptionsRule<A[K], Settings> };
