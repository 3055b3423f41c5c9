import { describeError } from "../errors/describe-error.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ClockTimer } from "../time/clock.ts";
import type { PurgedActions, RecoveredAction } from "./store/action-store.ts";
import type { DurableStore } from "./store/durable-store.ts";
import type { Retention } from "./worker-options.ts";

/** Looks for lost workers in one lease, so that what they had is taken over well before half of another lease is gone. */
const looksPerLease = 4;
/** Where only hosts of this process share the store, which seldom die by themselves. */
const looksInOneProcess = 2.25;
/** Milliseconds between two looks for what has outlived its retention. */
const purgePause = 60_000;
const mostAtOnce = 1_000;

/** Hears of what was done with actions that were not being run here. */
export interface MaintenanceWatcher {
  /** Their workers were lost. */
  recovered(actions: readonly RecoveredAction[]): void;
  /** They are cancelled, since what they waited for is not going to be completed. */
  stranded(ids: readonly string[]): void;
}

/** Keeps a store in order: gives the work of lost workers to others, and deletes what has outlived its retention, with what waits for that in vain. Every host does it; they do not disturb each other. */
export class Maintenance {
  readonly #host: HostKernel;
  readonly #store: DurableStore;
  readonly #retention: Retention;
  readonly #watcher: MaintenanceWatcher;
  #timer: ClockTimer | undefined = undefined;
  #purgeAt: number;
  #closed = false;
  /** Whether no worker is there that could be lost, so that there is time. */
  #quiet = false;
  readonly #listening: Disposable;

  constructor(host: HostKernel, store: DurableStore, retention: Retention, watcher: MaintenanceWatcher) {
    this.#host = host;
    this.#store = store;
    this.#retention = retention;
    this.#watcher = watcher;
    this.#purgeAt = host.clock.monotonic() + purgePause;
    this.#listening = store.listen(() => this.#stir());
  }

  /** The first look is at once: after a crash of the only host, its own successor takes over. */
  start(): void {
    void this.#look();
  }

  close(): void {
    this.#closed = true;
    this.#listening[Symbol.dispose]();
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    try {
      await this.#recover();
      this.#quiet = !this.#store.shared && (await this.#store.actions.workers()).length === 0;
      if (this.#host.clock.monotonic() >= this.#purgeAt) await this.#purge();
    } catch (error) {
      this.#host.logger.debug(`The store could not be looked after: ${describeError(error)}`, { error }); // its worker, or whoever asks it, says so loudly
    }
    this.#arm();
  }

  #arm(): void {
    this.#timer?.cancel();
    if (this.#closed) return;
    const looks = this.#store.shared ? looksPerLease : looksInOneProcess;
    const pause = this.#quiet ? purgePause : (this.#store.lease / looks) * (0.9 + 0.2 * this.#host.chance.next());
    this.#timer = this.#host.clock.setTimer(() => void this.#look(), pause, true);
  }

  /** Something goes on in a store that nobody outside shares, so there may be workers to be lost again. */
  #stir(): void {
    if (!this.#quiet) return;
    this.#quiet = false;
    this.#arm();
  }

  async #recover(): Promise<void> {
    let recovered: readonly RecoveredAction[];
    do {
      recovered = await this.#store.actions.recover(mostAtOnce, this.#retention.dead);
      if (recovered.length > 0) this.#watcher.recovered(recovered);
    } while (recovered.length === mostAtOnce && !this.#closed);
  }

  async #purge(): Promise<void> {
    const keepFor = Math.max(this.#retention.cancelled, purgePause); // nobody asked for their end, so that whoever waits for one must find it
    let purged: PurgedActions;
    do {
      purged = await this.#store.actions.purge(mostAtOnce, keepFor);
      if (purged.cancelled.length > 0) this.#watcher.stranded(purged.cancelled);
    } while (purged.deleted + purged.cancelled.length >= mostAtOnce && !this.#closed);
    this.#purgeAt = this.#host.clock.monotonic() + purgePause;
  }
}
