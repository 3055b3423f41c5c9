import type { Clock } from "../time/clock.ts";
import type { ClaimRequest, WorkerTurnAnswer } from "./store/worker-turn.ts";

/** Milliseconds between two looks for work that no bell told of: this after there was some, doubling up to {@link longestPoll}. */
const shortestPoll = 250;
const longestPoll = 5_000;

/** What a worker believes of the work that the store has for it: whether there may be any, and when to look again. */
export class WorkInStore {
  readonly #clock: Clock;
  /** Whether others store there too, who may ring no bell that is heard here. */
  readonly #shared: boolean;
  #mayBeThere = true;
  #plenty = false;
  #poll = shortestPoll;
  #dueIn: number | undefined = undefined;
  /** Since when, on the monotonic clock, those two run. */
  #waitsSince: number;

  constructor(clock: Clock, shared: boolean) {
    this.#clock = clock;
    this.#shared = shared;
    this.#waitsSince = clock.monotonic();
  }

  /** Whether there may be something to be claimed. */
  get mayBeThere(): boolean {
    return this.#mayBeThere;
  }

  /** Whether the last claim was given all it had asked for, so that there may be something to be claimed ahead. */
  get plenty(): boolean {
    return this.#plenty;
  }

  /** Milliseconds until the next look. */
  get patience(): number {
    const wait = Math.min(this.#dueIn ?? Infinity, this.#shared ? this.#poll : Infinity);
    return wait - (this.#clock.monotonic() - this.#waitsSince);
  }

  /** There may be something. */
  expect(): void {
    this.#mayBeThere = true;
  }

  /** It is being asked for, or cannot be had: until {@link expect} there is nothing. */
  dismiss(): void {
    this.#mayBeThere = false;
  }

  /** A bell has rung, or the like. */
  hear(): void {
    this.#mayBeThere = true;
    this.#poll = shortestPoll;
  }

  /** The time for the next look has come. */
  wake(): void {
    this.#mayBeThere = true;
    this.#waitsSince = this.#clock.monotonic();
  }

  /** What the answer to a claim says about the next one. */
  learn({ most, ahead = 0 }: ClaimRequest, { claimed, dueIn }: WorkerTurnAnswer, at: number): void {
    this.#plenty = claimed.length >= most + ahead;
    this.#mayBeThere ||= claimed.length >= most; // of what may be claimed ahead there can be none, though there is something to begin at once
    this.#dueIn = dueIn;
    this.#waitsSince = at;
    this.#poll = claimed.length > 0 ? shortestPoll : Math.min(this.#poll * 2, longestPoll);
  }
}
