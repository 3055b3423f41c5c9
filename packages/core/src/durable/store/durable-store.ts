import type { Logger } from "../../logging/logger.ts";
import type { Chance } from "../../time/chance.ts";
import type { Clock } from "../../time/clock.ts";
import type { ActionStore } from "./action-store.ts";
import type { LeaseStore } from "./lease-store.ts";
import type { NewOutboxEntry, OutboxStore } from "./outbox-store.ts";
import type { ScheduleStore } from "./schedule-store.ts";
import type { EnqueuedAction, NewAction } from "./stored-action.ts";
import type { TickStore } from "./tick-store.ts";

/** What a host lends its store. */
export interface StoreSurroundings {
  /** For waiting and polling. What time it is for leases and due times is the store's own affair: the database's clock where it has one, else this. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** For the length of pauses, so that those who were refused together do not come again together. Default: the engine's own. */
  readonly chance?: Chance;
}

/**
 * Told by a store: `ready`, something may be there to be claimed, now or sooner than was known; `settled`, actions have their outcome; `cancelling`, actions under way are to be cancelled;
 * `scheduled`, a schedule was made, changed or resumed, and may be due sooner than was known.
 * A hint, at most once: whoever relies on it asks again by himself, only later. Without ids it may concern any.
 */
export type StoreBell =
  | { readonly kind: "ready" }
  | { readonly kind: "scheduled" }
  | { readonly kind: "settled" | "cancelling"; readonly ids?: readonly string[] };

/** For whoever cannot tell what others did: whatever may be, outcomes before the one for more work. */
export const everyBell: readonly StoreBell[] = Object.values({
  settled: { kind: "settled" },
  cancelling: { kind: "cancelling" },
  scheduled: { kind: "scheduled" },
  ready: { kind: "ready" },
} satisfies { readonly [Kind in StoreBell["kind"]]: { readonly kind: Kind } });

/**
 * Writes that become true with a transaction of the user's own, and never were where it is rolled back. One that comes when that transaction has ended, awaited or not, rejects with
 * `SORA_TRANSACTION_UNSUPPORTED`: it is not made by itself, and not in another transaction on the same connection.
 */
export interface StoreTransaction {
  enqueue(actions: readonly NewAction[]): Promise<readonly EnqueuedAction[]>;
  append(entries: readonly NewOutboxEntry[]): Promise<void>;
}

/**
 * Where work is kept that must not be lost. Every adapter passes `storeContract`. Its methods reject with a SoraError: `SORA_STORE_UNAVAILABLE` (retryable) where the
 * database cannot be reached or does not answer, and they may then have been done or not; each can be asked again without harm.
 */
export interface DurableStore extends AsyncDisposable {
  /** For people: `memory`, `SQLite .sora/sora.db`, `PostgreSQL sora on db.example`. Never a secret. */
  readonly name: string;
  /** Whether what is stored outlives the process. */
  readonly lasting: boolean;
  /** Whether hosts in other processes can share it. */
  readonly shared: boolean;
  /** Milliseconds after which a worker that has not renewed its lease is taken to be lost. */
  readonly lease: number;
  /**
   * Whether a turn that is asked for in one go with the storing of actions is taken with it, or after it; where it is not, as when others store at that moment, the bell follows. A worker of the host that stores an action then asks for work together with
   * the storing, and the action begins as soon as it is stored. False where absent.
   */
  readonly inOrder?: boolean;
  readonly actions: ActionStore;
  readonly leases: LeaseStore;
  readonly schedules: ScheduleStore;
  readonly ticks: TickStore;
  readonly outbox: OutboxStore;
  /**
   * Opens it and brings its schema up to date; safe where many hosts do so at once. Called before anything else, and once, unless the adapter says that hosts of one process
   * can share the object. Every other method rejects with `SORA_STORE_UNAVAILABLE` before it, and after the disposal.
   *
   * @throws SoraError `SORA_STORE_UNAVAILABLE`; `SORA_STORE_SCHEMA` where its schema is newer than this code, which is then left alone.
   */
  open(surroundings: StoreSurroundings): Promise<void>;
  /** The store's clock, in epoch milliseconds: what due times, deadlines and schedules are measured on, whatever the hosts' clocks say. */
  now(): Promise<number>;
  /** Rings at what this process does and, where the store can tell, at what others do. */
  listen(listener: (bell: StoreBell) => void): Disposable;
  /**
   * The same writes inside the user's transaction. A host calls it before it looks at what is to be written, which may take time, so that the store can take hold of the transaction.
   *
   * @throws SoraError `SORA_TRANSACTION_UNSUPPORTED` for what is no transaction that this store can write into, naming those that are.
   */
  within(transaction: unknown): StoreTransaction;
}
