import { type } from "../definition/type.ts";
import { serviceEvent } from "./service-event.ts";
import type { ServiceEvent } from "./service-event.ts";

export interface FlowEntityProcessedEventArgs {
  readonly entityId: string;
  readonly entityType: string;
}

export interface FlowEntityParkedEventArgs {
  readonly entityId: string;
  readonly entityType: string;
  /** Why it waits for a person or a later run. */
  readonly reason: string;
}

export interface FlowEntityFailedEventArgs {
  readonly entityId: string;
  readonly entityType: string;
  readonly error: string;
}

export interface ProbeScheduledEventArgs {
  /** When the probes began, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** The contributors probed together. */
  readonly services: readonly string[];
}

export interface ProbeBroadcastEventArgs {
  /** True where `force-probe` asked for it. */
  readonly forced: boolean;
  /** When every probe had answered or run out of time, in milliseconds since the epoch. */
  readonly timestamp: number;
}

export interface OutboxProcessedEventArgs {
  readonly processedCount: number;
}

export interface OutboxFailedEventArgs {
  readonly error: string;
}

export interface MessagingReadyEventArgs {
  /** In milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface MessagingFailedEventArgs {
  readonly error: string;
}

export interface TranslationEventArgs {
  readonly fileId: string;
  readonly from: string;
  readonly to: string;
}

export interface TranslationErrorArgs {
  readonly fileId: string;
  readonly error: string;
}

/** The events that Sora's own services and the reference's examples share, each with the type of its arguments. Names are group and member: `"TranslationCompleted"`. */
export const SoraServiceEvents: {
  readonly Flow: {
    readonly EntityProcessed: ServiceEvent<FlowEntityProcessedEventArgs, FlowEntityProcessedEventArgs, "FlowEntityProcessed">;
    readonly EntityParked: ServiceEvent<FlowEntityParkedEventArgs, FlowEntityParkedEventArgs, "FlowEntityParked">;
    readonly EntityFailed: ServiceEvent<FlowEntityFailedEventArgs, FlowEntityFailedEventArgs, "FlowEntityFailed">;
  };
  readonly Health: {
    readonly ProbeScheduled: ServiceEvent<ProbeScheduledEventArgs, ProbeScheduledEventArgs, "HealthProbeScheduled">;
    readonly ProbeBroadcast: ServiceEvent<ProbeBroadcastEventArgs, ProbeBroadcastEventArgs, "HealthProbeBroadcast">;
  };
  readonly Outbox: {
    readonly Processed: ServiceEvent<OutboxProcessedEventArgs, OutboxProcessedEventArgs, "OutboxProcessed">;
    readonly Failed: ServiceEvent<OutboxFailedEventArgs, OutboxFailedEventArgs, "OutboxFailed">;
  };
  readonly Messaging: {
    readonly Ready: ServiceEvent<MessagingReadyEventArgs, MessagingReadyEventArgs, "MessagingReady">;
    readonly Failed: ServiceEvent<MessagingFailedEventArgs, MessagingFailedEventArgs, "MessagingFailed">;
  };
  readonly Translation: {
    readonly Started: ServiceEvent<TranslationEventArgs, TranslationEventArgs, "TranslationStarted">;
    readonly Completed: ServiceEvent<TranslationEventArgs, TranslationEventArgs, "TranslationCompleted">;
    readonly Failed: ServiceEvent<TranslationErrorArgs, TranslationErrorArgs, "TranslationFailed">;
  };
} = Object.freeze({
  Flow: Object.freeze({
    EntityProcessed: serviceEvent("FlowEntityProcessed", type<FlowEntityProcessedEventArgs>()),
    EntityParked: serviceEvent("FlowEntityParked", type<FlowEntityParkedEventArgs>()),
    EntityFailed: serviceEvent("FlowEntityFailed", type<FlowEntityFailedEventArgs>()),
  }),
  Health: Object.freeze({
    ProbeScheduled: serviceEvent("HealthProbeScheduled", type<ProbeScheduledEventArgs>()),
    ProbeBroadcast: serviceEvent("HealthProbeBroadcast", type<ProbeBroadcastEventArgs>()),
  }),
  Outbox: Object.freeze({
    Processed: serviceEvent("OutboxProcessed", type<OutboxProcessedEventArgs>()),
    Failed: serviceEvent("OutboxFailed", type<OutboxFailedEventArgs>()),
  }),
  Messaging: Object.freeze({
    Ready: serviceEvent("MessagingReady", type<MessagingReadyEventArgs>()),
    Failed: serviceEvent("MessagingFailed", type<MessagingFailedEventArgs>()),
  }),
  Translation: Object.freeze({
    Started: serviceEvent("TranslationStarted", type<TranslationEventArgs>()),
    Completed: serviceEvent("TranslationCompleted", type<TranslationEventArgs>()),
    Failed: serviceEvent("TranslationFailed", type<TranslationErrorArgs>()),
  }),
});
