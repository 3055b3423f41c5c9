import type { DurableStore } from "../../durable/store/durable-store.ts";

/** A fresh, empty store for one test, and what is needed to look at it from several sides. */
export interface StoreHarness extends AsyncDisposable {
  /** Opens what is stored once more, as another process would. Where the adapter has hosts share an object, it may be the same one, opened again. Whoever calls disposes of it. */
  open(): Promise<DurableStore>;
  /** Lets time pass on the store's clock. */
  advance(milliseconds: number): Promise<void>;
  /** Runs `work` in a transaction of the user's own on the same database: commits where it resolves, rolls back and rejects where it rejects. Missing where `cannot` says so. */
  transaction?<T>(work: (transaction: unknown) => Promise<T>): Promise<T>;
}

export interface StoreHarnessOptions {
  /** Makes a harness; called once by each test, which disposes of it. */
  readonly create: () => Promise<StoreHarness>;
  /** What the adapter cannot do, each with the reason that is shown. */
  readonly cannot?: {
    /** Write within the user's transactions; that it refuses is then tested instead. */
    readonly transactions?: string;
    /** Be open several times at once. */
    readonly openers?: string;
  };
}
