import { ambientHost, currentContext } from "../host/ambient.ts";
import { checkedKey } from "../durable/stored-call-options.ts";
import { SoraError } from "../errors/sora-error.ts";
import type { CallOptions } from "../actions/call-options.ts";
import type { WorkContext } from "../actions/work-context.ts";
import type { ActionReceipt } from "../durable/action-receipt.ts";
import type { ScheduleOptions } from "../durable/schedule-recurrence.ts";
import type { ScheduledCall } from "../durable/schedule-call.ts";
import type { DurableRuntime } from "../durable/durable-runtime.ts";
import type { StoredCallRequest } from "../durable/new-action.ts";
import type { StoredCallOptions } from "../durable/stored-call-options.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ServiceTarget } from "./shape-of.ts";

/** Whom a chain is for. */
export interface Client {
  readonly target: string | ServiceTarget;
  readonly host: HostKernel | undefined;
  readonly parent: WorkContext | undefined;
}

/** One action of a chain. */
interface Step {
  readonly action: string;
  readonly parameters: unknown;
  readonly options: CallOptions | undefined;
  readonly stored: StoredCallOptions | undefined;
}

interface Preparation {
  readonly runtime: DurableRuntime;
  readonly parent: WorkContext | undefined;
  readonly requests: readonly StoredCallRequest[];
}

/** Stores the chain's actions on the host that the calling code works for. */
export async function enqueueChain(client: Client, steps: readonly Step[], transaction: unknown): Promise<ActionReceipt> {
  const { runtime, parent, requests } = await preparation(client, steps);
  return runtime.enqueue(parent, requests, transaction);
}

/** Stores each of the actions by itself, all of them or none. */
export async function enqueueEach(client: Client, steps: readonly Step[], transaction: unknown): Promise<readonly ActionReceipt[]> {
  const { runtime, parent, requests } = await preparation(client, steps);
  return runtime.enqueueEach(parent, requests, transaction);
}

/** What storing takes: the host that the calling code works for, its store opened, and the requests. */
async function preparation(client: Client, steps: readonly Step[]): Promise<Preparation> {
  if (steps.some(({ options }) => options?.signal !== undefined))
    throw new SoraError("SORA_OPTION_INVALID", "Cannot store a signal with an action.", { fix: "Cancel a stored action by its receipt: `receipt.cancel()`." });
  const parent = client.parent ?? currentContext();
  const host = client.host ?? ambientHost(parent);
  const runtime = await host.durable.open();
  const requests = steps.map(({ action, parameters, options, stored }) => ({ target: client.target, action, parameters, options, stored }));
  return { runtime, parent: parent?.host === host ? parent : undefined, requests };
}

/** Makes or changes a schedule for one action. With `keep`, what the step does not say stays as the schedule has it. */
export async function scheduleAction(client: Client, steps: readonly Step[], id: string, options: ScheduleOptions, keep = false): Promise<ScheduledCall> {
  const [step] = steps;
  if (step === undefined || steps.length > 1)
    throw new SoraError("SORA_OPTION_INVALID", "Cannot schedule a chain: a schedule enqueues one action.", {
      fix: "Schedule an action that enqueues the chain.",
    });
  const { delay, at, deadline, key, idempotencyKey, debounce } = step.stored ?? {};
  if ([delay, at, deadline, key, idempotencyKey, debounce].some(option => option !== undefined))
    throw new SoraError("SORA_OPTION_INVALID", "Cannot schedule an action with a delay, a deadline or a key of its own.", {
      fix: "Give priority, timeout, metadata and retry only.",
    });
  if (step.options?.signal !== undefined || step.options?.correlationId !== undefined)
    throw new SoraError("SORA_OPTION_INVALID", "Cannot schedule an action with a signal or a correlation id: each tick has an id of its own.", {
      fix: "Give priority, timeout, metadata and retry only; `host.schedules.remove(id)` ends the schedule.",
    });
  checkedKey(id, "id of a schedule");
  const { checkedSchedule } = await import("../durable/schedule-recurrence.ts");
  const recurrence = checkedSchedule(options);
  const parent = client.parent ?? currentContext();
  const host = client.host ?? ambientHost(parent);
  const runtime = await host.durable.open();
  const { scheduleCall } = await import("../durable/schedule-call.ts");
  return scheduleCall(runtime, parent?.host === host ? parent : undefined, { target: client.target, ...step }, id, recurrence, keep);
}

const steps = {
  retry: "withRetry",
  delay: "withDelay",
  at: "at",
  deadline: "withDeadline",
  key: "withKey",
  idempotencyKey: "withIdempotencyKey",
  debounce: "withDebounce",
} as const satisfies Readonly<Record<keyof StoredCallOptions, string>>;

/** What tells that options of a stored action were given to a call. */
export function onlyStored(stored: StoredCallOptions): SoraError {
  const given = (Object.keys(steps) as (keyof StoredCallOptions)[]).filter(option => stored[option] !== undefined).map(option => `\`${steps[option]}()\``);
  return new SoraError("SORA_OPTION_INVALID", `Cannot execute a call with what only a stored action has: ${given.join(", ")}.`, {
    fix: "Enqueue it: `.enqueue()` in place of `.execute()`.",
  });
}
