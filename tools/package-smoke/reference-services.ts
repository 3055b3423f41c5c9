// The services of the reference's C# examples, carried over one by one as a user would, against the installed package.
import {
  delay,
  HealthReport,
  inject,
  periodicTimer,
  ServiceAction,
  serviceEvent,
  ServiceEvent,
  SoraBackgroundService,
  SoraBackgroundServiceBase,
  SoraFluentServiceBase,
  SoraPeriodicService,
  SoraPeriodicServiceBase,
  SoraPokablePeriodicServiceBase,
  SoraServiceActions,
  SoraServiceEvents,
  SoraServices,
  SoraStartupService,
  token,
  type,
} from "@sora/core";
import type { ActionContext, Duration } from "@sora/core";

/** Waits for the stop, as `Task.Delay(Timeout.Infinite, cancellationToken)` does. */
const untilStopped = (signal: AbortSignal): Promise<void> => new Promise(resolve => signal.addEventListener("abort", () => resolve(), { once: true }));

@SoraBackgroundService({ enabled: true, runInProduction: true })
export class SystemHealthMonitor extends SoraFluentServiceBase {
  checks = 0;
  override async executeCore(signal: AbortSignal): Promise<void> {
    for await (const _ of this.periodicTimer("5m", signal)) this.#checkSystemHealth();
  }
  @ServiceAction() async count(): Promise<number> {
    return this.checks;
  }
  #checkSystemHealth(): void {
    this.logger.info("Performing system health check...");
    this.checks++;
  }
}

export interface LogEntry {
  readonly created: number;
}
export const LogEntries = token<LogEntry[]>("LogEntries");

@SoraPeriodicService({ intervalSeconds: 3600, runOnStartup: true })
export class DataCleanupService extends SoraPeriodicServiceBase {
  override readonly period: Duration = "1h";
  override readonly runOnStartup = true;
  readonly #entries = inject(LogEntries);
  override async executePeriodic(): Promise<void> {
    this.logger.info("Starting data cleanup...");
    const cutoff = this.clock.now() - 30 * 86_400_000;
    const kept = this.#entries.filter(entry => entry.created >= cutoff);
    const deleted = this.#entries.splice(0, this.#entries.length, ...kept).length - kept.length;
    this.logger.info("Data cleanup completed", { deleted });
  }
}

export interface TranslationOptions {
  readonly fileId: string;
  readonly from: string;
  readonly to: string;
}

@SoraBackgroundService({ runInProduction: true })
@ServiceEvent(SoraServiceEvents.Translation.Started)
@ServiceEvent(SoraServiceEvents.Translation.Completed)
@ServiceEvent(SoraServiceEvents.Translation.Failed)
export class TranslationService extends SoraFluentServiceBase {
  override async executeCore(signal: AbortSignal): Promise<void> {
    await untilStopped(signal);
  }
  @ServiceAction("translate", { requiresParameters: true, parameters: type<TranslationOptions>() })
  async translate(options: TranslationOptions, { signal }: ActionContext): Promise<void> {
    this.logger.info("Starting translation", { from: options.from, to: options.to });
    await this.emit(SoraServiceEvents.Translation.Started, options);
    try {
      signal.throwIfAborted();
      if (options.to === "xx") throw new Error("no such language");
      await this.emit(SoraServiceEvents.Translation.Completed, options);
    } catch (error) {
      await this.emit(SoraServiceEvents.Translation.Failed, { fileId: options.fileId, error: (error as Error).message });
      throw error;
    }
  }
  @ServiceAction("check-queue")
  async checkQueue(): Promise<string> {
    return "checked";
  }
}

export interface DataContext {
  migrate(signal: AbortSignal): Promise<void>;
  canConnect(): Promise<boolean>;
}
export const DataContext = token<DataContext>("DataContext");

@SoraStartupService({ startupOrder: 1, continueOnFailure: false, timeoutSeconds: 60 })
export class DatabaseMigrationService extends SoraFluentServiceBase {
  readonly #data = inject(DataContext);
  get startupOrder(): number {
    return 1;
  }
  override async executeCore(signal: AbortSignal): Promise<void> {
    await this.#data.migrate(signal);
  }
  override async isReady(): Promise<boolean> {
    return this.#data.canConnect();
  }
}

