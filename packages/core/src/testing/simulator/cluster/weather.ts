import type { Dice } from "../dice.ts";

/** What becomes of one request to a store. */
export interface Fate {
  /** Milliseconds until it reaches the store, and until the answer is back. */
  readonly there: number;
  readonly back: number;
  /** `done`: it is done, and answered. `refused`: it is not done. `unanswered`: it is done, and whoever asked is told that the store is away. `late`: the same, and it is done only afterwards. */
  readonly kind: "done" | "refused" | "unanswered" | "late";
}

const calm: Fate = { there: 0, back: 0, kind: "done" };

/** What the way between hosts and their store is like at the moment. */
export class Weather {
  readonly #dice: Dice;
  readonly #latency: number;
  readonly #mayBeLate: boolean;
  /** One request in so many comes to harm; 0 for none. */
  harm = 0;
  /** One bell in so many is lost; 0 for none. */
  bellsLost = 0;

  constructor(dice: Dice, latency: number, mayBeLate: boolean) {
    this.#dice = dice;
    this.#latency = latency;
    this.#mayBeLate = mayBeLate;
  }

  fate(): Fate {
    const dice = this.#dice;
    const there = this.#latency === 0 ? 0 : dice.between(0, this.#latency);
    const back = this.#latency === 0 ? 0 : dice.between(0, this.#latency);
    if (this.harm === 0 || !dice.oneIn(this.harm)) return this.#latency === 0 ? calm : { there, back, kind: "done" };
    const slow = dice.oneIn(4) ? dice.between(100, 3_000) : 0;
    const kind = dice.pick(["done", "refused", "unanswered", this.#mayBeLate ? "late" : "unanswered"] as const);
    return { there: there + (dice.oneIn(2) ? slow : 0), back: kind === "late" ? dice.between(1, 1_500) : back + slow, kind };
  }

  losesBell(): boolean {
    return this.bellsLost > 0 && this.#dice.oneIn(this.bellsLost);
  }

  /** Nothing comes to harm from now on. */
  clear(): void {
    this.harm = 0;
    this.bellsLost = 0;
  }
}
