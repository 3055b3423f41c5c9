import { AsyncLocalStorage } from "node:async_hooks";
import { median } from "./median.ts";

/** Does its thing `count` times, one after the other. */
export type Contestant = (count: number) => Promise<void>;

export interface InterleaveOptions {
  /** How often each does its thing in a round: few enough that a round is over in the time a busy machine gives to a process at once. */
  readonly count: number;
  readonly rounds: number;
}

/** What each contestant took, in nanoseconds a time, round by round. */
export class Rounds {
  /** How often each did its thing, those rounds included that do not count. */
  readonly times: number;
  readonly #taken: ReadonlyMap<string, readonly number[]>;

  constructor(taken: ReadonlyMap<string, readonly number[]>, times: number) {
    this.#taken = taken;
    this.times = times;
  }

  get names(): readonly string[] {
    return [...this.#taken.keys()];
  }

  /** Nanoseconds a time, in the middle round. */
  nanoseconds(name: string): number {
    return median(this.#of(name));
  }

  /** How many times as fast as `other` `name` is: the median of the ratios within each round, so that a busy moment, which both had, falls out. */
  speed(name: string, other: string): number {
    const ours = this.#of(name);
    return median(this.#of(other).map((theirs, round) => theirs / (ours[round] as number)));
  }

  figures(): [contestant: string, figure: string][] {
    return [...this.#taken.keys()].map(name => {
      const nanoseconds = this.nanoseconds(name);
      return [name, `${(1_000 / nanoseconds).toFixed(2).padStart(7)} M/s  ${nanoseconds.toFixed(0).padStart(6)} ns`];
    });
  }

  #of(name: string): readonly number[] {
    const taken = this.#taken.get(name);
    if (taken === undefined) throw new Error(`No contestant is called ${name}.`);
    return taken;
  }
}

/**
 * Measures the contestants in turns. Each begins in the async context the program was started with: what one leaves behind there, as `AsyncLocalStorage.run` does,
 * slows down nobody else.
 */
export async function interleave(contestants: Readonly<Record<string, Contestant>>, { count, rounds }: InterleaveOptions): Promise<Rounds> {
  const taken = new Map<string, number[]>();
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, contestant] of Object.entries(contestants)) {
      const began = performance.now();
      await fromTheStart(contestant, count);
      const nanoseconds = ((performance.now() - began) * 1e6) / count;
      if (round < 0) continue;
      const before = taken.get(name);
      if (before === undefined) taken.set(name, [nanoseconds]);
      else before.push(nanoseconds);
    }
  }
  return new Rounds(taken, (rounds + warmUp) * count);
}

/** Rounds before the engine has compiled all there is to compile. */
const warmUp = 20;

const fromTheStart = AsyncLocalStorage.snapshot();
