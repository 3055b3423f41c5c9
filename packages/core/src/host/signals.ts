import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../time/clock.ts";
import type { StopReport } from "./stop-host.ts";

const names = ["SIGTERM", "SIGINT"] as const;

/**
 * A signal that follows itself within this time, in milliseconds, is the same one told twice: a terminal sends Ctrl-C to npm and to us, and npm, `timeout`
 * and others pass theirs on. A person who means it takes longer.
 */
const echo = 500;

/**
 * Stops the host at the first SIGTERM or SIGINT and sets the process's exit code by the report. A second signal, from half a second later, or a process that something still holds open
 * after the stop has failed, ends by the signal's own default: the handlers are taken away and the signal is raised again. Returns how to let go of the signals.
 */
export function takeSignals(stop: (reason: string) => Promise<StopReport>, clock: Clock, logger: Logger, shutdownTimeout: number): () => void {
  let first: { readonly name: NodeJS.Signals; readonly at: number } | undefined;
  const release = (): void => {
    for (const name of names) process.removeListener(name, onSignal);
  };
  const force = (name: NodeJS.Signals): void => {
    release();
    process.kill(process.pid, name);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (first !== undefined) {
      if (name === first.name && clock.monotonic() - first.at < echo) return;
      logger.warn(`${name} again: ending at once`);
      force(name);
      return;
    }
    first = { name, at: clock.monotonic() };
    const limit = clock.setTimer(() => force(name), shutdownTimeout + 500, true); // the host's own limit comes first
    void stop(name).then(report => {
      limit.cancel();
      process.exitCode ??= report.exitCode;
      if (report.culprits.length === 0) return;
      clock.setTimer(() => force(name), 200, true); // what did not end may hold the process open
    });
  };
  for (const name of names) process.on(name, onSignal);
  return () => {
    if (first === undefined) release();
  };
}
