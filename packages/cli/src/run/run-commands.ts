import type { Command } from "commander";
import { wholeNumber } from "../commands/whole-number.ts";
import type { Acting } from "../commands/asking.ts";
import type { RunFlags } from "./run-target.ts";

/** The commands that run services. */
export function addRunCommands(program: Command, acting: Acting): void {
  for (const [name, what] of [
    ["run", "Run a program, or every *.service.ts of a folder."],
    ["dev", "Run in the same way, and start again at every change."],
  ] as const) {
    acting<RunFlags, [string | undefined, string[]]>(
      program
        .command(name)
        .summary(what)
        .description(`${what} TypeScript and decorators need nothing more; a folder needs no program file.`)
        .argument("[entry]", "a file, or a folder (services/, src/services/ or the working directory by default)")
        .argument("[args...]", "arguments for the program, after --")
        .option("--port <port>", "port of a folder's control plane; 0 takes a free one", wholeNumber(0, 65_535))
        .option("--no-web", "a folder without a control plane"),
      async (context, flags, entry, args) =>
        name === "run"
          ? (await import("../commands/run.ts")).run(context, entry, args, flags)
          : (await import("../commands/dev.ts")).dev(context, entry, args, flags),
    );
  }
}
