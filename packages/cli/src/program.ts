import { Command } from "commander";
import type { Argument } from "commander";
import { addMutationCommands } from "./commands/mutation-commands.ts";
import { addQueryCommands } from "./commands/query-commands.ts";
import { addShellCommands } from "./completion/shell-commands.ts";
import { addRunCommands } from "./run/run-commands.ts";
import { addScaffoldCommands } from "./scaffold/scaffold-commands.ts";
import { addStoredCommands } from "./stored/stored-commands.ts";
import type { Acting, Asking } from "./commands/asking.ts";
import type { GlobalFlags } from "./commands/global-flags.ts";
import type { Session } from "./commands/session.ts";
import type { CommandContext } from "./context/command-context.ts";
import type { Paint } from "./output/paint.ts";

/** How the commands reach the world. Each loads its own code when it is run, so that none waits for another's. */
export interface ProgramParts {
  readonly context: CommandContext;
  readonly paint: Paint;
  readonly version: string;
  /** Told of the exit status. */
  readonly done: (status: number) => void;
  readonly session: (flags: GlobalFlags) => Promise<Session>;
}

/** Every command of `sora`, with its arguments, options and help, in the order in which the help lists them. */
export function createProgram(parts: ProgramParts): Command {
  const { context, done, session } = parts;
  const program = bareProgram(parts);
  const asking: Asking = <A extends readonly unknown[]>(command: Command, ask: (session: Session, ...args: A) => Promise<number>): void => {
    command.action(async (...given: unknown[]) => {
      const self = given.at(-1) as Command;
      done(await ask(await session(self.optsWithGlobals()), ...(given.slice(0, -1) as unknown as A)));
    });
  };
  const acting: Acting = <Flags extends object, A extends readonly unknown[]>(
    command: Command,
    act: (context: CommandContext, flags: Flags, ...args: A) => Promise<number>,
  ): void => {
    command.action(async (...given: unknown[]) => {
      const self = given.at(-1) as Command;
      done(await act(context, self.optsWithGlobals<Flags>(), ...(given.slice(0, -2) as unknown as A)));
    });
  };

  program.commandsGroup("To run services:");
  addRunCommands(program, acting);
  program.commandsGroup("To ask a host:");
  addQueryCommands(program, asking);
  program.commandsGroup("To see to stored work:");
  addStoredCommands(program, asking);
  program.commandsGroup("To have a host do something:");
  addMutationCommands(program, asking);
  program.commandsGroup("To write services:");
  addScaffoldCommands(program, acting);
  program.commandsGroup("For the shell:");
  addShellCommands(program, acting, session);
  return program;
}

/** `sora` without a command, with the options of all of them and how help is written. */
function bareProgram({ context, paint, version }: ProgramParts): Command {
  const write = (text: string): void => void context.stdout.write(text);
  const width = (): number => Math.min(context.stdout.columns ?? 100, 120);
  return new Command("sora")
    .description("Runs background services, and speaks to hosts that run them.")
    .usage("<command> [options]")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .version(version, "-V, --version", "show the version")
    .option("--url <address>", "where the host is (SORA_URL; http://127.0.0.1:4310 by default)")
    .option("--token <token>", "what opens it (better by SORA_TOKEN, which no process list shows)")
    .option("--json", "answer in JSON, for programs")
    .option("--debug", "show where an error comes from")
    .configureHelp({
      showGlobalOptions: true,
      minWidthToWrap: 24,
      subcommandTerm: command => [command.name(), ...command.registeredArguments.map(argument => humanReadableArgument(argument))].join(" "),
      styleTitle: text => paint("bold", text),
      styleCommandText: text => paint("cyan", text),
      styleSubcommandTerm: text => paint("cyan", text),
      styleOptionTerm: text => paint("cyan", text),
    })
    .configureOutput({
      writeOut: write,
      writeErr: write,
      outputError: () => {},
      getOutHelpWidth: width,
      getErrHelpWidth: width,
      getOutHasColors: () => true,
      getErrHasColors: () => true,
    })
    .exitOverride();
}

function humanReadableArgument(argument: Argument): string {
  const shown = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${shown}>` : `[${shown}]`;
}
