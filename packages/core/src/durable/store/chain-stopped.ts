import type { StoredAction, StoredError } from "./stored-action.ts";

/** Why an action is cancelled that waited for another of its chain, which has ended without completing and whose retention is over. */
export function chainStopped(after: string, attempt: number, at: number): StoredError {
  return { message: `It waited for ${after}, which was not completed, and whose retention is over.`, code: "SORA_CHAIN_STOPPED", attempt, at };
}

/** Why this action was cancelled, where that is why: one that was retried since may still have it as the error of before. */
export function strandedBy({ error, finishedAt }: Pick<StoredAction, "error" | "finishedAt">): StoredError | undefined {
  return error?.code === "SORA_CHAIN_STOPPED" && error.at === finishedAt ? error : undefined;
}
