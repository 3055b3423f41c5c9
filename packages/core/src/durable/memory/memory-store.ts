import { SoraError } from "../../errors/sora-error.ts";
import { checkedElsewhere } from "../../options/option-check.ts";
import { readChecked } from "../../options/read-checked.ts";
import type { OptionChecks } from "../../options/option-check.ts";
import type { Duration } from "../../time/duration.ts";
import type { DurableStore, StoreBell, StoreSurroundings, StoreTransaction } from "../store/durable-store.ts";
import { checkedLease } from "../store/store-lease.ts";
import { MemoryActions } from "./memory-actions.ts";
import { MemoryGround } from "./memory-ground.ts";
import { MemoryLeases } from "./memory-leases.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { MemorySchedules } from "./memory-schedules.ts";
import { MemoryTicks } from "./memory-ticks.ts";

export interface MemoryStoreOptions {
  /** How long a worker may go without renewing before its work is given to others. Default `"15s"`; from `"100ms"` to `"1h"`. */
  readonly lease?: Duration;
}

/** Its name only: the value is looked at by {@link checkedLease}. */
const checks: OptionChecks<MemoryStoreOptions> = { lease: checkedElsewhere };

/**
 * A store in the memory of the process, with everything the others promise but that it outlives the process: for tests, and for work that may be lost.
 *
 * Hosts of one process can share it: each opens it and disposes of it, and it stays open until the last has. What is stored lasts as long as the object, so that a host started
 * later with the same one finds it. Due times are on the wall clock of whoever opened it first, leases and rates on that clock's monotonic time. It takes part in no transaction.
 *
 * @throws SoraError `SORA_DURATION_INVALID` or `SORA_OPTION_INVALID` for the lease, and for an option that there is not.
 */
export function createMemoryStore(options: MemoryStoreOptions = {}): DurableStore {
  return new MemoryStore(checkedLease(readChecked(options, checks, "createMemoryStore", "Cannot make a memory store").lease));
}

class MemoryStore implements DurableStore {
  readonly name = "memory";
  readonly lasting = false;
  readonly shared = false;
  readonly lease: number;
  readonly actions: MemoryActions;
  readonly leases: MemoryLeases;
  readonly schedules: MemorySchedules;
  readonly ticks: MemoryTicks;
  readonly outbox: MemoryOutbox;
  readonly #ground = new MemoryGround();

  constructor(lease: number) {
    this.lease = lease;
    this.actions = new MemoryActions(this.#ground, lease);
    this.leases = new MemoryLeases(this.#ground);
    this.schedules = new MemorySchedules(this.#ground, actions => void this.actions.store(actions));
    this.ticks = new MemoryTicks(this.#ground);
    this.outbox = new MemoryOutbox(this.#ground);
  }

  async open(surroundings: StoreSurroundings): Promise<void> {
    this.#ground.open(surroundings);
  }

  async now(): Promise<number> {
    return this.#ground.now();
  }

  listen(listener: (bell: StoreBell) => void): Disposable {
    return this.#ground.listen(listener);
  }

  within(_transaction: unknown): StoreTransaction {
    throw new SoraError("SORA_TRANSACTION_UNSUPPORTED", "Cannot store within a transaction: this is a memory store, which takes part in none.", {
      fix: "Use the store of the database that the transaction belongs to, SQLite or PostgreSQL.",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ground.close();
  }
}
