import type { Command } from "commander";

/** Gives a command the service it is about as its first argument. */
export function withService(command: Command): Command {
  return command.argument("<service>", "its name, in whatever case");
}
