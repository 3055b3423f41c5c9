import type { Chance } from "../../../time/chance.ts";
import type { Clock, ClockTimer } from "../../../time/clock.ts";
import type { StoreBell, StoreSurroundings } from "../../store/durable-store.ts";
import type { StorePorts } from "../operations/operations.ts";
import type { CheckedOptions } from "../sqlite-store-options.ts";
import { StoreThread } from "./store-thread.ts";
import type { ThreadSettings } from "./thread-protocol.ts";

type Role = ThreadSettings["role"];

/** Milliseconds after which the thread for long reads ends when nobody asks it for anything. */
const readerRests = 30_000;

/** The threads of an open store: the writer, which there always is, and the reader while it has something to do. One that has come to an end is started again for the next call. */
export class StoreThreads {
  readonly #options: CheckedOptions;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #onBell: (bell: StoreBell) => void;
  readonly #running = new Map<Role, StoreThread>();
  #listeners = 0;
  #rest: ClockTimer | undefined;

  constructor(options: CheckedOptions, { clock, chance }: Required<StoreSurroundings>, onBell: (bell: StoreBell) => void) {
    this.#options = options;
    this.#clock = clock;
    this.#chance = chance;
    this.#onBell = onBell;
  }

  /** Resolves when the file is open, with its schema up to date. */
  open(): Promise<void> {
    return this.#thread("writer").opened;
  }

  ask(role: Role, part: keyof StorePorts, method: string, parameters: readonly unknown[]): Promise<unknown> {
    if (role === "reader") {
      this.#rest?.cancel();
      this.#rest = this.#clock.setTimer(() => void this.#close("reader"), readerRests, true);
    }
    return this.#thread(role).ask(part, method, this.#clock.now(), parameters);
  }

  /** How many listen to what other processes do. */
  set listeners(count: number) {
    this.#listeners = count;
    const writer = this.#running.get("writer");
    if (writer !== undefined) writer.listeners = count;
  }

  /** Resolves when everything asked before is done, and the file is closed. */
  async close(): Promise<void> {
    this.#rest?.cancel();
    await this.#close("reader"); // so that the writer is the last on the file, and can move the log to its place
    await this.#close("writer");
  }

  async #close(role: Role): Promise<void> {
    const thread = this.#running.get(role);
    this.#running.delete(role);
    await thread?.close();
  }

  #thread(role: Role): StoreThread {
    const running = this.#running.get(role);
    if (running !== undefined) return running;
    const thread = new StoreThread({
      ...this.#options,
      role,
      seed: this.#chance.next(),
      onBell: this.#onBell,
      onGone: gone => {
        if (this.#running.get(role) === gone) this.#running.delete(role);
      },
    });
    if (role === "writer") thread.listeners = this.#listeners;
    this.#running.set(role, thread);
    return thread;
  }
}
