import { SoraError } from "../errors/sora-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { Clock } from "../time/clock.ts";
import type { StopReport } from "./stop-host.ts";

const names = ["SIGTERM", "SIGINT"] as const;
/** Milliseconds past the host's own limit before a stop that has not even reported is given up. */
const overdue = 700;
/** Milliseconds the process gets to end by itself after a stop: where it failed, and where it did not. */
const patience = { failed: 200, clean: 1_000 } as const;

/** What the end of the process is bound to. */
export interface StoppableHost {
  stop(reason: string): Promise<StopReport>;
  /** Resolves when the host has stopped, whoever stopped it. */
  readonly stopped: Promise<StopReport>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds. */
  readonly shutdownTimeout: number;
}

/**
 * A signal that follows itself within this time, in milliseconds, is the same one told twice: a terminal sends Ctrl-C to npm and to us, and npm, `timeout`
 * and others pass theirs on. A person who means it takes longer.
 */
const echo = 500;

/**
 * Binds the process's end to the host's. The first SIGTERM or SIGINT stops the host, a second one, from half a second later, ends the process at once by the signal's own
 * default. Whoever stops the host, the exit code becomes the report's, unless the program has set one. After a stop that failed, what did not end may hold the process
 * open: it then ends with `SORA_SHUTDOWN_TIMEOUT` as an uncaught error, and so with exit code 1. After a clean stop the program may go on; what holds it open is named
 * in a warning. Returns how to let go of the signals.
 */
export function takeSignals(host: StoppableHost): () => void {
  const { clock, logger, shutdownTimeout } = host;
  let first: { readonly name: NodeJS.Signals; readonly at: number } | undefined;
  const release = (): void => {
    for (const name of names) process.removeListener(name, onSignal);
  };
  const onSignal = (name: NodeJS.Signals): void => {
    if (first !== undefined) {
      if (name === first.name && clock.monotonic() - first.at < echo) return;
      logger.warn(`${name} again: ending at once`);
      release();
      endBySignal(name, clock);
      return;
    }
    first = { name, at: clock.monotonic() };
    const limit = clock.setTimer(() => endWith(["the host's stop has not finished"], clock), shutdownTimeout + overdue, true);
    void host.stop(name).then(() => limit.cancel());
  };
  for (const name of names) process.on(name, onSignal);
  void host.stopped.then(report => {
    if (first === undefined) release();
    process.exitCode ??= report.exitCode;
    if (report.culprits.length > 0) clock.setTimer(() => endWith(report.culprits, clock), patience.failed, true);
    else clock.setTimer(() => warnOfWhatIsOpen(logger), patience.clean, true);
  });
  return () => {
    if (first === undefined) release();
  };
}

/** The first process of a container ignores signals that nobody handles, so this does not rely on the default alone. */
function endBySignal(name: NodeJS.Signals, clock: Clock): void {
  process.kill(process.pid, name);
  clock.setTimer(() => endWith([`${name} did not end the process`], clock), patience.failed);
}

/** Ends the process with exit code 1 and the reason on standard error; a program that catches everything is killed. */
function endWith(culprits: readonly string[], clock: Clock): void {
  process.exitCode = 1;
  clock.setTimer(() => process.kill(process.pid, "SIGKILL"), patience.failed);
  queueMicrotask(() => {
    throw new SoraError("SORA_SHUTDOWN_TIMEOUT", `Cannot end the process in order: ${culprits.join("; ")}.`, { details: { culprits } });
  });
}

function warnOfWhatIsOpen(logger: Logger): void {
  const open = [...new Set(process.getActiveResourcesInfo())].filter(name => !name.startsWith("TTY") && !name.startsWith("Pipe"));
  logger.warn(
    `The host has stopped, but the process is held open${open.length === 0 ? "" : ` by ${open.join(", ")}`}. Close what the program opened itself; another signal ends it`,
    { open },
  );
}
