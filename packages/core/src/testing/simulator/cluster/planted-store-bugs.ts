import { DurableRuntime } from "../../../durable/durable-runtime.ts";
import { ActionTable } from "../../../durable/memory/action-table.ts";
import { MemoryActions } from "../../../durable/memory/memory-actions.ts";
import { MemoryGround } from "../../../durable/memory/memory-ground.ts";
import { MemoryLeases } from "../../../durable/memory/memory-leases.ts";
import { MemoryQueue } from "../../../durable/memory/memory-queue.ts";
import { MemoryWorkers } from "../../../durable/memory/memory-workers.ts";
import type { StoredRow } from "../../../durable/memory/stored-row.ts";
import { RunningAction } from "../../../durable/running-action.ts";
import type { Lease } from "../../../durable/store/lease-store.ts";
import type { StoreBell } from "../../../durable/store/durable-store.ts";
import type { NewAction } from "../../../durable/store/stored-action.ts";
import type { WorkerTurn } from "../../../durable/store/worker-turn.ts";
import { WorkerLease } from "../../../durable/worker-lease.ts";
import { bug } from "../planted-bug.ts";
import type { PlantedBug } from "../planted-bug.ts";

/** Every mistake in a store, or in what works on one, that the cluster's simulator must find. */
export const plantedStoreBugs: readonly PlantedBug[] = [
  bug("there is no fence", MemoryWorkers.prototype, "mayWrite", () => (_worker: string, row: StoredRow) => row.worker !== undefined),
  bug("there is no margin for renewals", WorkerLease.prototype, "pause", original => {
    return function (this: WorkerLease): number {
      return (original.call(this) as number) * 3; // when the lease is just over
    };
  }),
  bug("a renewal does not renew", MemoryActions.prototype, "renew", () => async () => ({ held: true, cancelled: [] })),
  bug("a lost lease aborts nothing", RunningAction.prototype, "lose", () => () => {}),
  bug(
    "what is stored is acknowledged before it is",
    DurableRuntime.prototype,
    "keep",
    original =>
      async function (this: DurableRuntime, actions: readonly NewAction[], transaction: unknown) {
        void (original.call(this, actions, transaction) as Promise<unknown>).catch(() => {});
        return actions.map(({ id }) => ({ id, outcome: "stored" }));
      },
  ),
  bug("a wake-up is lost", MemoryGround.prototype, "ring", original => {
    let count = 0;
    return function (this: MemoryGround, bell: StoreBell) {
      if (bell.kind !== "ready" || ++count % 3 !== 0) original.call(this, bell);
    };
  }),
  bug("a released attempt counts", ActionTable.prototype, "giveBack", () => () => {}),
  bug(
    "an attempt whose worker was lost does not count",
    MemoryWorkers.prototype,
    "takeOrphans",
    original =>
      function (this: MemoryWorkers, limit: number, monotonic: number) {
        const rows = original.call(this, limit, monotonic) as readonly StoredRow[];
        for (const row of rows) row.attempt--;
        return rows;
      },
  ),
  bug(
    "a failure lets the next of its key begin",
    ActionTable.prototype,
    "rest",
    original =>
      function (this: ActionTable, row: StoredRow, state: string, dueAt: number, now: number) {
        original.call(this, row, state, dueAt, now);
        if (state === "failed") for (const next of this.lines.leave(row)) if (next.heapIndex < 0) next.queue.place(next, now);
      },
  ),
  bug(
    "what a lost answer handed out is kept for ever",
    MemoryActions.prototype,
    "turn",
    original =>
      function (this: MemoryActions, turn: WorkerTurn) {
        return original.call(this, { ...turn, holds: undefined });
      },
  ),
  bug(
    "an idempotency key is forgotten",
    ActionTable.prototype,
    "store",
    original =>
      function (this: ActionTable, action: NewAction, now: number) {
        return original.call(this, { ...action, idempotencyKey: undefined }, now);
      },
  ),
  bug(
    "the token of a lease does not rise",
    MemoryLeases.prototype,
    "acquire",
    original =>
      async function (this: MemoryLeases, ...args: unknown[]) {
        const lease = (await original.apply(this, args)) as Lease | undefined;
        return lease && { ...lease, token: 1 };
      },
  ),
  bug(
    "what is delayed begins early",
    MemoryQueue.prototype,
    "promote",
    original =>
      function (this: MemoryQueue, now: number) {
        original.call(this, now + 200);
      },
  ),
];
