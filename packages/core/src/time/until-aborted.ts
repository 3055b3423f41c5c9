/** Waits for `signal` to abort; nothing where it has already. */
export function untilAborted(signal: AbortSignal): Promise<void> | undefined {
  return signal.aborted ? undefined : new Promise(resolve => signal.addEventListener("abort", () => resolve(), { once: true }));
}
