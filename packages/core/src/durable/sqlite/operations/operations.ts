import type { ActionStore } from "../../store/action-store.ts";
import type { DurableStore } from "../../store/durable-store.ts";
import type { LeaseStore } from "../../store/lease-store.ts";
import type { OutboxStore } from "../../store/outbox-store.ts";
import type { ScheduleStore } from "../../store/schedule-store.ts";
import type { TickStore } from "../../store/tick-store.ts";
import { readAction } from "./action-row.ts";
import { cancelActions } from "./cancel-actions.ts";
import { countActions } from "./count-actions.ts";
import { enqueueActions } from "./enqueue-actions.ts";
import { listActions } from "./list-actions.ts";
import { acquireLease, leaseHolder, releaseLease, renewLease } from "./named-leases.ts";
import { appendEntries, countEntries, deadEntries, readEntries, reportEntries, retryEntries } from "./outbox.ts";
import { pausedQueues, pauseQueue, resumeQueue } from "./paused-queues.ts";
import { purgeActions } from "./purge-actions.ts";
import { recoverActions } from "./recover-actions.ts";
import { reportProgress } from "./report-progress.ts";
import { retryActions } from "./retry-actions.ts";
import { dueSchedules, fireSchedule, getSchedule, listSchedules, pauseSchedule, putSchedule, removeSchedule } from "./schedules.ts";
import type { Session } from "./session.ts";
import { lastTicks, takeTick } from "./ticks.ts";
import { endWorker, joinWorker, presentWorkers, renewWorker } from "./workers.ts";
import { workerTurn } from "./worker-turn.ts";

type Operation<Method> = Method extends (...parameters: infer Parameters extends readonly unknown[]) => Promise<infer Result>
  ? (session: Session, ...parameters: Parameters) => Result
  : never;

/** What the methods of a port do inside a transaction. */
export type OperationsOf<Port> = { readonly [Method in keyof Port]: Operation<Port[Method]> };

/** What the store is asked by itself, and not one of its parts. */
export type StoreClock = Pick<DurableStore, "now">;

/** The parts of the store's port, by their names. */
export interface StorePorts {
  readonly clock: StoreClock;
  readonly actions: ActionStore;
  readonly leases: LeaseStore;
  readonly schedules: ScheduleStore;
  readonly ticks: TickStore;
  readonly outbox: OutboxStore;
}

export const operations: { readonly [Part in keyof StorePorts]: OperationsOf<StorePorts[Part]> } = {
  clock: { now: ({ now }) => now },
  actions: {
    enqueue: enqueueActions,
    join: joinWorker,
    renew: renewWorker,
    leave: endWorker,
    workers: presentWorkers,
    turn: workerTurn,
    recover: recoverActions,
    progress: reportProgress,
    get: (session, ids) => [...new Set(ids)].flatMap(id => readAction(session, { id }) ?? []),
    list: listActions,
    counts: countActions,
    cancel: cancelActions,
    retry: retryActions,
    pause: pauseQueue,
    resume: resumeQueue,
    paused: pausedQueues,
    purge: purgeActions,
  },
  leases: { acquire: acquireLease, renew: renewLease, release: releaseLease, holder: leaseHolder },
  schedules: {
    put: putSchedule,
    get: getSchedule,
    list: listSchedules,
    remove: removeSchedule,
    setPaused: pauseSchedule,
    due: dueSchedules,
    fire: fireSchedule,
  },
  ticks: { last: lastTicks, take: takeTick },
  outbox: { append: appendEntries, read: readEntries, report: reportEntries, counts: countEntries, dead: deadEntries, retry: retryEntries },
};
