import { defineService, serviceEvent } from "@sora/core";
import * as z from "zod";

export const ExampleFinished = serviceEvent("ExampleFinished", z.object({ id: z.string() }));

export const example = defineService("Example", {
  description: "What it does, in a sentence",
  events: { finished: ExampleFinished },
  actions: {
    process: {
      description: "What the action does",
      parameters: z.object({ id: z.string() }),
      run: async ({ id }, { emit, logger, signal }) => {
        signal.throwIfAborted();
        logger.info("Processing", { id });
        await emit(ExampleFinished, { id });
        return { id };
      },
    },
  },
});
