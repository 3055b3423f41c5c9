import { describeError } from "../errors/describe-error.ts";
import type { Logger } from "../logging/logger.ts";
import type { AttemptOutcome } from "./attempt.ts";
import type { RunningAction } from "./running-action.ts";
import type { StoredError } from "./store/stored-action.ts";

/** Says of an attempt that has failed, in one line, whether it is the end of the action. */
export function logFailure(logger: Logger, run: RunningAction, outcome: AttemptOutcome): void {
  const { service, action } = run.parts;
  const which = `attempt ${run.attempt} of ${run.claimed.attempts}`;
  const wasTried = "error" in outcome;
  const what = wasTried ? `: ${describeError(outcome.error)}` : "";
  const fields = { id: run.id, ...(wasTried && { error: outcome.error }) };
  const { settlement } = outcome;
  if (settlement.kind === "dead" && !run.lost) {
    const why = whyDead(run, settlement.error);
    logger.error(`${service}.${action} is dead ${wasTried ? "after" : "before"} ${which}, and no further attempt follows, since ${why}${what}`, fields);
  } else if (wasTried) {
    logger.warn(`A${which.slice(1)} at ${service}.${action} failed${what}`, fields);
  }
}

function whyDead({ attempt, claimed }: RunningAction, { code }: StoredError): string {
  if (code === "SORA_ACTION_EXPIRED") return "its deadline is over";
  return attempt >= claimed.attempts ? "its attempts are spent" : "its error is final";
}
