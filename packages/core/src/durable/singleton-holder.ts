import { describeError } from "../errors/describe-error.ts";
import { SoraError } from "../errors/sora-error.ts";
import { settlesWithin } from "../time/within.ts";
import type { HostKernel } from "../host/host-kernel.ts";
import type { ClockTimer } from "../time/clock.ts";
import type { Lease } from "./store/lease-store.ts";
import type { DurableStore } from "./store/durable-store.ts";

/** Attempts in one lease, to take it or to keep it. */
const triesPerLease = 3;
/** Two attempts to take it are so far apart, as a share of what that makes: hosts are not to ask in step. */
const shortestTry = 0.8;
const longestTry = 1.2;
/** Of the lease, at its end, in which it no longer counts as held: the store's clock may be quicker than ours. */
const margin = 0.1;

/**
 * The one lease by which a service runs on one host of many. It is valid from the sending of its last renewal, on the monotonic clock, for a little less than the store says, so that whoever
 * has it for his own knows when it is over without asking. A process that stood still finds out when it turns again; what it writes meanwhile is refused where it carries the token.
 */
export class SingletonHolder {
  readonly #host: HostKernel;
  readonly #store: DurableStore;
  readonly #name: string;
  readonly #holder: string;
  #lease: Lease | undefined = undefined;
  #provenAt = 0;
  #timer: ClockTimer | undefined = undefined;
  #trying: Promise<void> | undefined = undefined;
  /** Resolves when it has been asked for once, whatever the answer. */
  readonly tried: Promise<void>;
  readonly #end = new AbortController();
  readonly #waiting = new Set<(lease: Lease) => void>();
  readonly #watchers = new Set<(reason: SoraError) => void>();
  readonly #winners = new Set<() => void>();

  constructor(host: HostKernel, store: DurableStore, name: string) {
    this.#host = host;
    this.#store = store;
    this.#name = name;
    this.#holder = `${host.name}:${host.ids.next()}`;
    this.#try();
    this.tried = this.#trying ?? Promise.resolve();
  }

  /** The lease, while it is valid. */
  get lease(): Lease | undefined {
    return this.#lease !== undefined && this.#host.clock.monotonic() < this.#validUntil ? this.#lease : undefined;
  }

