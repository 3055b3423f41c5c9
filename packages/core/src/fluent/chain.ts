import { SoraError } from "../errors/sora-error.ts";
import type { ActionStep } from "./action-step.ts";
import type { EventStep } from "./event-step.ts";

/** What a sentence is made of after its service; each is linked to the one before it. */
export type Step = ActionStep | EventStep;

/** The steps up to `last`, in the order in which they were said. */
export function stepsOf(last: Step): Step[] {
  const steps: Step[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.before) steps.push(step);
  return steps.reverse();
}

export function actionsOf(steps: readonly Step[]): ActionStep[] {
  return steps.filter(step => step.kind === "action");
}

/** The event that a chain up to `last` named last; `outcome` says what cannot be done where there is none. */
export function lastEvent(last: Step, outcome: string): EventStep {
  for (let step: Step | undefined = last; step !== undefined; step = step.before) if (step.kind === "event") return step;
  throw new SoraError("SORA_OPTION_INVALID", outcome, { fix: "Say which event first: `.on(Event).do(handler)`." });
}
