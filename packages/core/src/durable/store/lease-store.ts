/** A name held by somebody. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Rises with every change of holder, also when the name was free in between. A write that carries it, to a place that remembers the highest it has seen, cannot come too late. */
  readonly token: number;
}

/** Names of which each has at most one holder whose writes pass the fence. Expiry is on the store's clock. */
export interface LeaseStore {
  /** The lease, where the name was free, expired, or held by `holder` already (which renews it); `undefined` where somebody else holds it. */
  acquire(name: string, holder: string, ttl: number): Promise<Lease | undefined>;
  /** False where it has passed to somebody else, or nobody has renewed it for so long that it may have. */
  renew(lease: Lease, ttl: number): Promise<boolean>;
  /** Frees the name at once, where this is still the lease. */
  release(lease: Lease): Promise<void>;
  /** Who holds it now; nobody where the lease is over. */
  holder(name: string): Promise<Lease | undefined>;
}
