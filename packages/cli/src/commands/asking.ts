import type { Command } from "commander";
import type { CommandContext } from "../context/command-context.ts";
import type { Session } from "./session.ts";

/** Makes a command one that asks a host. What it returns is the exit status. */
export type Asking = <A extends readonly unknown[]>(command: Command, ask: (session: Session, ...args: A) => Promise<number>) => void;

/** Makes a command one that works on this machine. It is told its flags, those of all commands among them, before its arguments. */
export type Acting = <Flags extends object, A extends readonly unknown[]>(
  command: Command,
  act: (context: CommandContext, flags: Flags, ...args: A) => Promise<number>,
) => void;
