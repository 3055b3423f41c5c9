import { SingletonHolder } from "./singleton-holder.ts";
import { TickMemory } from "./tick-memory.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { DurableStore } from "./store/durable-store.ts";

/** What services of one host share with the same services elsewhere, through a store that was given for it. */
export class ClusterPart {
  readonly ticks: TickMemory;
  readonly #host: HostKernel;
  readonly #store: DurableStore;
  readonly #leaseMoved: () => void;

  /** `leaseMoved` is called after a singleton's lease was gained or lost here. */
  constructor(host: HostKernel, store: DurableStore, leaseMoved: () => void) {
    this.ticks = new TickMemory(host, store.ticks);
    this.#host = host;
    this.#store = store;
    this.#leaseMoved = leaseMoved;
  }

  /** Begins to ask for the lease by which a `singleton` service runs here. */
  hold(service: string): SingletonHolder {
    const holder = new SingletonHolder(this.#host, this.#store, `singleton:${service}`);
    holder.onHeld(this.#leaseMoved);
    holder.onLost(this.#leaseMoved);
    return holder;
  }
}
