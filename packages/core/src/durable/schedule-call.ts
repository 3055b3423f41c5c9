import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { decodeValue } from "../serialization/decode-value.ts";
import { decodeEnvelope } from "./action-envelope.ts";
import { liftParameters } from "./lift-parameters.ts";
import { newActions } from "./new-action.ts";
import { encodeRecurrence, nextTick } from "./schedule-recurrence.ts";
import { scheduleStatus } from "./stored-schedules.ts";
import { parseQueueName } from "./store/queue-name.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ActionOptions } from "../definition/action-definition.ts";
import type { DurableRuntime } from "./durable-runtime.ts";
import type { StoredCallRequest } from "./new-action.ts";
import type { ScheduleRecurrence } from "./schedule-recurrence.ts";
import type { ScheduleStatus } from "./stored-schedules.ts";
import type { NewSchedule, StoredSchedule } from "./store/schedule-store.ts";
import type { NewAction } from "./store/stored-action.ts";

/** A schedule that was made or changed. */
export interface ScheduledCall {
  readonly status: ScheduleStatus;
  readonly isNew: boolean;
}

/**
 * Makes or changes a schedule by which the action is enqueued again and again. With `keep`, what the request does not say (parameters, priority, timeout, metadata, retry) stays as the schedule has
 * it, where that is for the same action.
 *
 * @throws SoraError as the fluent API's `schedule` says.
 */
export async function scheduleCall(
  runtime: DurableRuntime,
  parent: WorkContext | undefined,
  request: StoredCallRequest,
  id: string,
  recurrence: ScheduleRecurrence,
  keep: boolean,
): Promise<ScheduledCall> {
  const { store, host, schedules } = runtime;
  const [action] = await newActions(host, parent, [keep ? await completed(runtime, request, id) : request], "schedule");
  const { queue, parameters, envelope, priority, attempts } = action as NewAction;
  const now = await store.now(); // by the store's clock, on which it comes due
  const nextAt = nextTick(recurrence, now);
  const schedule: NewSchedule = {
    id,
    ...parseQueueName(queue),
    recurrence: encodeRecurrence(recurrence),
    ...(parameters === undefined ? undefined : { parameters }),
    envelope,
    priority,
    attempts,
    ...(nextAt === undefined ? undefined : { nextAt }),
  };
  const isNew = await store.schedules.put(schedule);
  schedules?.look();
  // where somebody has removed it since, what was put is told
  const stored = (await store.schedules.get(id)) ?? { ...schedule, paused: false, createdAt: now };
  return { status: scheduleStatus(stored), isNew };
}

/** The request, with what it does not say taken from the schedule. */
async function completed({ store, host }: DurableRuntime, request: StoredCallRequest, id: string): Promise<StoredCallRequest> {
  const known = await store.schedules.get(id);
  if (known === undefined) return request;
  const service = host.registry.find(request.target);
  if (known.service !== service.name || known.action !== request.action) return request;
  const { retry, timeout, metadata } = decodeEnvelope(known.envelope);
  return {
    ...request,
    parameters: request.parameters === undefined ? await keptParameters(known, service.action(known.action).definition.options) : request.parameters,
    options: {
      priority: known.priority,
      ...(timeout === undefined ? undefined : { timeout }),
      ...(metadata === undefined ? undefined : { metadata }),
      ...request.options,
    },
    stored: { ...(retry === undefined ? undefined : { retry }), ...request.stored },
  };
}

/** What the schedule calls its action with, in the version that the action has here. */
async function keptParameters({ id, service, action, version, parameters }: StoredSchedule, options: ActionOptions): Promise<unknown> {
  const current = options.version ?? 1;
  try {
    if (version > current) throw new TypeError(`They are of version ${version}, and the action here is of version ${current}.`);
    return await liftParameters(decodeValue(parameters), version, options);
  } catch (error) {
    throw new SoraError(
      "SORA_PARAMETERS_INVALID",
      `Cannot keep what the schedule "${id.slice(0, 80)}" calls ${service}.${action} with: ${describeError(error)}`,
      {
        fix: "Give the parameters, as the action takes them now.",
        details: { service, action, issues: [{ path: [], message: "cannot be kept" }] },
        cause: error,
      },
    );
  }
}
