import { defineService } from "@sora/core";

export const example = defineService("Example", {
  description: "What it does, in a sentence",
  every: "1h",
  execute: async ({ logger, signal }) => {
    signal.throwIfAborted();
    logger.info("Running");
  },
});
