import { serviceEvent } from "../events/service-event.ts";
import { type } from "../definition/type.ts";
import type { ServiceEvent } from "../events/service-event.ts";
import type { ActionState, StoredError } from "./store/stored-action.ts";

/** A stored action whose state has changed. */
export interface ActionChangedArgs {
  readonly id: string;
  readonly service: string;
  readonly action: string;
  /** Attempts begun so far. */
  readonly attempt: number;
  readonly attempts: number;
  readonly correlationId: string;
}

/** The same with what went wrong. */
export interface ActionFailedArgs extends ActionChangedArgs {
  readonly error: StoredError;
}

/** A failed attempt that is followed by another. */
export interface ActionRetriedArgs extends ActionFailedArgs {
  /** Milliseconds until it may begin. */
  readonly delay: number;
}

/** One that had ended, or waited for its next attempt, and has all its attempts again. */
export interface ActionRedrivenArgs extends ActionChangedArgs {
  /** The state it was in. */
  readonly before: ActionState;
}

/** What the service `DurableActions` tells, on the host where it happened. */
export const DurableEvents: {
  readonly Enqueued: ServiceEvent<ActionChangedArgs>;
  readonly Started: ServiceEvent<ActionChangedArgs>;
  readonly Completed: ServiceEvent<ActionChangedArgs>;
  readonly Failed: ServiceEvent<ActionRetriedArgs>;
  readonly Dead: ServiceEvent<ActionFailedArgs>;
  readonly Cancelled: ServiceEvent<ActionChangedArgs>;
  readonly Redriven: ServiceEvent<ActionRedrivenArgs>;
} = Object.freeze({
  /** Stored; once this is emitted it will happen. */
  Enqueued: serviceEvent("ActionEnqueued", type<ActionChangedArgs>()),
  /** The handler begins an attempt. */
  Started: serviceEvent("ActionStarted", type<ActionChangedArgs>()),
  /** Its outcome is stored. */
  Completed: serviceEvent("ActionCompleted", type<ActionChangedArgs>()),
  /** An attempt has failed, or its worker was lost, and another follows. */
  Failed: serviceEvent("ActionFailed", type<ActionRetriedArgs>()),
  /** It has failed for good. */
  Dead: serviceEvent("ActionDead", type<ActionFailedArgs>()),
  Cancelled: serviceEvent("ActionCancelled", type<ActionChangedArgs>()),
  /** Somebody has had it tried again. */
  Redriven: serviceEvent("ActionRedriven", type<ActionRedrivenArgs>()),
});
