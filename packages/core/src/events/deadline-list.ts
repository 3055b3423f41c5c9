import type { Clock, ClockTimer } from "../time/clock.ts";

/** Something with a time limit; a {@link DeadlineList} links it in without allocating. */
export abstract class Deadline {
  /** The list's own: when it expires on the monotonic clock, and its neighbours. */
  at = 0;
  listed = false;
  previous: Deadline | undefined = undefined;
  following: Deadline | undefined = undefined;

  /** Called once when its time is over while it is listed; it is not listed any more by then. */
  abstract expire(): void;
}

/** Time limits that all have one span, and so expire in the order in which they were added: one timer serves them all, and none runs while the list is empty. */
export class DeadlineList {
  readonly #clock: Clock;
  readonly #span: number;
  #head: Deadline | undefined = undefined;
  #tail: Deadline | undefined = undefined;
  #timer: ClockTimer | undefined = undefined;
  #closed = false;

  /** `span` in milliseconds. */
  constructor(clock: Clock, span: number) {
    this.#clock = clock;
    this.#span = span;
  }

  add(deadline: Deadline): void {
    if (this.#closed) {
      deadline.expire();
      return;
    }
    deadline.at = this.#clock.monotonic() + this.#span;
    deadline.listed = true;
    deadline.previous = this.#tail;
    if (this.#tail === undefined) this.#head = deadline;
    else this.#tail.following = deadline;
    this.#tail = deadline;
    this.#timer ??= this.#clock.setTimer(this.#expireDue, this.#span, true);
  }

  /** Does nothing where it is not listed. */
  remove(deadline: Deadline): void {
    if (!deadline.listed) return;
    this.#unlink(deadline);
    if (this.#head === undefined) this.#disarm();
  }

  /** Expires all of them now, and any that is added later at once. */
  close(): void {
    this.#closed = true;
    for (let head = this.#head; head !== undefined; head = this.#head) {
      this.#unlink(head);
      head.expire();
    }
    this.#disarm();
  }

  // The timer stays with the head it was armed for; where that one went early, it finds nothing due and is armed anew.
  readonly #expireDue = (): void => {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let head = this.#head; head !== undefined && head.at <= now; head = this.#head) {
      this.#unlink(head);
      head.expire();
    }
    if (this.#head !== undefined) this.#timer ??= this.#clock.setTimer(this.#expireDue, this.#head.at - now, true);
  };

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #unlink(deadline: Deadline): void {
    const { previous, following } = deadline;
    if (previous === undefined) this.#head = following;
    else previous.following = following;
    if (following === undefined) this.#tail = previous;
    else following.previous = previous;
    deadline.listed = false;
    deadline.previous = undefined;
    deadline.following = undefined;
  }
}
