import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ActionContext } from "../actions/action-context.ts";
import type { Duration } from "../time/duration.ts";
import type { Retry } from "./retry.ts";

/** Options of one action. */
export interface ActionOptions<S extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> {
  readonly description?: string;
  /** Refuses a call without parameters even where no schema says so. */
  readonly requiresParameters?: boolean;
  /** Any Standard Schema. Each call is checked once, before it waits; the method gets the schema's output. */
  readonly parameters?: S;
  /** Calls of this action that run at once; more wait by priority. Default: no limit. */
  readonly concurrency?: number;
  /** Time limit of a call that brings none of its own. Default: the service's. */
  readonly timeout?: Duration;
  /** A stored call that tells nothing by `context.progress()` for so long is aborted, and the attempt has failed with `SORA_ACTION_TIMEOUT`. Default: none, since many have nothing to tell. */
  readonly heartbeat?: Duration;
  /** Stored calls begun in each `per` on average, over all hosts that share the store; more wait. After a rest `limit` of them begin at once. Default: no limit. */
  readonly rateLimit?: { readonly limit: number; readonly per: Duration };
  /** How stored calls are tried again. */
  readonly retry?: Retry;
  /** Whether running it twice does no harm, so that a lost call may be sent again. Default false. */
  readonly idempotent?: boolean;
  /** Whether control planes may show what a stored call was called with, secrets taken out. Default false: parameters are nobody's business but the action's. */
  readonly visibleParameters?: boolean;
  /** Version of the parameters' shape. Default 1. */
  readonly version?: number;
  /** Lifts stored parameters of an older version by one: `{ 1: old => new }`. */
  readonly migrate?: Readonly<Record<number, (old: never) => unknown>>;
}

/** Runs an action on a service's instance (`undefined` for `defineService`). */
export type ActionMethod = (instance: object | undefined, parameters: unknown, context: ActionContext) => unknown;

/** One action of a frozen definition. */
export interface ActionDefinition {
  readonly name: string;
  /** The method or property it came from, for messages. */
  readonly member: string;
  readonly options: ActionOptions;
  readonly run: ActionMethod;
}
