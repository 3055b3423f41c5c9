import { checkDeadline, checkedDelay, checkedKey, limits } from "@sora/core/internal";
import type { CallOptions, ServiceControl, StoredCallOptions } from "@sora/core/adapter";
import { SoraError } from "@sora/core";
import type { ActionStatus, Duration } from "@sora/core";
import { refusal } from "../http/http-problem.ts";
import { toProblem } from "../http/to-problem.ts";
import { unusable } from "../routing/read-query.ts";
import { json } from "../routing/reply.ts";
import type { StoredCall } from "../answers/call-answers.ts";
import type { Exchange, RoutedExchange } from "../routing/exchange.ts";
import type { Reply } from "../routing/reply.ts";

type Correlated = CallOptions & { readonly correlationId: string };

/** What the query may say of a call that is stored. */
export const storedCallNames = ["delay", "deadline", "key", "priority", "attempts"] as const;

/**
 * Stores the call and answers 202, with a `Location` that tells what becomes of it from any host that shares the store. Once it has answered, the action happens. Where one with the same key is stored
 * already, the answer is that one's.
 *
 * @throws HttpProblem 400 for an option that cannot be, or parameters that do not fit; 404 for an action that there is none of; 422 where the key was stored with other parameters; 503 where
 *   the store cannot be reached.
 */
export async function storeCall(
  exchange: RoutedExchange,
  service: ServiceControl,
  action: string,
  parameters: unknown,
  options: Correlated,
  key: string | undefined,
): Promise<Reply> {
  const { priority, ...stored } = storedOptions(exchange, key);
  const { request } = exchange;
  const { correlationId } = options;
  try {
    const { receipt, outcome, same } = await service.enqueue(action, parameters, priority === undefined ? options : { ...options, priority }, stored);
    if (!same) throw refusal("SORA_IDEMPOTENCY_MISMATCH", "An action with this Idempotency-Key was stored with other parameters before.");
    if (outcome !== "existing") return accepted(request, receipt.id, stored.delay === undefined ? "waiting" : "delayed", correlationId);
    const status = await receipt.status();
    return accepted(request, receipt.id, status.state, status.correlationId ?? correlationId, { "idempotency-replayed": "true" });
  } catch (error) {
    // its retention ended between two questions: the key is free
    if (SoraError.is(error, "SORA_ACTION_NOT_STORED")) return storeCall(exchange, service, action, parameters, options, key);
    throw SoraError.is(error) ? toProblem(error, { service: service.name, action, correlationId }) : error;
  }
}

/** A call that is waited for begins now: what is said of its beginning would be passed over. @throws HttpProblem 400 */
export function refuseStoredOptions({ query }: RoutedExchange): void {
  const [name] = Object.keys(query);
  if (name !== undefined) throw unusable(name, "it is for calls that are stored: send `Prefer: respond-async`");
}

function accepted(request: Exchange, id: string, state: ActionStatus["state"], correlationId: string, more?: Readonly<Record<string, string>>): Reply {
  return json<StoredCall>({ id, state, correlationId }, 202, {
    location: `${request.base}/api/actions/${id}`,
    "preference-applied": "respond-async",
    "x-correlation-id": correlationId,
    ...more,
  });
}

function storedOptions({ query }: RoutedExchange, idempotencyKey: string | undefined): StoredCallOptions & { readonly priority?: number } {
  const { delay, deadline, key, priority, attempts } = query;
  const times = {
    ...(delay === undefined ? undefined : { delay: durationIn(delay, "delay") }),
    ...(deadline === undefined ? undefined : { deadline: durationIn(deadline, "deadline") }),
  };
  checkDeadline(times, 0); // both are from now on, whenever that is; here, where it is plainly the request's: further in, such an error may be that of an action's own call
  return {
    ...times,
    ...(key === undefined ? undefined : { key: { key: checkedKey(key, "key"), limit: 1 } }),
    ...(priority === undefined ? undefined : { priority: numberIn(priority, "priority", -limits.priority, limits.priority) }),
    ...(attempts === undefined ? undefined : { retry: { attempts: numberIn(attempts, "attempts", 1, limits.attempts) } }),
    ...(idempotencyKey === undefined ? undefined : { idempotencyKey }),
  };
}

/** `10m`, or milliseconds. @throws SoraError `SORA_DURATION_INVALID` or `SORA_OPTION_INVALID`. */
function durationIn(text: string, what: string): number {
  return checkedDelay(/^\d{1,15}$/.test(text) ? Number(text) : (text as Duration), what);
}

function numberIn(text: string, name: string, least: number, most: number): number {
  const value = /^-?\d{1,7}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw unusable(name, `it is a whole number from ${least} to ${most}`);
}
