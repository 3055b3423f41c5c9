import { errorCatalogue } from "../errors/catalogue.ts";
import { SoraError } from "../errors/sora-error.ts";
import { decodeValue } from "../serialization/decode-value.ts";
import { deadlineOf, decodeEnvelope } from "./action-envelope.ts";
import { strandedBy } from "./store/chain-stopped.ts";
import { parseQueueName } from "./store/queue-name.ts";
import type { CancelOutcome } from "./store/action-store.ts";
import type { ActionState, StoredAction, StoredError } from "./store/stored-action.ts";

/** A stored action as it stands. Times are milliseconds since the epoch, on the store's clock. */
export interface ActionStatus {
  readonly id: string;
  readonly service: string;
  readonly action: string;
  /** Version of its parameters. */
  readonly version: number;
  readonly state: ActionState;
  readonly priority: number;
  /** Attempts begun. */
  readonly attempt: number;
  /** Attempts allowed, the first included. */
  readonly attempts: number;
  readonly enqueuedAt: number;
  /** When it may begin, or might have. */
  readonly dueAt: number;
  /** Of the latest attempt. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  /** Of the latest attempt that failed. */
  readonly error?: StoredError;
  /** What its handler last told. */
  readonly progress?: unknown;
  /** The key it keeps its order by, as it was given. */
  readonly key?: string;
  readonly correlationId?: string;
  /** Whether it was asked to be cancelled while it runs. */
  readonly cancelRequested: boolean;
}

/** Stands for an action that was stored: it happens whatever becomes of this process, and this is how to learn of it. */
export interface ActionReceipt<Result = unknown> {
  readonly id: string;
  /** @throws SoraError `SORA_ACTION_NOT_STORED` once its retention is over. */
  status(): Promise<ActionStatus>;
  /** What its handler last told by `context.progress(value)`; `undefined` where it told nothing. */
  progress(): Promise<unknown>;
  /**
   * The outcome, from any process that shares the store, as soon as it is there. Where the host stops before, whoever waits hears of it at the end of the stop; the action is none the worse for it.
   *
   * @throws SoraError `SORA_ACTION_DEAD` with its cause, `SORA_ACTION_CANCELLED`, `SORA_ACTION_NOT_STORED`, `SORA_HOST_NOT_RUNNING` once the host has stopped; the signal's reason, while the
   *   action goes on.
   */
  result(options?: { readonly signal?: AbortSignal }): Promise<Result>;
  /** What runs has its signal aborted, wherever it runs; what waits never begins. */
  cancel(): Promise<CancelOutcome>;
}

/** What the status says of a stored action. */
export function actionStatus(action: StoredAction): ActionStatus {
  const { startedAt, finishedAt, error, key, progress } = action;
  const correlationId = correlationOf(action);
  const queue = parseQueueName(action.queue);
  return {
    id: action.id,
    ...queue,
    state: action.state,
    priority: action.priority,
    attempt: action.attempt,
    attempts: action.attempts,
    enqueuedAt: action.enqueuedAt,
    dueAt: action.dueAt,
    ...(startedAt === undefined ? undefined : { startedAt }),
    ...(finishedAt === undefined ? undefined : { finishedAt }),
    ...(error === undefined ? undefined : { error }),
    ...(progress === undefined ? undefined : { progress: decodeValue(progress) }),
    ...(key === undefined ? undefined : { key: givenKey(key, queue.service) }),
    ...(correlationId === undefined ? undefined : { correlationId }),
    cancelRequested: action.cancelRequested,
  };
}

/** As it was given: the store has it with the name of the service, which it belongs to. */
function givenKey(key: string, service: string): string {
  return key.startsWith(`${service}:`) ? key.slice(service.length + 1) : key;
}

/** `undefined` where what it was stored with cannot be read. */
function correlationOf({ envelope }: Pick<StoredAction, "envelope">): string | undefined {
  try {
    return decodeEnvelope(envelope).correlationId;
  } catch {
    return undefined;
  }
}

/** The value that a finished action has come to. @throws SoraError where it has come to none. */
export function resultOf(id: string, action: StoredAction | undefined): unknown {
  if (action === undefined) throw notStored(id);
  if (action.state === "completed") return decodeValue(action.result);
  const { service, action: name } = parseQueueName(action.queue);
  const details = { id, service, action: name, attempts: action.attempt };
  if (action.state === "cancelled") throw cancelledError(`Action ${service}.${name} (${id}) was cancelled.`, details, strandedBy(action));
  const { error } = action;
  const fate = error?.code === "SORA_ACTION_EXPIRED" ? "expired" : `failed for good after ${action.attempt} of ${action.attempts} attempts`;
  throw new SoraError("SORA_ACTION_DEAD", `Action ${service}.${name} (${id}) has ${fate}: ${error?.message ?? "nothing is known of why"}`, {
    details: error?.code === undefined ? details : { ...details, code: error.code },
    ...fixOf(action),
    ...(error === undefined ? undefined : { cause: causeOf(error) }),
  });
}

function cancelledError(what: string, details: Readonly<Record<string, unknown>>, error: StoredError | undefined): SoraError {
  if (error === undefined) return new SoraError("SORA_ACTION_CANCELLED", what, { details });
  return new SoraError("SORA_ACTION_CANCELLED", `${what} ${error.message}`, {
    details: { ...details, code: error.code },
    fix: errorCatalogue.SORA_CHAIN_STOPPED.fix,
    cause: causeOf(error),
  });
}

/** What to do where the action has no time left, now or from some time on. */
export const enqueueAnew = "Enqueue it anew, with a later deadline or none: one whose deadline is over is never begun.";

/** The last that a `Date` can be. */
const latestDate = 8.64e15;

function fixOf(action: StoredAction): { readonly fix: string } | undefined {
  if (action.error?.code === "SORA_ACTION_EXPIRED") return { fix: enqueueAnew };
  const deadline = deadlineOf(action);
  if (deadline > latestDate) return undefined;
  const until = new Date(deadline).toISOString();
  return {
    fix: `Read the cause and correct it. The action can be tried again until its deadline, ${until}: \`sora actions retry <id>\`. After that, enqueue it anew.`,
  };
}

/** What was thrown in another process, by its message: no class is made from what a store says. */
function causeOf(error: StoredError): Error {
  return Object.assign(new Error(error.message), error.code === undefined ? undefined : { code: error.code });
}

export function notStored(id: string): SoraError {
  return new SoraError("SORA_ACTION_NOT_STORED", `There is no stored action "${id.slice(0, 80)}".`, { details: { id: id.slice(0, 200) } });
}
