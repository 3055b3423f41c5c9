import type { StoredError } from "./stored-action.ts";

/** What the attempt leaves behind whose worker was lost. */
export function lostWorkerError(attempt: number, at: number): StoredError {
  return { message: "The worker that ran it was lost.", code: "SORA_WORKER_LOST", attempt, at };
}
