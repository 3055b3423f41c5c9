import type { WaitingLine } from "./waiting-line.ts";

/** Lets at most `concurrency` holders in at once. Who comes later waits in a {@link WaitingLine}; a slot that is given back goes straight to the first who can use it. */
export class Lane {
  readonly name: string;
  readonly concurrency: number;
  readonly #lines: WaitingLine[] = [];
  #held = 0;
  #whenIdle: (() => void) | undefined = undefined;

  constructor(name: string, concurrency: number) {
    this.name = name;
    this.concurrency = concurrency;
  }

  get held(): number {
    return this.#held;
  }

  /** How many wait for a slot here, whatever else they wait for. */
  get waiting(): number {
    let waiting = 0;
    for (const line of this.#lines) waiting += line.size;
    return waiting;
  }

  hasRoom(): boolean {
    return this.#held < this.concurrency;
  }

  /** Takes a slot; only where {@link hasRoom}. */
  take(): void {
    this.#held++;
  }

  /** Gives a slot back, as part of {@link release}. */
  leave(): void {
    this.#held--;
  }

  /** Calls back once nobody holds a slot and nobody waits for one: at once where that is so. */
  onceIdle(callback: () => void): void {
    if (this.#held === 0) callback();
    else this.#whenIdle = callback;
  }

  /** The line of those who wait for exactly these lanes, this one among them. */
  lineFor(lanes: readonly Lane[]): WaitingLine | undefined {
    return this.#lines.find(line => line.isFor(lanes));
  }

  addLine(line: WaitingLine): void {
    this.#lines.push(line);
  }

  removeLine(line: WaitingLine): void {
    this.#lines.splice(this.#lines.indexOf(line), 1);
  }

  /** Of those who wait here and whose every lane has room, the line whose first comes before that of `best`, or else `best`. */
  nextLine(best: WaitingLine | undefined): WaitingLine | undefined {
    let next = best;
    if (this.hasRoom())
      for (const line of this.#lines) if (line.lanes.every(lane => lane.hasRoom()) && (next === undefined || line.isBefore(next))) next = line;
    return next;
  }

  /** Tells who asked for it that the lane is idle, where it is. */
  rest(): void {
    if (this.#held > 0 || this.#whenIdle === undefined) return;
    const whenIdle = this.#whenIdle;
    this.#whenIdle = undefined;
    whenIdle();
  }
}

/** Gives a slot of each lane back, and lets in who waits for one of them: the highest priority first, then who came first. */
export function release(lanes: readonly Lane[]): void {
  for (const lane of lanes) lane.leave();
  for (let line = nextOf(lanes); line !== undefined; line = nextOf(lanes)) line.admitFirst();
  for (const lane of lanes) lane.rest();
}

function nextOf(lanes: readonly Lane[]): WaitingLine | undefined {
  return lanes.reduce<WaitingLine | undefined>((best, lane) => lane.nextLine(best), undefined);
}
