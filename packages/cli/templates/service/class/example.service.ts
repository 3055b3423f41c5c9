import { ServiceAction, serviceEvent, ServiceEvent, SoraBackgroundService, SoraFluentServiceBase } from "@sora/core";
import type { ActionContext, Parsed } from "@sora/core";
import * as z from "zod";

export const ExampleFinished = serviceEvent("ExampleFinished", z.object({ id: z.string() }));
const ProcessOptions = z.object({ id: z.string() });

@SoraBackgroundService({ description: "What it does, in a sentence" })
@ServiceEvent(ExampleFinished)
export class Example extends SoraFluentServiceBase {
  @ServiceAction("process", { description: "What the action does", parameters: ProcessOptions })
  async process({ id }: Parsed<typeof ProcessOptions>, { signal }: ActionContext): Promise<{ id: string }> {
    signal.throwIfAborted();
    this.logger.info("Processing", { id });
    await this.emit(ExampleFinished, { id });
    return { id };
  }
}
