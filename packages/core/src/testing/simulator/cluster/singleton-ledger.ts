import type { Clock } from "../../../time/clock.ts";

/** A place that only one host at a time may write to, guarded by the fence of a singleton's lease, and what must hold of the writes that passed. */
export class SingletonLedger {
  readonly #clock: Clock;
  readonly #violate: (sentence: string) => void;
  readonly #holders = new Map<number, string>();
  #highest = 0;
  #lastWrite = 0;

  constructor(clock: Clock, violate: (sentence: string) => void) {
    this.#clock = clock;
    this.#violate = violate;
  }

  /** Whether the write passes: no higher fence has been seen. */
  write(host: string, fence: number | undefined): boolean {
    if (fence === undefined) {
      this.#violate(`the singleton runs on ${host} without a fence`);
      return false;
    }
    const holder = this.#holders.get(fence);
    if (holder !== undefined && holder !== host) this.#violate(`${host} and ${holder} both run the singleton with fence ${fence}`);
    this.#holders.set(fence, host);
    if (fence < this.#highest) return false;
    this.#highest = fence;
    this.#lastWrite = this.#clock.monotonic();
    return true;
  }

  /** All is well, and has been for long enough that somebody must hold it. */
  checkHeld(within: number): void {
    const silent = this.#clock.monotonic() - this.#lastWrite;
    if (silent > within) this.#violate(`nobody has run the singleton for ${silent} ms`);
  }
}
