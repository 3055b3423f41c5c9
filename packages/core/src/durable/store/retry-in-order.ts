import type { ActionState } from "./stored-action.ts";

/**
 * Has actions tried again in the order in which they were stored, so that those of one key stand in line in it however they were named. `inOrder` are those that are there. Gives what `retry` says of each of
 * `ids`, and of one that is named twice what it says the second time.
 */
export function retryInOrder(
  ids: readonly string[],
  inOrder: Iterable<string>,
  retry: (id: string) => ActionState | undefined,
): readonly (ActionState | undefined)[] {
  const states = new Map(Array.from(inOrder, id => [id, retry(id)]));
  return ids.map(id => {
    const state = states.get(id);
    return states.delete(id) ? state : retry(id);
  });
}
