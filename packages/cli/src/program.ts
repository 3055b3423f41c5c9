import { Command, Option } from "commander";
import type { Argument } from "commander";
import { intervalText } from "./commands/interval-text.ts";
import { keyText } from "./commands/key-text.ts";
import { wholeNumber } from "./commands/whole-number.ts";
import { storedLimits } from "./stored/stored-limits.ts";
import { addStoredCommands } from "./stored/stored-commands.ts";
import type { CommandContext } from "./context/command-context.ts";
import type { Paint } from "./output/paint.ts";
import type { Session } from "./commands/session.ts";
import type { CallFlags, StoreFlags } from "./commands/call-action.ts";
import type { EventsFlags } from "./commands/show-events.ts";
import type { RunFlags } from "./run/run-target.ts";
import type { NewServiceFlags } from "./scaffold/new-service.ts";

/** What stands before and after every command. */
export interface GlobalFlags {
  readonly url?: string;
  readonly token?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** How the commands reach the world. Each loads its own code when it is run, so that none waits for another's. */
export interface ProgramParts {
  readonly context: CommandContext;
  readonly paint: Paint;
  readonly version: string;
  /** Told of the exit status. */
  readonly done: (status: number) => void;
  readonly session: (flags: GlobalFlags) => Promise<Session>;
}

/** Every command of `sora`, with its arguments, options and help. */
export function createProgram({ context, paint, version, done, session }: ProgramParts): Command {
  const write = (text: string): void => void context.stdout.write(text);
  const width = (): number => Math.min(context.stdout.columns ?? 100, 120);
  const program = new Command("sora")
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

  /** A command that asks a host. */
  const asking = <A extends readonly unknown[]>(command: Command, ask: (session: Session, ...args: A) => Promise<number>): void => {
    command.action(async (...given: unknown[]) => {
      const self = given.at(-1) as Command;
      done(await ask(await session(self.optsWithGlobals()), ...(given.slice(0, -1) as unknown as A)));
    });
  };

  program.commandsGroup("To run services:");
  for (const [name, what] of [
    ["run", "Run a program, or every *.service.ts of a folder."],
    ["dev", "Run in the same way, and start again at every change."],
  ] as const) {
    program
      .command(name)
      .summary(what)
      .description(`${what} TypeScript and decorators need nothing more; a folder needs no program file.`)
      .argument("[entry]", "a file, or a folder (services/, src/services/ or the working directory by default)")
      .argument("[args...]", "arguments for the program, after --")
      .option("--port <port>", "port of a folder's control plane; 0 takes a free one", wholeNumber(0, 65_535))
      .option("--no-web", "a folder without a control plane")
      .action(async (entry: string | undefined, args: string[], _: unknown, self: Command) => {
        const flags = self.optsWithGlobals<RunFlags>();
        if (name === "run") done(await (await import("./commands/run.ts")).run(context, entry, args, flags));
        else done(await (await import("./commands/dev.ts")).dev(context, entry, args, flags));
      });
  }

  program.commandsGroup("To ask a host:");
  asking(program.command("services").description("List every service with its state and node."), async asked =>
    (await import("./commands/list-services.ts")).listServices(asked),
  );
  asking<[string]>(withService(program.command("status").description("Show what a service does at this moment.")), async (asked, service) =>
    (await import("./commands/show-status.ts")).showStatus(asked, service),
  );
  asking<[string | undefined]>(
    program.command("health").description("Show the health of a service, or of the host; ends with 1 where it is unhealthy.").argument("[service]", "its name"),
    async (asked, service) => (await import("./commands/show-health.ts")).showHealth(asked, service),
  );
  asking<[string]>(
    withService(program.command("info").description("Show what a service offers: actions, events, commands, configuration.")),
    async (asked, service) => (await import("./commands/show-info.ts")).showInfo(asked, service),
  );
  asking<[string | undefined, EventsFlags]>(
    program
      .command("events")
      .description("Show what has happened, on a service or on all.")
      .argument("[service]", "its name")
      .option("-f, --follow", "go on showing what happens, until Ctrl-C")
      .option("--after <id>", "begin after the event of this id"),
    async (asked, service, flags) => (await import("./commands/show-events.ts")).showEvents(asked, service, flags),
  );

  program.commandsGroup("To see to stored work:");
  addStoredCommands(program, asking);

  program.commandsGroup("To have a host do something:");
  asking<[string, string, string | undefined, CallFlags & StoreFlags]>(
    withCall(
      withService(program.command("do").description("Call an action, and print what it returns."))
        .argument("<action>", "its name")
        .argument("[json]", "its parameters; - reads them from standard input"),
    )
      .option("--enqueue", "store the call, so that it happens whatever becomes of the host, and print its id")
      .option("--delay <time>", "of a stored call: begin no earlier, such as 10m", intervalText("0ms", "36500d"))
      .option("--deadline <time>", "of a stored call: begin no later, such as 1h", intervalText("1ms", "36500d"))
      .option("--key <key>", "of a stored call: one after the other, in order, with those of the same key", keyText)
      .option("--priority <n>", "of a stored call: higher first", wholeNumber(-storedLimits.priority, storedLimits.priority))
      .option("--attempts <n>", "of a stored call: how often it may be begun", wholeNumber(1, storedLimits.attempts)),
    async (asked, service, action, json, flags) => (await import("./commands/call-action.ts")).callAction(asked, service, action, json, flags),
  );
  for (const [name, what] of [
    ["trigger", "Have a service run now."],
    ["check-queue", "Have a service look for work now."],
  ] as const) {
    asking<[string, CallFlags]>(withCall(withService(program.command(name).description(what))), async (asked, service, flags) =>
      (await import("./commands/call-action.ts")).sendCommand(asked, service, name, undefined, flags),
    );
  }
  asking<[string, CallFlags & { batchSize?: number; filter?: string }]>(
    withCall(
      withService(program.command("process-batch").description("Have a service process one batch."))
        .option("--batch-size <n>", "how many at most", wholeNumber(1, 1_000_000))
        .option("--filter <text>", "which ones; the service says what it understands"),
    ),
    async (asked, service, { batchSize, filter, ...flags }) => {
      const parameters = batchSize === undefined && filter === undefined ? undefined : { batchSize, filter };
      return (await import("./commands/call-action.ts")).sendCommand(asked, service, "process-batch", parameters, flags);
    },
  );
  for (const [name, what] of [
    ["start", "Start a service."],
    ["stop", "Stop a service; what is under way drains first."],
    ["restart", "Stop a service and start it again, with a new instance."],
  ] as const) {
    asking<[string]>(withService(program.command(name).description(what)), async (asked, service) =>
      (await import("./commands/move-service.ts")).moveService(asked, name, service),
    );
  }

  program.commandsGroup("To write services:");
  const make = program.command("new").description("Write a service, or a whole project, to begin with.").usage("<what> <name>").helpCommand(false);
  make
    .command("service")
    .description("Write a service and its test into services/.")
    .argument("[Name]", "such as ImageResize")
    .addOption(new Option("--style <style>", "defineService, or a class with decorators").choices(["function", "class"]))
    .option("--every <interval>", 'a periodic service, such as "1h"')
    .option("--folder <folder>", "where to write it")
    .action(async (name: string | undefined, _: unknown, self: Command) =>
      done(await (await import("./scaffold/new-service.ts")).newService(context, name, self.optsWithGlobals<NewServiceFlags & GlobalFlags>())),
    );
  make
    .command("app")
    .description("Write a project whose `npm start` and `npm test` work.")
    .argument("[name]", "its folder, and the name of its package")
    .action(async (name: string | undefined, _: unknown, self: Command) =>
      done(await (await import("./scaffold/new-app.ts")).newApp(context, name, self.optsWithGlobals<GlobalFlags>())),
    );

  program.commandsGroup("For the shell:");
  program
    .command("completion")
    .description("Print the completion script of a shell.")
    .addArgument(program.createArgument("<shell>", "for which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      '\nbash: eval "$(sora completion bash)" in ~/.bashrc\nzsh:  eval "$(sora completion zsh)" in ~/.zshrc\nfish: sora completion fish > ~/.config/fish/completions/sora.fish',
    )
    .action(async (shell: "bash" | "zsh" | "fish") => {
      context.stdout.write((await import("./completion/completion-script.ts")).completionScript(shell));
      done(0);
    });
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => done(await (await import("./completion/complete.ts")).complete(context, program, words, session)));
  return program;
}

function humanReadableArgument(argument: Argument): string {
  const shown = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${shown}>` : `[${shown}]`;
}

function withService(command: Command): Command {
  return command.argument("<service>", "its name, in whatever case");
}

function withCall(command: Command): Command {
  return command
    .option("--no-wait", "do not wait for the end")
    .option("--correlation-id <id>", "found again in logs and events")
    .option("--idempotency-key <key>", "once for all calls with this key");
}