export interface SyncOptions {
  readonly source: string;
  readonly since: Date;
}

@ServiceEvent("SyncCompleted")
@ServiceEvent("SyncFailed")
export class DataSyncService extends SoraFluentServiceBase {
  @ServiceAction("sync-source", { parameters: type<SyncOptions>() })
  async syncSource({ source }: SyncOptions): Promise<number> {
    await this.emit("SyncCompleted", { source, recordCount: 3 });
    return 3;
  }
  @ServiceAction("validate-data")
  async validateData(): Promise<boolean> {
    return true;
  }
  @ServiceAction("generate-report", { parameters: type<{ readonly kind: string }>() })
  async generateReport({ kind }: { readonly kind: string }): Promise<string> {
    return `${kind} report`;
  }
}

export interface ProcessingProgressArgs {
  readonly imageId: string;
  readonly completedSteps: number;
  readonly totalSteps: number;
}

@ServiceEvent("ProcessingStarted")
@ServiceEvent("ProcessingProgress")
@ServiceEvent("ProcessingCompleted")
@ServiceEvent("ProcessingFailed")
export class ImageProcessingService extends SoraFluentServiceBase {
  @ServiceAction("generate-thumbnail", { parameters: type<string>() })
  async generateThumbnail(imageId: string): Promise<void> {
    await this.emit("ProcessingStarted");
    for (let step = 1; step <= 20; step++) await this.emit("ProcessingProgress", { imageId, completedSteps: step, totalSteps: 20 });
    await this.emit("ProcessingCompleted", { imageId });
    for (const error of ["first", "second"]) await this.emit("ProcessingFailed", { imageId, error });
  }
}

export const FileUploaded = serviceEvent("FileUploaded", type<{ readonly fileId: string }>());

@ServiceEvent(FileUploaded)
export class FileProcessingService extends SoraFluentServiceBase {
  @ServiceAction({ parameters: type<string>() })
  async upload(fileId: string): Promise<void> {
    await this.emit(FileUploaded, { fileId });
  }
}

@ServiceEvent("WorkflowStepCompleted")
@ServiceEvent("WorkflowStepFailed")
export class WorkflowOrchestrator extends SoraFluentServiceBase {
  override async executeCore(signal: AbortSignal): Promise<void> {
    await SoraServices.of(FileProcessingService)
      .on(FileUploaded)
      .do(async ({ fileId }) => {
        await SoraServices.of(TranslationService).do("translate", { fileId, from: "auto", to: "en" }).execute();
      })
      .subscribe();
    await SoraServices.of(TranslationService)
      .on(SoraServiceEvents.Translation.Completed)
      .do(args => this.emit("WorkflowStepCompleted", args))
      .on(SoraServiceEvents.Translation.Failed)
      .do(args => this.emit("WorkflowStepFailed", args))
      .subscribe();
    await untilStopped(signal);
  }
}

export class CustomBackgroundService extends SoraBackgroundServiceBase {
  override async execute(signal: AbortSignal): Promise<void> {
    await delay("365d", signal).catch(() => {});
  }
  override async check(): Promise<HealthReport> {
    return HealthReport.degraded("Service is experiencing issues");
  }
}

@SoraBackgroundService()
export class MyFirstService extends SoraBackgroundServiceBase {
  override async execute(signal: AbortSignal): Promise<void> {
    this.logger.info("My first Sora background service is running!");
    for await (const _ of periodicTimer("1m", signal)) this.logger.info("Service heartbeat");
  }
}

@ServiceEvent("WorkCompleted")
export class MyFluentService extends SoraFluentServiceBase {
  @ServiceAction("do-work")
  async doWork({ signal }: ActionContext): Promise<void> {
    await this.delay(1000, signal);
    await this.emit("WorkCompleted", { completedAt: this.clock.now() });
  }
}

