import { HealthReport, inject, SoraBackgroundService, SoraFluentServiceBase, SoraServices } from "@sora/core";
import * as z from "zod";
import { MachineLoad } from "../src/machine-load.ts";

const percent = z.number().min(0).max(100);
const MonitorSettings = z.object({
  checkIntervalMinutes: z.number().positive().default(5),
  alertThresholds: z.object({ cpuPercent: percent.default(80), memoryPercent: percent.default(85) }).prefault({}),
});

/** Looks after the machine and the other services every few minutes, and contributes what it finds to the host's health. */
@SoraBackgroundService({ settings: MonitorSettings })
export class SystemHealthMonitor extends SoraFluentServiceBase<z.output<typeof MonitorSettings>> {
  readonly #machine = inject(MachineLoad);

  override async executeCore(signal: AbortSignal): Promise<void> {
    const { checkIntervalMinutes } = this.settings;
    for await (const _ of this.periodicTimer(checkIntervalMinutes * 60_000, signal)) await this.#checkSystemHealth();
  }

  /** Asked by the host, within a time limit, whenever somebody wants to know. */
  override check(): HealthReport {
    const { cpuPercent, memoryPercent } = this.#machine.read();
    const { alertThresholds } = this.settings;
    const description = `Processors ${cpuPercent} % busy, memory ${memoryPercent} % full`;
    const isBusy = cpuPercent > alertThresholds.cpuPercent || memoryPercent > alertThresholds.memoryPercent;
    return isBusy ? HealthReport.degraded(description, { cpuPercent, memoryPercent }) : HealthReport.healthy(description, { cpuPercent, memoryPercent });
  }

  async #checkSystemHealth(): Promise<void> {
    const { status, description } = this.check();
    if (status === "healthy") this.logger.info(description);
    else this.logger.warn(description);
    for (const service of await SoraServices.all()) {
      if (service.state === "failed") this.logger.warn(`${service.name} has failed`, { error: service.lastError?.message });
    }
  }
}
