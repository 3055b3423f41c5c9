import type { ServiceContext } from "./service-context.ts";

/** Marks the type, so that a method's lone parameter can be told from an action's parameters. */
export declare const actionContext: unique symbol;

/** What an action gets beside its parameters. */
export interface ActionContext<Settings = Readonly<Record<string, unknown>>> extends ServiceContext<Settings> {
  readonly [actionContext]: true;
  /** The action's name. */
  readonly action: string;
  /** Which try this is, from 1; direct calls have one. */
  readonly attempt: number;
  /** The id of the stored action this is an attempt at, the same in each; `undefined` for a direct call. Others can know work by it that was begun before. */
  readonly storedId: string | undefined;
  /** When the caller's patience ends, in milliseconds since the epoch; `undefined` without a timeout. */
  readonly deadline: number | undefined;
}