@SoraBackgroundService({ runInProduction: true, abstract: true })
@ServiceEvent(SoraServiceEvents.Flow.EntityProcessed)
@ServiceEvent(SoraServiceEvents.Flow.EntityParked)
@ServiceEvent(SoraServiceEvents.Flow.EntityFailed)
export abstract class FlowOrchestratorBase extends SoraFluentServiceBase {
  protected configured = "";
  protected configure(): void {
    this.configured = this.name;
  }
  protected async emitEntityProcessed(entityId: string, entityType: string): Promise<void> {
    await this.emit(SoraServiceEvents.Flow.EntityProcessed, { entityId, entityType });
  }
}

@SoraBackgroundService()
export class OrderOrchestrator extends FlowOrchestratorBase {
  @ServiceAction(SoraServiceActions.Flow.TriggerProcessing)
  async triggerProcessing(): Promise<string> {
    await this.emitEntityProcessed("1", "order");
    return this.configured;
  }
}

export interface OutboxStore {
  dequeue(count: number, signal: AbortSignal): Promise<readonly string[]>;
}
export const OutboxStore = token<OutboxStore>("OutboxStore");

@SoraBackgroundService({ runInProduction: true })
@ServiceEvent(SoraServiceEvents.Outbox.Processed)
@ServiceEvent(SoraServiceEvents.Outbox.Failed)
export class OutboxProcessor extends SoraFluentServiceBase {
  readonly #outbox = inject(OutboxStore);
  override async executeCore(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      try {
        const batch = await this.#outbox.dequeue(100, stopping);
        if (batch.length > 0) await this.emit(SoraServiceEvents.Outbox.Processed, { processedCount: batch.length });
        await this.delay("500ms", stopping);
      } catch (error) {
        if (stopping.aborted) return;
        await this.emit(SoraServiceEvents.Outbox.Failed, { error: (error as Error).message });
        await this.delay("5s", stopping).catch(() => {});
      }
    }
  }
  @ServiceAction(SoraServiceActions.Outbox.ProcessBatch, { parameters: type<{ readonly batchSize?: number }>() })
  async processBatch({ batchSize = 100 }: { readonly batchSize?: number }, { signal }: ActionContext): Promise<number> {
    return (await this.#outbox.dequeue(batchSize, signal)).length;
  }
}

export interface MessagingService {
  start(signal: AbortSignal): Promise<void>;
  restart(signal: AbortSignal): Promise<void>;
}
export const MessagingService = token<MessagingService>("MessagingService");

@SoraBackgroundService({ runInProduction: true })
@ServiceEvent(SoraServiceEvents.Messaging.Ready)
@ServiceEvent(SoraServiceEvents.Messaging.Failed)
export class MessagingLifecycleService extends SoraFluentServiceBase {
  readonly #messaging = inject(MessagingService);
  override async executeCore(signal: AbortSignal): Promise<void> {
    try {
      await this.#messaging.start(signal);
      await this.emit(SoraServiceEvents.Messaging.Ready, { startedAt: this.clock.now() });
      await untilStopped(signal);
    } catch (error) {
      await this.emit(SoraServiceEvents.Messaging.Failed, { error: (error as Error).message });
      throw error;
    }
  }
  @ServiceAction(SoraServiceActions.Messaging.RestartMessaging)
  async restartMessaging({ signal }: ActionContext): Promise<void> {
    await this.#messaging.restart(signal);
    await this.emit(SoraServiceEvents.Messaging.Ready, { startedAt: this.clock.now() });
  }
}

export class QueueService extends SoraPokablePeriodicServiceBase {
  override readonly period: Duration = "30s";
  readonly log: string[] = [];
  override async executePeriodic(): Promise<void> {
    this.log.push("run");
  }
  override async onTriggerNow(): Promise<void> {
    this.log.push("poke");
  }
  override async onProcessBatch(batchSize: number | undefined, filter: string | undefined): Promise<void> {
    this.log.push(`batch of ${batchSize} ${filter}`);
  }
  @ServiceAction() async history(): Promise<readonly string[]> {
    return [...this.log];
  }
}
