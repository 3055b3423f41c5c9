import type { StorePorts } from "./operations.ts";

/**
 * What carrying a method out takes: `write` a transaction that no other process writes beside, `read` none, but the same view of everything throughout; `scan` may look through very much, so it
 * has a thread to itself.
 */
export type MethodKind = "write" | "read" | "scan";

export const methods: { readonly [Part in keyof StorePorts]: { readonly [Method in keyof StorePorts[Part]]: MethodKind } } = {
  clock: { now: "read" },
  actions: {
    enqueue: "write",
    join: "write",
    renew: "write",
    leave: "write",
    workers: "read",
    turn: "write",
    recover: "write",
    progress: "write",
    get: "read",
    list: "scan",
    counts: "scan",
    cancel: "write",
    retry: "write",
    pause: "write",
    resume: "write",
    paused: "read",
    purge: "write",
  },
  leases: { acquire: "write", renew: "write", release: "write", holder: "read" },
  schedules: { put: "write", get: "read", list: "read", remove: "write", setPaused: "write", due: "read", fire: "write" },
  ticks: { last: "read", take: "write" },
  outbox: { append: "write", read: "write", report: "write", counts: "scan", dead: "read", retry: "write" },
};
