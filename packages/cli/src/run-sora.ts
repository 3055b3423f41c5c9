import { readFileSync } from "node:fs";
import { CommanderError } from "commander";
import { CliError } from "./cli-error.ts";
import { paintFor } from "./output/paint.ts";
import { errorDocument, errorLine, toCliError } from "./output/error-line.ts";
import { jsonText } from "./output/json-text.ts";
import { createProgram } from "./program.ts";
import type { Command } from "commander";
import type { CommandContext } from "./context/command-context.ts";
import type { GlobalFlags } from "./commands/global-flags.ts";
import type { Session } from "./commands/session.ts";

/**
 * Runs one command: `sora <args>`. Resolves with the exit status, and never rejects: 0 where it was done, 1 where the service said no or could not be reached, 2 for bad
 * usage. Every error is one line on standard error, or with `--json` one document on standard output.
 */
export async function runSora(given: readonly string[], context: CommandContext): Promise<number> {
  let status = 0;
  const program = createProgram({
    context,
    paint: paintFor(context.stdout, context.env),
    version: version(),
    done: result => (status = result),
    session: flags => openSession(flags, context),
  });
  const args = given[0] === "help" ? helpFor(given.slice(1), program) : given;
  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (thrown) {
    if (thrown instanceof CommanderError && (thrown.exitCode === 0 || thrown.code === "commander.help")) return 0; // help or the version was asked for, or nothing at all
    return report(thrown instanceof CommanderError ? usageError(thrown, args, program) : toCliError(thrown), args, context);
  }
}

async function openSession(flags: GlobalFlags, context: CommandContext): Promise<Session> {
  const [{ controlAddress }, { ControlClient }] = await Promise.all([import("./client/control-address.ts"), import("./client/control-client.ts")]);
  const client = new ControlClient(controlAddress(flags, context.env), context.clock);
  return { context, client, json: flags.json === true, paint: paintFor(context.stdout, context.env), paintError: paintFor(context.stderr, context.env) };
}

/** Arguments are looked at as they were given, since what is wrong may be that they cannot be parsed. */
function report(error: CliError, args: readonly string[], { stdout, stderr, env }: CommandContext): number {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  if (own.includes("--json")) stdout.write(jsonText(errorDocument(error), stdout));
  else stderr.write(errorLine(error, paintFor(stderr, env)));
  if (own.includes("--debug")) stderr.write(`${stackOf(error)}\n`);
  return error.status;
}

function stackOf(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\ncaused by ${stackOf(error.cause)}` : stack;
}

/** What commander says of bad usage, as one sentence with the next step. */
function usageError({ message }: CommanderError, args: readonly string[], program: Command): CliError {
  const [what = "", suggestion] = message.replace(/^error: /, "").split("\n", 2);
  const near =
    suggestion === undefined
      ? ""
      : ` ${suggestion.replace(/^\(|\)$/g, "").replace(/mean (one of )?([^?]+)\?/, (_, several: string | undefined, names: string) => `mean ${several ?? ""}\`${names}\`?`)}`;
  return new CliError("SORA_CLI_USAGE", `${what[0]!.toUpperCase()}${what.slice(1).replace(/\.$/, "")}.${near}`, {
    fix: `\`${["sora", ...commandNamed(program, args), "--help"].join(" ")}\` shows what there is.`,
  });
}

/** `sora help do`, as people ask for it elsewhere, is `sora do --help`; a command that there is not is left to be refused. */
function helpFor(named: readonly string[], program: Command): readonly string[] {
  const [first] = named;
  const isUnknown = first !== undefined && !first.startsWith("-") && commandNamed(program, [first]).length === 0;
  return isUnknown ? [first] : [...named, "--help"];
}

/** The command that was meant, as far as it can be told: `actions`, `show`. */
function commandNamed({ commands }: Command, args: readonly string[]): readonly string[] {
  for (const [index, arg] of args.entries()) {
    const found = commands.find(command => command.name() === arg);
    if (found !== undefined) return [arg, ...commandNamed(found, args.slice(index + 1))];
  }
  return [];
}

function version(): string {
  return (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;
}
