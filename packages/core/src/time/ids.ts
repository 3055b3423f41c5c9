import type { Chance } from "./chance.ts";
import { systemChance } from "./chance.ts";

/** Where new ids come from (calls, correlation, receipts), so that a simulator can seed them. */
export interface Ids {
  /** An id never given before by this source: lower-case letters and digits, so it fits URLs, subjects and file names. */
  next(): string;
}

/** Ids that follow from `chance`: a prefix drawn at the first id, and a counter. Two sources of one `chance` never meet. */
export function seededIds(chance: Chance): Ids {
  return new CountedIds(chance);
}

const digits = "0123456789abcdefghijklmnopqrstuvwxyz";
const prefixLength = 13;

class CountedIds implements Ids {
  readonly #chance: Chance;
  /** The last two digits of the counter, ready made: a number is written out once in 1,296 ids. */
  #tails: readonly string[] = [];
  #prefix = "";
  #head = "";
  #high = -1;
  #low = 0;

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  next(): string {
    if (this.#low === this.#tails.length) this.#turn();
    return this.#head + (this.#tails[this.#low++] as string);
  }

  #turn(): void {
    if (this.#prefix === "") {
      for (let i = 0; i < prefixLength; i++) this.#prefix += digits[Math.floor(this.#chance.next() * digits.length)] as string;
      this.#tails = Array.from({ length: digits.length ** 2 }, (_, n) => n.toString(36).padStart(2, "0"));
    }
    this.#high += 1;
    this.#low = 0;
    this.#head = this.#prefix + this.#high.toString(36);
  }
}

/**
 * Ids of this process: a random prefix of 67 bits, drawn at the first id, and a counter. They are unique, also between
 * processes and threads, and can be guessed: never use one as a token.
 */
export const systemIds: Ids = new CountedIds(systemChance);
