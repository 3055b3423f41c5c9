import { isRun } from "../commands/built-in-command.ts";
import { ActionTimeoutError } from "../errors/action-timeout-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { describeError } from "../errors/describe-error.ts";
import { decodeValue } from "../serialization/decode-value.ts";
import { encodeValue } from "../serialization/encode-value.ts";
import { parseDuration } from "../time/duration.ts";
import { deadlineIn } from "./action-envelope.ts";
import { liftParameters } from "./lift-parameters.ts";
import { mayRetry, retryDelay } from "./retry-policy.ts";
import type { ActionOptions } from "../definition/action-definition.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { RunningAction } from "./running-action.ts";
import type { StoredError } from "./store/stored-action.ts";
import type { Settlement } from "./store/worker-turn.ts";
import type { Retention } from "./worker-options.ts";

/** How an attempt ended, in the terms of the store. */
export interface AttemptOutcome {
  readonly settlement: Settlement;
  /** What was thrown, for the log. */
  readonly error?: unknown;
  /** More calls than may wait for its turn here already, so that it would be refused again at once. */
  readonly crowded?: true;
}

/** Waits for the lifting of parameters no longer than for the action itself, nor past its end. */
async function inTime(host: HostKernel, run: RunningAction, lifting: Promise<unknown>, own: number, left: number): Promise<unknown> {
  const { service, action } = run.parts;
  const { promise: over, reject } = Promise.withResolvers<never>();
  const aborted = (): void => reject(run.signal.reason);
  const timeout = Math.min(own, left);
  const tooLate = (): void => reject(new ActionTimeoutError(service, action, timeout, "running", left < own));
  const timer = timeout === Infinity ? undefined : host.clock.setTimer(tooLate, timeout);
  run.signal.addEventListener("abort", aborted);
  if (run.signal.aborted) aborted();
  try {
    return await Promise.race([lifting, over]);
  } finally {
    timer?.cancel();
    run.signal.removeEventListener("abort", aborted);
  }
}

/** Who is told of an attempt's handler. */
export interface HandlerWatcher {
  /** It begins. */
  readonly began: () => void;
  /** It has ended: after the outcome of the attempt where it does not heed its signal. */
  readonly ended: () => void;
}

/** Runs a claimed action once, through the one way in. Never rejects. */
export async function attempt(host: HostKernel, run: RunningAction, now: number, retention: Retention, watcher: HandlerWatcher): Promise<AttemptOutcome> {
  const { claimed, envelope, parts } = run;
  const key = { id: claimed.id, fence: claimed.fence };
  const began = host.clock.now();
  let options: ActionOptions | undefined;
  let stopWatching: (() => void) | undefined;
  try {
    if (envelope === undefined) throw new SyntaxError("Cannot read what the action was stored with; it was stored by a newer version, or is damaged.");
    const left = deadlineIn(envelope, claimed.enqueuedAt) - now;
    if (left <= 0) return { settlement: { ...key, kind: "dead", error: storedError(expired(run, true), claimed.attempt, now), keepFor: retention.dead } };
    const action = host.registry.find(parts.service).action(parts.action);
    options = action.definition.options;
    const heartbeat = options.heartbeat === undefined ? undefined : parseDuration(options.heartbeat, "heartbeat");
    const timeout = envelope.timeout ?? action.timeout ?? Infinity;
    const parameters = liftParameters(decodeValue(claimed.parameters), parts.version, options);
    const result = await action.call(parameters instanceof Promise ? await inTime(host, run, parameters, timeout, left) : parameters, undefined, {
      priority: claimed.priority,
      correlationId: envelope.correlationId,
      metadata: envelope.metadata,
      timeout,
      left,
      signal: run.signal,
      stored: run,
      began: () => {
        if (heartbeat !== undefined) stopWatching = run.watchHeartbeat(host.clock, heartbeat);
        run.handler = "at work";
        watcher.began();
      },
      ended: () => {
        run.handler = "over";
        watcher.ended();
      },
    });
    return { settlement: completed(run, encodeValue(result, "result"), retention.completed) };
  } catch (error) {
    const stored = storedError(error, claimed.attempt, host.clock.now());
    if (run.cancelled) return { settlement: { ...key, kind: "cancelled", error: stored, keepFor: retention.cancelled } };
    if (wasNotTried(host, run, error)) return { settlement: { ...key, kind: "released" } };
    if (envelope !== undefined && deadlineIn(envelope, claimed.enqueuedAt) <= host.clock.now() + now - began)
      return {
        settlement: { ...key, kind: "dead", error: storedError(expired(run, run.waits), claimed.attempt, host.clock.now()), keepFor: retention.dead },
        error,
      };
    // here there was no room for it, elsewhere there may be
    if (run.waits && SoraError.is(error, "SORA_ACTION_TIMEOUT")) return { settlement: { ...key, kind: "released" } };
    if (run.waits && SoraError.is(error, "SORA_OVERLOADED")) return { settlement: { ...key, kind: "released" }, crowded: true };
    if (claimed.attempt >= claimed.attempts || isFinal(run, error) || !mayRetry(options?.retry, error))
      return { settlement: { ...key, kind: "dead", error: stored, keepFor: retention.dead }, error };
    return { settlement: { ...key, kind: "failed", error: stored, delay: delayAfter(host, run, options) }, error };
  } finally {
    stopWatching?.();
  }
}

