import { SoraError } from "../errors/sora-error.ts";

/** Whether `error` is what work throws that was told to end: the reason it was given, one caused by it, or a cancellation. Never throws. */
export function isAbort(error: unknown, reason: unknown): boolean {
  try {
    return (
      error === reason || (error instanceof Error && (error.name === "AbortError" || error.cause === reason)) || SoraError.is(error, "SORA_ACTION_CANCELLED")
    );
  } catch {
    return false; // a Proxy whose traps throw
  }
}