  get #validUntil(): number {
    return this.#provenAt + this.#store.lease * (1 - margin);
  }

  /** The lease as soon as it is this host's. Rejects with the signal's reason. */
  held(signal: AbortSignal): Promise<Lease> {
    const { lease } = this;
    if (lease !== undefined) return Promise.resolve(lease);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const take = (taken: Lease): void => {
        signal.removeEventListener("abort", stop);
        resolve(taken);
      };
      const stop = (): void => {
        this.#waiting.delete(take);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", stop, { once: true });
      this.#waiting.add(take);
    });
  }

  /** Resolves when it is held; or not though whoever had it has lost it by now if he is dead; or when this is closed. */
  async decided(): Promise<void> {
    await settlesWithin(this.#host.clock, this.held(this.#end.signal), this.#store.lease * (1 + (2 * longestTry) / triesPerLease));
  }

  /** Calls back whenever the lease is this host's that was not, or seemed to be over, until the returned function is called. */
  onHeld(watcher: () => void): () => void {
    this.#winners.add(watcher);
    return () => this.#winners.delete(watcher);
  }

  /** Calls back when the lease is lost, until the returned function is called. */
  onLost(watcher: (reason: SoraError) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /**
   * Gives up a lease by whose token something was refused, and asks for a new one after `rest` milliseconds, with a token that is higher by one, and by `further` where nobody else takes it meanwhile. Does
   * nothing where it is not this host's any more.
   */
  async renounce(lease: Lease, rest: number, further = 0): Promise<void> {
    if (this.#lease !== lease) return;
    this.#timer?.cancel();
    await this.#trying; // what is on its way must not come after the release, nor plan the next try
    if (this.#lease !== lease) return;
    this.#timer?.cancel();
    this.#lose("its token was refused");
    this.#trying = this.#skip(lease, further);
    await this.#trying;
    this.#trying = undefined;
    if (!this.#closed) this.#plan(rest);
  }

  /** Frees it, and uses up as many tokens. */
  async #skip(lease: Lease, tokens: number): Promise<void> {
    let last: Lease | undefined = lease;
    for (let left = tokens; last !== undefined; left--) {
      await this.#release(last);
      if (left <= 0 || this.#closed) return;
      last = await this.#store.leases.acquire(this.#name, this.#holder, this.#store.lease).catch(() => undefined);
    }
  }

  get #closed(): boolean {
    return this.#end.signal.aborted;
  }

  /** Leaves it to others at once. */
  async close(): Promise<void> {
    this.#end.abort();
    this.#timer?.cancel();
    await this.#trying;
    const lease = this.#lease;
    this.#lease = undefined;
    if (lease !== undefined) await this.#release(lease);
  }

  #try(): void {
    this.#trying ??= (this.#lease === undefined ? this.#acquire() : this.#renew(this.#lease)).finally(() => {
      this.#trying = undefined;
      if (!this.#closed) this.#plan();
    });
  }

  #plan(wait = this.#pause()): void {
    this.#timer?.cancel();
    this.#timer = this.#host.clock.setTimer(() => this.#beat(), wait, true);
  }

  /** Milliseconds until it is asked for, or renewed, the next time. */
  #pause(): number {
    const { clock, chance } = this.#host;
    const pause = this.#store.lease / triesPerLease;
    // A holder looks at the end of its lease too: what is over must be given up then, whether the store answers or not.
    return this.#lease === undefined
      ? pause * (shortestTry + (longestTry - shortestTry) * chance.next())
      : Math.min(pause, Math.max(1, this.#validUntil - clock.monotonic()));
  }

  #beat(): void {
    if (this.#lease !== undefined && this.lease === undefined) this.#lose("it was not renewed in time");
    if (this.#trying === undefined) this.#try();
    else this.#plan();
  }

  async #acquire(): Promise<void> {
    const sent = this.#host.clock.monotonic();
    try {
      const lease = await this.#store.leases.acquire(this.#name, this.#holder, this.#store.lease);
      if (lease === undefined) return;
      if (this.#closed) return await this.#release(lease);
      this.#proved(lease, sent);
    } catch (error) {
      this.#host.logger.debug(`The lease ${this.#name} could not be asked for: ${describeError(error)}`, { error });
    }
  }

  async #renew(lease: Lease): Promise<void> {
    const sent = this.#host.clock.monotonic();
    try {
      const kept = await this.#store.leases.renew(lease, this.#store.lease);
      if (this.#lease !== lease) return;
      if (kept) this.#proved(lease, sent);
      else this.#lose("another host holds it");
    } catch (error) {
      this.#host.logger.debug(`The lease ${this.#name} could not be renewed: ${describeError(error)}`, { error });
    }
  }

  async #release(lease: Lease): Promise<void> {
    await this.#store.leases.release(lease).catch(() => {}); // it ends by itself too
  }

  /** The store has said that it is this host's, in answer to what was sent then. It may have seemed over meanwhile, so that somebody waits for it. */
  #proved(lease: Lease, sent: number): void {
    const wasHeld = this.lease !== undefined;
    this.#lease = lease;
    this.#provenAt = sent;
    if (this.lease === undefined) return; // the answer took longer than the lease
    for (const take of this.#waiting) take(lease);
    this.#waiting.clear();
    if (!wasHeld) for (const watcher of this.#winners) watcher();
  }

  #lose(why: string): void {
    this.#lease = undefined;
    const reason = new SoraError("SORA_LEASE_LOST", `The lease ${this.#name} is lost: ${why}.`, { details: { lease: this.#name } });
    this.#host.logger.warn(reason.message);
    for (const watcher of this.#watchers) watcher(reason);
  }
}
