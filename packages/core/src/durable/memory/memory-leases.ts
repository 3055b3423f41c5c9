import type { Lease, LeaseStore } from "../store/lease-store.ts";
import type { MemoryGround } from "./memory-ground.ts";

interface Holding {
  /** Nobody once it has been released. */
  holder: string | undefined;
  token: number;
  /** On the monotonic clock. */
  until: number;
}

/** The named leases of a memory store. A name stays known when it is free, since its token must go on rising. */
export class MemoryLeases implements LeaseStore {
  readonly #ground: MemoryGround;
  readonly #holdings = new Map<string, Holding>();

  constructor(ground: MemoryGround) {
    this.#ground = ground;
  }

  async acquire(name: string, holder: string, ttl: number): Promise<Lease | undefined> {
    const now = this.#ground.monotonic();
    const held = this.#holdings.get(name);
    const current = held !== undefined && held.holder !== undefined && held.until > now;
    if (current && held.holder !== holder) return undefined;
    const token = current ? held.token : (held?.token ?? 0) + 1;
    this.#holdings.set(name, { holder, token, until: now + ttl });
    return { name, holder, token };
  }

  async renew(lease: Lease, ttl: number): Promise<boolean> {
    const now = this.#ground.monotonic();
    const held = this.#own(lease);
    if (held === undefined || held.until <= now) return false;
    held.until = now + ttl;
    return true;
  }

  async release(lease: Lease): Promise<void> {
    this.#ground.monotonic();
    const held = this.#own(lease);
    if (held !== undefined) held.holder = undefined;
  }

  async holder(name: string): Promise<Lease | undefined> {
    const now = this.#ground.monotonic();
    const held = this.#holdings.get(name);
    if (held === undefined || held.holder === undefined || held.until <= now) return undefined;
    return { name, holder: held.holder, token: held.token };
  }

  #own({ name, holder, token }: Lease): Holding | undefined {
    const held = this.#holdings.get(name);
    return held?.holder === holder && held.token === token ? held : undefined;
  }
}
