import type { Clock } from "@sora/core/adapter";

/** What a command writes to. */
export interface CommandOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal, where it is one. */
  readonly columns?: number;
}

/** What a command reads from. */
export interface CommandInput extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
}

/** A Node program to be started. */
export interface Launch {
  /** Arguments of Node itself, then the program, then the program's own. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Everything a command has of the world around it, so that a test can be that world. */
export interface CommandContext {
  readonly stdin: CommandInput;
  readonly stdout: CommandOutput;
  readonly stderr: CommandOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  /** Aborted by Ctrl-C, once a command has asked for it; before that, Ctrl-C ends the process as ever. */
  interrupted(): AbortSignal;
  /** Runs a Node program in this terminal until it ends, and resolves with its exit status. Where the system lets a process become another one, it does, and this never resolves. */
  launch(program: Launch): Promise<number>;
}
