import { SoraPeriodicService, SoraPeriodicServiceBase } from "@sora/core";

@SoraPeriodicService({ description: "What it does, in a sentence", every: "1h" })
export class Example extends SoraPeriodicServiceBase {
  async executePeriodic(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.logger.info("Running");
  }
}
