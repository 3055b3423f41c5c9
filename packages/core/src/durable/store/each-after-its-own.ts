import type { EnqueuedAction, NewAction } from "./stored-action.ts";

/** Stores actions one after the other. One that is to come after another of them comes after the one that stands for that, where there is one already. */
export function eachAfterItsOwn(actions: readonly NewAction[], store: (action: NewAction) => EnqueuedAction): readonly EnqueuedAction[] {
  const standIns = new Map<string, string>();
  return actions.map(action => {
    const after = action.after === undefined ? undefined : standIns.get(action.after);
    const stored = store(after === undefined ? action : { ...action, after });
    if (stored.id !== action.id) standIns.set(action.id, stored.id);
    return stored;
  });
}
