export { defineService } from "./definition/define-service.ts";
export { SoraBackgroundService, SoraPeriodicService, SoraStartupService } from "./definition/sora-background-service.ts";
export type { SoraPokableService } from "./definition/sora-background-service.ts";
export { ServiceAction } from "./definition/service-action.ts";
export { ServiceEvent } from "./definition/service-event-decorator.ts";
export { SoraBackgroundServiceBase } from "./definition/sora-background-service-base.ts";
export { SoraFluentServiceBase } from "./definition/sora-fluent-service-base.ts";
export { SoraPeriodicServiceBase, SoraPokablePeriodicServiceBase } from "./definition/sora-periodic-service-base.ts";
export { serviceContract } from "./definition/service-contract.ts";
export { definitionOf } from "./definition/definition-of.ts";
export { kebabCase } from "./definition/names.ts";
export { type } from "./definition/type.ts";
export type { ActionDefinition, ActionOptions } from "./definition/action-definition.ts";
export type { ServiceClassDecorator } from "./definition/class-decorator.ts";
export type { ServiceActionDecorator } from "./definition/service-action.ts";
export type { ServiceEventDecorator, ServiceEventOptions } from "./definition/service-event-decorator.ts";
export type { KebabCase } from "./definition/names.ts";
export type { Retry } from "./definition/retry.ts";
export type { Parsed } from "./definition/schema.ts";
export type { ServiceSpec } from "./definition/define-service.ts";
export type { ContractAction, ContractShape, ContractSpec, ServiceContract } from "./definition/service-contract.ts";
export type { ServiceDefinition } from "./definition/service-definition.ts";
export type { ServiceKind } from "./definition/service-kind.ts";
export type {
  MisfireOption,
  OverlapPolicy,
  RestartOptions,
  ServiceDependency,
  ServiceLifetime,
  SoraBackgroundServiceOptions,
  SoraPeriodicServiceOptions,
  SoraStartupServiceOptions,
} from "./definition/service-options.ts";

export { serviceEvent } from "./events/service-event.ts";
export type { ServiceEvent as DeclaredEvent } from "./events/service-event.ts";
export { SoraServiceEvents } from "./events/service-events.ts";
export type * from "./events/service-events.ts";
export type { Subscription, SubscriptionStats } from "./events/subscription.ts";

export { SoraServices } from "./fluent/sora-services.ts";
export type {
  CallOptionSteps,
  EventHandler,
  OverflowPolicy,
  EnqueueSteps,
  ServiceBatchBuilder,
  ServiceActionBuilder,
  ServiceBuilder,
  ServiceEventBuilder,
  ServiceMixedActionBuilder,
  ServiceQueryBuilder,
  ServiceStoredActionBuilder,
  ServiceSubscriptionBuilder,
  StoredCallSteps,
} from "./fluent/builders.ts";
export type { ServiceClientFactory } from "./fluent/service-client-factory.ts";
export type { BatchParameters, PeriodicCommands, ServiceTarget, ShapeOf } from "./fluent/shape-of.ts";

export { addSora, SoraHost } from "./host/sora-host.ts";
export type { HostLifetime } from "./host/host-lifetime.ts";
export type { ServiceSource, SoraHostOptions } from "./host/host-options.ts";
export type { HostWeb, HostWebOptions, WebToken } from "./host/host-web.ts";
export type { StopReport } from "./host/stop-host.ts";

export type { ActionContext } from "./actions/action-context.ts";
export type { EventContext } from "./actions/event-context.ts";
export type { InterceptedCall, InterceptedEvent, InterceptedRun, Interceptor } from "./actions/interceptor.ts";
export type { RunContext } from "./actions/run-context.ts";
export type { CallMetadata, ServiceContext } from "./actions/service-context.ts";