function completed({ id, claimed: { fence } }: RunningAction, result: string | undefined, keepFor: number): Settlement {
  return result === undefined ? { id, fence, kind: "completed", keepFor } : { id, fence, kind: "completed", result, keepFor };
}

/** `early` is before the handler began, in this attempt. */
function expired({ parts: { service, action }, claimed: { attempt } }: RunningAction, early: boolean): SoraError {
  const when = early ? (attempt === 1 ? "it began" : `attempt ${attempt} began`) : "it had ended";
  return new SoraError("SORA_ACTION_EXPIRED", `The deadline of ${service}.${action} was over before ${when}.`, { details: { service, action } });
}

/** The custom backoff of a user may throw, which must not lose the outcome. */
function delayAfter({ chance, logger }: HostKernel, run: RunningAction, options: ActionOptions | undefined): number {
  const drawn = chance.next();
  try {
    return retryDelay(run.envelope?.retry, options?.retry, run.attempt, drawn);
  } catch (error) {
    const { service, action } = run.parts;
    logger.warn(`The backoff of ${service}.${action} cannot be used after attempt ${run.attempt}: ${describeError(error)}`, { id: run.id, error });
    return retryDelay(run.envelope?.retry, undefined, run.attempt, drawn);
  }
}

/** Whether it is the end of the host or of the service that kept it from its outcome, or the run of a singleton that is another host's: none of it is its fault. */
function wasNotTried(host: HostKernel, { parts }: RunningAction, error: unknown): boolean {
  if (host.stopping && (SoraError.is(error, "SORA_HOST_NOT_RUNNING") || SoraError.is(error, "SORA_SERVICE_UNAVAILABLE") || host.workSignal.aborted))
    return true;
  if (!SoraError.is(error, "SORA_SERVICE_UNAVAILABLE") && !SoraError.is(error, "SORA_SERVICE_DISABLED")) return false;
  if (error.details["service"] !== parts.service || !host.registry.has(parts.service)) return false;
  const service = host.registry.find(parts.service);
  if (error.details["singleton"] === true && isRun(service, parts.action)) return true;
  const { phase } = service.state;
  return phase !== "running" && phase !== "completed"; // else it would be claimed again at once, and refused again
}

/** What trying again cannot cure: parameters that its own schema refuses, a result that cannot be stored. */
function isFinal({ parts }: RunningAction, error: unknown): boolean {
  if (SoraError.is(error, "SORA_RESULT_NOT_SERIALIZABLE")) return true;
  return SoraError.is(error, "SORA_PARAMETERS_INVALID") && error.details["service"] === parts.service && error.details["action"] === parts.action;
}

function storedError(error: unknown, attempt: number, at: number): StoredError {
  const code = SoraError.is(error) ? error.code : undefined;
  const message = describeError(error).slice(0, 10_000);
  return code === undefined ? { message, attempt, at } : { message, code, attempt, at };
}
