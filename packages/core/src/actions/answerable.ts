import type { CallContext } from "./call-context.ts";

/**
 * The outcome of a call from outside, which a stop can answer before the action has ended. A call from inside needs no such door: whoever waits for it is a call or a
 * run that the stop ends itself.
 */
export function answerable(context: CallContext, outcome: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    context.refuse = reject;
    outcome.then(resolve, reject);
  });
}
