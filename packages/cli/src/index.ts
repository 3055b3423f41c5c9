export { runSora } from "./run-sora.ts";
export type { CommandContext, CommandOutput, CommandInput, Launch } from "./context/command-context.ts";
