import { describeError } from "../errors/describe-error.ts";
import { currentContext } from "./ambient.ts";
import type { HostKernel } from "./host-kernel.ts";

/** Marks listeners of this kind, under a registered symbol so that two copies of the package agree. */
const ours = Symbol.for("sora.uncaught");

type Listener = ((error: unknown, origin: string) => void) & { [ours]?: HostKernel };

/**
 * Keeps the process alive where code of this host's services throws with nobody to catch it: in a timer, an emitter's listener, or a promise that nobody awaits. It is
 * logged with the service's name and becomes its last error. What comes from elsewhere ends the process as it would have. Returns how to let go.
 *
 * Whose code it was is known from the ambient context, so with `ambientFlow: false` everything counts as coming from elsewhere.
 */
export function takeUncaught(host: HostKernel): () => void {
  const listener: Listener = (error, origin) => {
    const context = currentContext();
    if (context?.host === host) {
      const { runtime } = context;
      runtime.noteError(error);
      runtime.logger.error(
        `${origin === "unhandledRejection" ? "A promise that nobody awaits was rejected" : "Something was thrown outside of any call or run"}: ${describeError(error)}`,
        { error },
      );
      return;
    }
    const listeners = process.listeners("uncaughtException") as Listener[];
    const hosts = listeners.map(one => one[ours]);
    if (hosts.includes(undefined) || (context !== undefined && hosts.includes(context.host))) return; // the program, or another host, sees to it
    if (hosts[0] === host) raiseAgain(error, listeners);
  };
  listener[ours] = host;
  process.on("uncaughtException", listener);
  return () => void process.removeListener("uncaughtException", listener);
}

/** With nobody listening any more it ends the process, as it would have without us. */
function raiseAgain(error: unknown, listeners: readonly Listener[]): void {
  for (const listener of listeners) process.removeListener("uncaughtException", listener);
  queueMicrotask(() => {
    throw error;
  });
}