export { SoraServiceActions } from "./commands/service-actions.ts";
export { CheckQueueCommand, HealthCheckCommand, ProcessBatchCommand, ServiceCommand, StatusCommand, TriggerNowCommand } from "./commands/service-command.ts";
export type { ServiceCommandType } from "./commands/service-command.ts";
export { ServiceCommandBus } from "./commands/service-command-bus.ts";

export { HealthReport } from "./health/health-report.ts";
export { healthProbeScheduler } from "./health/health-probe-scheduler.ts";
export type { AggregateHealth } from "./health/aggregate-health.ts";
export type { HealthContributor } from "./health/health-contributor.ts";
export type { HealthStatus } from "./health/health-report.ts";
export type { Liveness, Readiness } from "./health/readiness.ts";
export type { ServiceHealth } from "./health/service-health.ts";

export type { ExplainedRun } from "./schedule/explain.ts";
export type { ServicePhase, ServiceState } from "./lifecycle/service-state.ts";
export type { ServiceStatus } from "./lifecycle/service-status.ts";
export type { ActionInfo, EventInfo, ServiceInfo } from "./lifecycle/service-info.ts";

export { Clock, Configuration, Logger } from "./injection/host-tokens.ts";
export { inject } from "./injection/inject.ts";
export { token } from "./injection/token.ts";
export type { Injectable, Token } from "./injection/token.ts";
export type { InjectionScope, ProvideOptions, Provider } from "./injection/provider.ts";

export { ActionTimeoutError } from "./errors/action-timeout-error.ts";
export { DependencyUnavailableError } from "./errors/dependency-unavailable-error.ts";
export { SoraError } from "./errors/sora-error.ts";
export type { SoraErrorCode } from "./errors/catalogue.ts";

export { createPinoLogger } from "./logging/pino-logger.ts";
export type { LogFields } from "./logging/logger.ts";
export { createMemoryStore } from "./durable/memory/memory-store.ts";
export type { MemoryStoreOptions } from "./durable/memory/memory-store.ts";
export { delay, periodicTimer } from "./host/delay.ts";
export type { Duration } from "./time/duration.ts";
export type { PeriodicTick } from "./time/periodic-timer.ts";

export { outboxProcessor } from "./outbox/outbox-processor.ts";
export type { OutboxProcessorOptions } from "./outbox/outbox-processor.ts";
export { outboxRoute } from "./outbox/outbox-route.ts";
export type { OutboxPublisher, OutboxRoute } from "./outbox/outbox-route.ts";
export type { OutboxMessage } from "./outbox/outbox-message.ts";
export { Outbox } from "./outbox/outbox.ts";
export type { DeadMessage, OutboxAppendOptions } from "./outbox/outbox.ts";
export type { OutboxBatch } from "./outbox/outbox-relay.ts";

export { DurableEvents } from "./durable/durable-events.ts";
export type { ActionChangedArgs, ActionFailedArgs, ActionRedrivenArgs, ActionRetriedArgs } from "./durable/durable-events.ts";
export type { BatchReceipt } from "./durable/batch-receipt.ts";
export type { ActionReceipt, ActionStatus } from "./durable/action-receipt.ts";
export { StoredActions } from "./durable/stored-actions.ts";
export type { ActionQuery, ActionStatusPage } from "./durable/stored-actions.ts";
export type { ScheduleOptions, ScheduleRecurrence } from "./durable/schedule-recurrence.ts";
export { StoredSchedules } from "./durable/stored-schedules.ts";
export type { ScheduleQuery, ScheduleStatus } from "./durable/stored-schedules.ts";
export type { StoredRetry } from "./durable/retry-policy.ts";
export type { DebounceOptions } from "./durable/stored-call-options.ts";
export type { RetentionOptions, WorkerOptions } from "./durable/worker-options.ts";
export type { CancelOutcome, PausedQueue } from "./durable/store/action-store.ts";
export type { StoreOption } from "./durable/durable-slot.ts";
export type { DurableStore } from "./durable/store/durable-store.ts";
export type { ActionFilter, ActionState, StoredError } from "./durable/store/stored-action.ts";
