import { SingletonHolder } from "./singleton-holder.ts";
import { TickMemory } from "./tick-memory.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { DurableStore } from "./store/durable-store.ts";

/** What services of one host share with the same services elsewhere, through a store that was given for it. */
export class ClusterPart {
  readonly ticks: TickMemory;
  readonly #host: HostKernel;
  readonly #store: DurableStore;

  constructor(host: HostKernel, store: DurableStore) {
    this.ticks = new TickMemory(host, store.ticks);
    this.#host = host;
    this.#store = store;
  }

  /** Begins to ask for the lease by which a `singleton` service runs here. */
  hold(service: string): SingletonHolder {
    return new SingletonHolder(this.#host, this.#store, `singleton:${service}`);
  }
}
