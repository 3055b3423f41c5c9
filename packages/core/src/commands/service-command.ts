/** A message to a service's `handleCommand`. Extend it for commands of your own. */
export abstract class ServiceCommand {
  /** Set by the bus: the service it was sent to. */
  serviceName?: string;
  correlationId?: string;
}

/** A command's class, as listed in `supportedCommands`. */
export type ServiceCommandType = abstract new (...args: never[]) => ServiceCommand;

/** Run now. On a periodic service: one coalesced run. */
export class TriggerNowCommand extends ServiceCommand {}

/** Look whether there is work. On a periodic service the same as {@link TriggerNowCommand}. */
export class CheckQueueCommand extends ServiceCommand {}

/** Process a batch now; never coalesced. */
export class ProcessBatchCommand extends ServiceCommand {
  readonly batchSize?: number;
  readonly filter?: string;

  constructor(batch: { readonly batchSize?: number; readonly filter?: string } = {}) {
    super();
    if (batch.batchSize !== undefined) this.batchSize = batch.batchSize;
    if (batch.filter !== undefined) this.filter = batch.filter;
  }
}

/** Check health now; answers with a `ServiceHealth`. */
export class HealthCheckCommand extends ServiceCommand {}

/** Answers with the `ServiceStatus`. */
export class StatusCommand extends ServiceCommand {}
