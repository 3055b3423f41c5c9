import { isDeepStrictEqual } from "node:util";
import { newActions } from "./new-action.ts";
import { receiptFor } from "./stored-actions.ts";
import type { ActionReceipt } from "./action-receipt.ts";
import type { DurableRuntime } from "./durable-runtime.ts";
import type { StoredCallRequest } from "./new-action.ts";
import type { EnqueuedAction, NewAction } from "./store/stored-action.ts";

/** A stored call, as a door that has to tell of it sees it. */
export interface EnqueuedCall {
  readonly receipt: ActionReceipt;
  /** `existing` where an action with its idempotency key stands for it. */
  readonly outcome: EnqueuedAction["outcome"];
  /** False where the action that stands for it was stored with other parameters, so that the key was used for two things. */
  readonly same: boolean;
}

/** Stores a call by itself, as part of nothing. @throws SoraError as the fluent API's `enqueue` says. */
export async function enqueueCall(runtime: DurableRuntime, request: StoredCallRequest): Promise<EnqueuedCall> {
  const actions = await newActions(runtime.host, undefined, [request]);
  const [stored] = await runtime.keep(actions, undefined);
  const { id, outcome } = stored as EnqueuedAction;
  const receipt = receiptFor(() => runtime.host.durable, [id]);
  return { receipt, outcome, same: outcome !== "existing" || (await isSame(runtime, id, actions[0] as NewAction)) };
}

async function isSame({ store }: DurableRuntime, id: string, { queue, parameters }: NewAction): Promise<boolean> {
  const [known] = await store.actions.get([id]);
  return known === undefined || (known.queue === queue && isSameValue(known.parameters, parameters));
}

/** Whether both are text of the same value: the order of members says nothing. */
function isSameValue(one: string | undefined, other: string | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  try {
    return isDeepStrictEqual(JSON.parse(one), JSON.parse(other));
  } catch {
    return false; // what is stored is damaged
  }
}
