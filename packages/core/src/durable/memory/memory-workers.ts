import type { StoredWorker } from "../store/action-store.ts";
import type { StoredRow } from "./stored-row.ts";

/** A worker that holds its lease. */
export interface MemoryWorker extends StoredWorker {
  /** When its lease is over, on the monotonic clock. */
  until: number;
  /** What it runs, in the order of handing out. */
  readonly running: Set<StoredRow>;
}

/** Who may run actions, and what is left of those who may no longer. */
export class MemoryWorkers {
  readonly #workers = new Map<string, MemoryWorker>();
  /** What lost workers ran and nobody has recovered yet, the first lost first. */
  readonly #orphans = new Set<StoredRow>();

  /** One that has joined already only has its lease renewed. */
  join(worker: StoredWorker, until: number): void {
    this.#workers.set(worker.id, { ...worker, until, running: this.#workers.get(worker.id)?.running ?? new Set<StoredRow>() });
  }

  /** Unless its lease has been taken away. */
  get(id: string): MemoryWorker | undefined {
    return this.#workers.get(id);
  }

  /** Whether its word on an action counts: it holds its lease, and has had the action handed out last. */
  mayWrite(id: string, row: StoredRow, fence: number): boolean {
    return row.fence === fence && this.#workers.get(id)?.running.has(row) === true;
  }

  /** Hands an action out to one that holds its lease. */
  give(worker: MemoryWorker, row: StoredRow): void {
    worker.running.add(row);
  }

  /** The action's worker runs it no longer. */
  drop(row: StoredRow): void {
    this.#workers.get(row.worker as string)?.running.delete(row);
    this.#orphans.delete(row);
  }

  present(monotonic: number): readonly StoredWorker[] {
    return [...this.#workers.values()].filter(({ until }) => until > monotonic).map(({ id, node, queues }) => ({ id, node, queues }));
  }

  /** Ends a worker; what it ran can be recovered. */
  lose(id: string): void {
    for (const row of this.#workers.get(id)?.running ?? []) this.#orphans.add(row);
    this.#workers.delete(id);
  }

  /** At most `limit` rows of workers that have left or whose lease is over. */
  takeOrphans(limit: number, monotonic: number): readonly StoredRow[] {
    for (const { id, until } of this.#workers.values()) if (until <= monotonic) this.lose(id);
    const taken: StoredRow[] = [];
    for (const row of this.#orphans) {
      if (taken.length >= limit) break;
      this.#orphans.delete(row);
      taken.push(row);
    }
    return taken;
  }
}
