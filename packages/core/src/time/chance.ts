/** Where every random decision comes from (jitter, ids), so that a simulator can seed it. */
export interface Chance {
  /** A number in [0, 1). */
  next(): number;
}

/** The engine's own generator. */
export const systemChance: Chance = { next: () => Math.random() };
