export type { Clock, ClockTimer } from "./time/clock.ts";
export type { Chance } from "./time/chance.ts";
export { systemChance } from "./time/chance.ts";
export { systemClock } from "./time/system-clock.ts";
export type { Duration } from "./time/duration.ts";
export { parseDuration } from "./time/duration.ts";
export type { Ids } from "./time/ids.ts";
export type { LogFields, Logger } from "./logging/logger.ts";
export type { HealthContributor } from "./health/health-contributor.ts";
export { SoraError } from "./errors/sora-error.ts";
export { errorCatalogue } from "./errors/catalogue.ts";
export type { ErrorCatalogueEntry, SoraErrorCode } from "./errors/catalogue.ts";
export { controlOf } from "./control/control-of.ts";
export type { HostDoor } from "./host/host-door.ts";
export type { HostWebOptions, WebToken } from "./host/host-web.ts";
export type { CensusLine, DurableCensus } from "./durable/durable-census.ts";
export type { DurableCounts } from "./durable/action-story.ts";
export type { EnqueuedCall } from "./durable/enqueue-call.ts";
export type { StoredCallOptions } from "./durable/stored-call-options.ts";
export type { EventWatcher, HostControl, ServiceControl } from "./control/host-control.ts";
export type { StateChange, StateWatcher } from "./control/state-change.ts";
export type { MetricsReader } from "./observe/metrics-reader.ts";
export type { HistogramPoint, MetricFamily, MetricLabels, MetricPoint } from "./observe/metric-family.ts";
export type { CallOptions, CancelSignal } from "./actions/call-options.ts";
export type { EventEnvelope } from "./events/event-envelope.ts";
export { serviceKinds } from "./definition/service-kind.ts";
export { servicePhases } from "./lifecycle/service-state.ts";
export { healthReportStatuses, healthStatuses } from "./health/health-report.ts";
export { redactText, redactValue } from "./logging/redact.ts";
export { BellBoard } from "./durable/store/bell-board.ts";
export { everyBell } from "./durable/store/durable-store.ts";
export type { DurableStore, StoreBell, StoreSurroundings, StoreTransaction } from "./durable/store/durable-store.ts";
export type {
  ActionStore,
  CancelOutcome,
  PausedQueue,
  ProgressReport,
  PurgedActions,
  RecoveredAction,
  StoredWorker,
  WorkerRenewal,
} from "./durable/store/action-store.ts";
export type { ActionFilter, ActionPage, ActionState, EnqueuedAction, NewAction, QueueCount, StoredAction, StoredError } from "./durable/store/stored-action.ts";
export { actionStates, isFinished, isRetryable } from "./durable/store/stored-action.ts";
export type { ClaimedAction, ClaimRequest, QueueClaim, QueueGroup, QueueRate, Settlement, WorkerTurn, WorkerTurnAnswer } from "./durable/store/worker-turn.ts";
export type { Lease, LeaseStore } from "./durable/store/lease-store.ts";
export type { DueSchedules, NewSchedule, ScheduleFilter, ScheduleFire, ScheduleStore, StoredSchedule } from "./durable/store/schedule-store.ts";
export type { Tick, TickAnswer, TickStore } from "./durable/store/tick-store.ts";
export type { NewOutboxEntry, OutboxEntry, OutboxReport, OutboxStore } from "./durable/store/outbox-store.ts";
export { parseQueueName, queueName } from "./durable/store/queue-name.ts";
export type { QueueParts } from "./durable/store/queue-name.ts";
