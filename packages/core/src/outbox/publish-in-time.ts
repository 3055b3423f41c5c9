import { SoraError } from "../errors/sora-error.ts";
import { shown } from "../options/shown.ts";
import type { MessageContext } from "./message-context.ts";
import type { OutboxMessage } from "./outbox-message.ts";
import type { OutboxPublisher } from "./outbox-route.ts";

/**
 * Publishes a message, or gives up when `timeout` milliseconds are over: whatever the publisher does about its signal, the messages behind go on.
 *
 * @throws what `publish` throws; SoraError `SORA_ACTION_TIMEOUT`.
 */
export async function publishInTime(message: OutboxMessage, context: MessageContext, publish: OutboxPublisher, timeout: number): Promise<void> {
  const run = context.signal;
  const end = context.ownEnd();
  const { promise: over, reject } = Promise.withResolvers<never>();
  const timer = context.clock.setTimer(() => {
    const late = tooLate(message.topic, timeout);
    end.abort(late);
    reject(late);
  }, timeout);
  // a listener for each message, taken away with it: a signal made of both would last as long as the run's, and so would whatever listens to it
  const stop = (): void => end.abort(run.reason);
  run.addEventListener("abort", stop, { once: true });
  if (run.aborted) stop();
  try {
    await Promise.race([publish(message, context), over]);
  } finally {
    timer.cancel();
    run.removeEventListener("abort", stop);
  }
}

function tooLate(topic: string, timeout: number): SoraError {
  return new SoraError("SORA_ACTION_TIMEOUT", `Publishing a message of ${shown(topic)} did not finish within ${timeout} ms; its signal has been aborted.`, {
    details: { topic, timeout },
    fix: "Make the publisher observe `context.signal` and finish sooner, or raise the `timeout` of outboxProcessor().",
  });
}
