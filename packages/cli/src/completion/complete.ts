import type { Command, Option } from "commander";
import type { ActionStatusPage, ServiceInfo, ServiceStatus } from "@sora/core";
import type { StoredSchedulePage } from "@sora/web";
import { servicePath } from "../commands/session.ts";
import type { Session } from "../commands/session.ts";
import type { CommandContext } from "../context/command-context.ts";
import type { GlobalFlags } from "../commands/global-flags.ts";

/** A word that can stand where the cursor is, and what it is. */
interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** Nobody waits longer for a key press to be answered. */
const patience = 700;

/** Prints what can follow the words typed so far, the last of which is the one to complete: commands, options, and the names of services and actions where a host answers. */
export async function complete(
  context: CommandContext,
  program: Command,
  words: readonly string[],
  session: (flags: GlobalFlags) => Promise<Session>,
): Promise<number> {
  const typed = words.at(-1) ?? "";
  const candidates = await candidatesFor(context, program, words.slice(0, -1), typed, session);
  for (const { word, about } of candidates)
    if (word.toLowerCase().startsWith(typed.toLowerCase())) context.stdout.write(`${word}${about === undefined ? "" : `\t${about}`}\n`);
  return 0;
}

async function candidatesFor(
  context: CommandContext,
  program: Command,
  before: readonly string[],
  typed: string,
  session: (flags: GlobalFlags) => Promise<Session>,
): Promise<readonly Candidate[]> {
  const { command, given, flags, wantsValue } = readWords(program, before);
  if (wantsValue?.argChoices !== undefined) return wantsValue.argChoices.map(word => ({ word }));
  if (wantsValue !== undefined && wantsValue.attributeName() !== "service") return [];
  if (typed.startsWith("-"))
    return [...command.options, ...(command === program ? [] : program.options)]
      .filter(({ hidden }) => !hidden)
      .flatMap(({ long, description }) => (long === undefined || long === null ? [] : [{ word: long, about: description }]));
  const visible = wantsValue === undefined && given.length === 0 ? command.createHelp().visibleCommands(command) : [];
  if (visible.length > 0) return visible.map(one => ({ word: one.name(), about: one.summary() || one.description() }));
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[given.length] ?? (last?.variadic === true ? last : undefined);
  if (argument?.argChoices !== undefined) return argument.argChoices.map(word => ({ word }));
  const what = wantsValue === undefined ? (argument?.name() ?? "") : "service";
  if (!["service", "action", "id"].includes(what)) return [];
  const late = new AbortController();
  const timer = context.clock.setTimer(() => late.abort(), patience);
  try {
    const asked = await session(flags);
    return what === "id" ? await idsFor(asked, command, given, late.signal) : await ask(asked, what, serviceIn(command, given), late.signal);
  } catch {
    return []; // no host, no names
  } finally {
    timer.cancel();
  }
}

/** Which of the words names the service whose actions are meant. */
function serviceIn(command: Command, given: readonly string[]): string | undefined {
  return given[command.registeredArguments.findIndex(argument => argument.name() === "service")];
}

async function ask({ client }: Session, what: string, service: string | undefined, signal: AbortSignal): Promise<readonly Candidate[]> {
  if (what === "service")
    return ((await client.get("/api/services", signal)).body as readonly ServiceStatus[]).map(({ name, state, kind }) => ({
      word: name,
      about: `${kind}, ${state}`,
    }));
  const { actions } = (await client.get(servicePath(service ?? "", "info"), signal)).body as ServiceInfo;
  return actions.map(({ name, description }) => ({ word: name, about: description ?? "action" }));
}

/** Ids of stored actions that the command could be for, or of schedules. */
async function idsFor({ client }: Session, command: Command, given: readonly string[], signal: AbortSignal): Promise<readonly Candidate[]> {
  const of = command.parent?.name();
  const path = of === "schedules" ? "/api/schedules" : `/api/actions${command.name() === "retry" ? "?state=dead" : ""}`;
  const { actions = [], schedules = [] } = (await client.get(path, signal)).body as Partial<ActionStatusPage & StoredSchedulePage>;
  return [
    ...actions.map(({ id, service, action, state }) => ({ word: id, about: `${service}.${action}, ${state}` })),
    ...schedules.map(({ id, service, action }) => ({ word: id, about: `${service}.${action}` })),
  ].filter(({ word }) => !given.includes(word));
}

/** Which command the words before the cursor lead to, and what they give it. */
function readWords(
  program: Command,
  before: readonly string[],
): { command: Command; given: readonly string[]; flags: GlobalFlags; wantsValue: Option | undefined } {
  let command = program;
  const given: string[] = [];
  const flags: Record<string, string> = {};
  for (let at = 0; at < before.length; at++) {
    const word = before[at]!;
    const option = word.startsWith("-") ? [...command.options, ...program.options].find(one => one.short === word || one.long === word) : undefined;
    if (option?.required === true || option?.optional === true) {
      const value = before[++at];
      if (value === undefined) return { command, given, flags, wantsValue: option };
      flags[option.attributeName()] = value;
    } else if (!word.startsWith("-")) {
      const next = given.length === 0 ? command.commands.find(one => one.name() === word) : undefined;
      if (next === undefined) given.push(word);
      else command = next;
    }
  }
  return { command, given, flags, wantsValue: undefined };
}
