import { SoraError } from "../../errors/sora-error.ts";
import { BellBoard } from "../store/bell-board.ts";
import type { StoreBell, StoreSurroundings } from "../store/durable-store.ts";

/** What the parts of a memory store stand on: its time, its bell, and whether it is open. */
export class MemoryGround {
  readonly #board = new BellBoard("the memory store");
  #surroundings: StoreSurroundings | undefined;
  #openers = 0;

  open(surroundings: StoreSurroundings): void {
    this.#surroundings ??= surroundings;
    this.#openers++;
  }

  close(): void {
    if (this.#openers === 0) return;
    this.#openers--;
    if (this.#openers === 0) this.#surroundings = undefined;
  }

  /** Wall time: of enqueuing, due times, schedules. @throws SoraError `SORA_STORE_UNAVAILABLE` where nobody has the store open. */
  now(): number {
    return this.#opened().clock.now();
  }

  /** For leases and rates, so that a wall clock that jumps takes nothing from anybody. */
  monotonic(): number {
    return this.#opened().clock.monotonic();
  }

  listen(listener: (bell: StoreBell) => void): Disposable {
    this.#opened();
    return this.#board.listen(listener);
  }

  ring(bell: StoreBell): void {
    this.#board.ringAfter(bell, this.#opened().logger);
  }

  #opened(): StoreSurroundings {
    if (this.#surroundings !== undefined) return this.#surroundings;
    throw new SoraError("SORA_STORE_UNAVAILABLE", "Cannot use the memory store: it is not open.", {
      fix: "Use it while a host that was given it runs, or call `open` first.",
    });
  }
}
