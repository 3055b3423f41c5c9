import type { MessagePort } from "node:worker_threads";
import type { SoraErrorCode } from "../../../errors/catalogue.ts";
import { SoraError } from "../../../errors/sora-error.ts";
import type { StoreBell } from "../../store/durable-store.ts";
import type { StorePorts } from "../operations/operations.ts";

/** What a thread is started with. */
export interface ThreadSettings {
  readonly port: MessagePort;
  /** Shared with the thread; see {@link signals}. */
  readonly signal: Int32Array;
  readonly file: string;
  /** For people; see `DurableStore.name`. */
  readonly name: string;
  /** The one writer, or a thread for long reads, which the writer would otherwise stand still for. */
  readonly role: "writer" | "reader";
  readonly synchronous: "full" | "normal";
  /** Milliseconds that a transaction waits for another process's. */
  readonly busyTimeout: number;
  /** Milliseconds of a worker's lease. */
  readonly lease: number;
  /** Of the thread's own chance: drawn from the host's, which cannot be sent there. */
  readonly seed: number;
}

/**
 * Places of the shared array: a number that changes when the thread is to wake up; how many listen to bells; 1 once the thread is to end; 1 while whoever has asked is about to ask for more, in
 * the same turn of the event loop.
 */
export const signals = { wake: 0, listeners: 1, closing: 2, more: 3 } as const;

/** One call of a method of the port, and what time it was. */
export type ThreadRequest = readonly [part: keyof StorePorts, method: string, now: number, parameters: readonly unknown[]];

/** A SoraError on its way from the thread, which would keep no more of it than its message. */
export interface ThreadError {
  readonly code: SoraErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly fix: string;
  readonly retryable: boolean;
  readonly cause: unknown;
}

export function threadError({ code, message, details, fix, retryable, cause }: SoraError): ThreadError {
  return { code, message, details, fix, retryable, cause };
}

/** The SoraError that it was; each caller gets one of his own. */
export function errorOfThread({ code, message, ...options }: ThreadError): SoraError {
  return new SoraError(code, message, options);
}

/** What came of requests, in the order of asking; one message for each transaction. */
export interface ThreadAnswers {
  /** `undefined` for those that failed. */
  readonly values: readonly unknown[];
  readonly errors: ReadonlyMap<number, ThreadError>;
  readonly bells: readonly StoreBell[];
}

/** Everything a thread says: first whether it could open its file. */
export type ThreadMessage = { readonly opened: ThreadError | undefined } | ThreadAnswers;
