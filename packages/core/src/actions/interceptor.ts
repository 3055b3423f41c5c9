import type { CallMetadata } from "./service-context.ts";

/** One call, as an interceptor sees it. */
export interface InterceptedCall {
  readonly service: string;
  readonly action: string;
  /** As the caller sent them: not checked yet. */
  readonly parameters: unknown;
  readonly correlationId: string;
  readonly priority: number;
  readonly signal: AbortSignal;
  /** Values set here reach the action and the calls it makes. */
  readonly metadata: Record<string, unknown>;
}

/** One run of a service, as an interceptor sees it. */
export interface InterceptedRun {
  readonly service: string;
  /** From 1. */
  readonly run: number;
  readonly scheduledAt: number | undefined;
  readonly signal: AbortSignal;
}

/** One event about to be delivered. */
export interface InterceptedEvent {
  readonly service: string;
  readonly event: string;
  readonly args: unknown;
  readonly correlationId: string;
  readonly metadata: CallMetadata;
}

/**
 * Stands around every call, run or event of a host: tenant, authorization, audit. The first listed is the outermost. Call `next()` to go on;
 * throw to refuse; what it returns is what the caller gets. Asked again, `next()` gives the first outcome: nothing runs twice.
 */
export interface Interceptor {
  call?(call: InterceptedCall, next: () => Promise<unknown>): unknown;
  run?(run: InterceptedRun, next: () => Promise<unknown>): unknown;
  event?(event: InterceptedEvent, next: () => Promise<void>): unknown;
}

type Kind = keyof Interceptor;
type Subject<K extends Kind> = Parameters<NonNullable<Interceptor[K]>>[0];

/** All interceptors of one kind, around `last`. */
export type Interception<S> = (subject: S, last: () => unknown) => Promise<unknown>;
export type CallInterception = Interception<InterceptedCall>;
export type RunInterception = Interception<InterceptedRun>;
export type EventInterception = Interception<InterceptedEvent>;

/** The interceptors that care for `kind`, as one function; `undefined` where none does, so that nothing is paid. */
export function composeInterceptors<K extends Kind>(interceptors: readonly Interceptor[], kind: K): Interception<Subject<K>> | undefined {
  const around = interceptors.filter(interceptor => interceptor[kind] !== undefined);
  if (around.length === 0) return undefined;
  return (subject, last) => {
    const step = async (at: number): Promise<unknown> => {
      const interceptor = around[at];
      if (interceptor === undefined) return last();
      let outcome: Promise<unknown> | undefined;
      return (interceptor[kind] as (subject: Subject<K>, next: () => Promise<unknown>) => unknown).call(interceptor, subject, () => (outcome ??= step(at + 1)));
    };
    return step(0);
  };
}
