import { SoraError } from "../errors/sora-error.ts";

/** Where every random decision comes from (jitter, ids), so that a simulator can seed it. */
export interface Chance {
  /** A number in [0, 1). */
  next(): number;
}

/** The engine's own generator. */
export const systemChance: Chance = { next: () => Math.random() };

/**
 * A generator whose whole sequence follows from `seed`, any finite number: the same on every machine and in every
 * version of Sora, so that a seed printed by a failed run replays it. Not for secrets.
 *
 * @throws SoraError `SORA_OPTION_INVALID` where the seed is not finite.
 */
export function seededChance(seed: number): Chance {
  if (!Number.isFinite(seed)) {
    throw new SoraError("SORA_OPTION_INVALID", `Cannot seed a generator: ${String(seed)} is not a finite number.`, { details: { seed: String(seed) } });
  }
  return new Xoshiro(seed);
}

/** xoshiro128** of Blackman and Vigna: four words of state, two of its 32-bit numbers for each of ours. */
class Xoshiro implements Chance {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    // All 64 bits of the seed count, so that 1, 1.5 and 2^32 + 1 differ; -0 is 0.
    const bits = new DataView(new ArrayBuffer(8));
    bits.setFloat64(0, seed + 0);
    let state = bits.getInt32(0);
    const word = (): number => {
      state = (state + 0x9e3779b9) | 0;
      return scramble(state);
    };
    this.#a = word();
    this.#b = word();
    state ^= bits.getInt32(4);
    this.#c = word();
    this.#d = word() | 1; // a state of four zeros would stay there
  }

  next(): number {
    return ((this.#word() >>> 5) * 0x4000000 + (this.#word() >>> 6)) / 0x20000000000000;
  }

  #word(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/** The finalizer of MurmurHash3: every bit in reaches every bit out. */
function scramble(word: number): number {
  let mixed = word;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
