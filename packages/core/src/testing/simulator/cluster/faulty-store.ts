import { SoraError } from "../../../errors/sora-error.ts";
import type { Clock } from "../../../time/clock.ts";
import type { DurableStore, StoreBell, StoreTransaction } from "../../../durable/store/durable-store.ts";
import type { ActionStore } from "../../../durable/store/action-store.ts";
import type { LeaseStore } from "../../../durable/store/lease-store.ts";
import type { OutboxStore } from "../../../durable/store/outbox-store.ts";
import type { ScheduleStore } from "../../../durable/store/schedule-store.ts";
import type { TickStore } from "../../../durable/store/tick-store.ts";
import { pointsAnswered, pointsOf } from "./crash-point.ts";
import type { CrashSwitch } from "./crash-point.ts";
import type { HostClock } from "./host-clock.ts";
import type { Weather } from "./weather.ts";

export interface FaultyStoreParts {
  /** The one that all hosts share. */
  readonly store: DurableStore;
  readonly shared: boolean;
  /** The simulation's own clock: requests travel whatever the host does. */
  readonly network: Clock;
  readonly process: HostClock;
  readonly weather: Weather;
  /** Where the process may come to its end. */
  readonly crash: CrashSwitch;
  /** Told of every request that comes to harm or takes long, and how long that is. */
  readonly onTrouble: (milliseconds: number) => void;
}

/** Longer than this a request counts as trouble. */
const slow = 100;

/**
 * A store as one host sees it from across a network: requests take their time, are refused before they are done, or done and never answered, or told to have failed and done
 * afterwards; bells are lost. A host that stands still hears the answer when it goes on, one that has crashed never does, and what it had sent may arrive all the same.
 */
export class FaultyStore implements DurableStore {
  readonly name: string = "simulated";
  readonly lasting: boolean = true;
  readonly shared: boolean;
  readonly lease: number;
  readonly actions: ActionStore;
  readonly leases: LeaseStore;
  readonly schedules: ScheduleStore;
  readonly ticks: TickStore;
  readonly outbox: OutboxStore;
  readonly #parts: FaultyStoreParts;
  #cut = false;

  constructor(parts: FaultyStoreParts) {
    const { store } = parts;
    this.#parts = parts;
    this.shared = parts.shared;
    this.lease = store.lease;
    this.actions = this.#across(store.actions);
    this.leases = this.#across(store.leases);
    this.schedules = this.#across(store.schedules);
    this.ticks = this.#across(store.ticks);
    this.outbox = this.#across(store.outbox);
  }

  async open(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Nothing gets through any more, either way. */
  cut(): void {
    this.#cut = true;
  }

  async now(): Promise<number> {
    return (await this.#send("now", [], () => this.#parts.store.now())) as number;
  }

  listen(listener: (bell: StoreBell) => void): Disposable {
    const { store, process, weather } = this.#parts;
    return store.listen(bell => {
      if (!this.#cut && !weather.losesBell()) process.run(() => listener(bell));
    });
  }

  within(transaction: unknown): StoreTransaction {
    return this.#parts.store.within(transaction);
  }

  #across<Part extends object>(part: Part): Part {
    return new Proxy(part, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
        return (...args: unknown[]) => this.#send(name, args, () => method.apply(target, args));
      },
    });
  }

  async #send(method: string | symbol, parameters: readonly unknown[], request: () => Promise<unknown>): Promise<unknown> {
    const { crash } = this.#parts;
    if (this.#cut) throw away();
    const points = pointsOf(method, parameters);
    await crash.pass(points, "before");
    const asked = this.#travel(request);
    asked.catch(() => {}); // where it is refused to a process that is gone
    await crash.pass(points, "under way");
    const answer = await asked;
    await crash.pass(pointsAnswered(method, points, answer), "after");
    return answer;
  }

  async #travel(request: () => Promise<unknown>): Promise<unknown> {
    const { network, process, weather, onTrouble } = this.#parts;
    const { there, back, kind } = weather.fate();
    if (kind !== "done" || there + back > slow) onTrouble(there + back);
    if (there > 0) await network.sleep(there);
    if (kind === "late") {
      network.setTimer(() => void request().catch(() => {}), back);
      await process.awake();
      throw away();
    }
    const answer = kind === "refused" ? undefined : await request();
    if (back > 0) await network.sleep(back);
    await process.awake();
    if (kind !== "done") throw away();
    return answer;
  }
}

function away(): SoraError {
  return new SoraError("SORA_STORE_UNAVAILABLE", "Cannot reach the simulated store: as drawn.");
}
