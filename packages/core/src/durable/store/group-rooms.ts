import type { QueueClaim } from "./worker-turn.ts";

/** What the groups of one claim may still give. */
export class GroupRooms {
  readonly #left = new Map<string, number>();

  /** Whether one more may be handed out of this queue; so it is where it is in no group. */
  allow({ groups }: QueueClaim): boolean {
    return groups === undefined || groups.every(({ name, most }) => (this.#left.get(name) ?? most) > 0);
  }

  take({ groups = [] }: QueueClaim): void {
    for (const { name, most } of groups) this.#left.set(name, (this.#left.get(name) ?? most) - 1);
  }
}

/** Whether a queue may give no more than so many, by itself or with others, or so many in a time. */
export function isLimited({ most, groups, rate }: QueueClaim): boolean {
  return most !== undefined || groups !== undefined || rate !== undefined;
}
