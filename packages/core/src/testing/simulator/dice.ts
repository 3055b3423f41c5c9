import type { Chance } from "../../time/chance.ts";

/** Random choices of a simulation, all from one seed. */
export class Dice {
  readonly #chance: Chance;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  /** True once in `times`. */
  oneIn(times: number): boolean {
    return this.#chance.next() * times < 1;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#chance.next() * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)] as T;
  }
}
