import type { ActionState } from "@sora/core";
import { oneLine } from "../output/printable.ts";
import type { Paint } from "../output/paint.ts";

const states: Readonly<Record<ActionState, Parameters<Paint>[0]>> = {
  waiting: "yellow",
  delayed: "dim",
  running: "green",
  failed: "yellow",
  completed: "dim",
  dead: "red",
  cancelled: "dim",
};

/** Every state there is; kept here, since the core would take longer to load than a command to run. */
export const storedStates: readonly string[] = Object.keys(states);

/** The state of a stored action in its colour; one that this version does not know stays plain. */
export function storedPaint(state: string, paint: Paint): string {
  return Object.hasOwn(states, state) ? paint(states[state as ActionState], state) : oneLine(state);
}
