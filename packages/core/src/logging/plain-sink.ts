import { systemClock } from "../time/system-clock.ts";
import type { LogLevel } from "./log-level.ts";

/** What is asked of pino: a line with the entries of `record`, which are plain copies. */
export type LineWriter = Readonly<
  Record<Exclude<LogLevel, "silent">, (wrapped: { readonly record: Readonly<Record<string, unknown>> }, message: string) => void>
>;

/** Writes the same lines as pino, for programs that it did not come along with, as into one file by a bundler. */
export function createPlainSink(base: Readonly<Record<string, unknown>>, write: (line: string) => void): LineWriter {
  const at =
    (level: string): LineWriter["info"] =>
    ({ record }, msg) =>
      write(`${JSON.stringify({ level, time: new Date(systemClock.now()).toISOString(), ...base, ...record, msg })}\n`);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Writes to standard output at once, so that no line is lost when the process ends. */
export function writeOut(line: string): void {
  const { writeSync } = process.getBuiltinModule("node:fs");
  for (let rest = Buffer.from(line); rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // whoever reads the pipe is behind
    }
  }
}
