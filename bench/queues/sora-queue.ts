import { defineService, SoraHost } from "@sora/core";
import type { DurableStore, WorkerOptions } from "@sora/core";
import type { QueueContestant } from "./queue-contestant.ts";

/**
 * Sora on a store that `open` makes, with nothing in it. Five attempts, lease, priority and correlation on; the result is kept for a day unless said otherwise. Embedded, the host that works is
 * the one that stores; else another host of the process stores, as another process would.
 */
export function soraQueue(open: () => Promise<DurableStore>, retention?: WorkerOptions["retention"], isEmbedded = false): QueueContestant {
  let onJob: (number: number) => void = () => {};
  const service = defineService("Bench", {
    actions: {
      job: {
        run: async (parameters: unknown): Promise<void> => onJob((parameters as { i: number }).i),
      },
    },
  });
  let host: SoraHost;
  let working: SoraHost | undefined;
  const start = (worker: WorkerOptions | false): Promise<SoraHost> =>
    open().then(store => SoraHost.start({ services: [service], store, worker, logger: false, name: worker === false ? "asking" : "working" }));
  const left = async (): Promise<number> => {
    let count = 0;
    for (const state of ["waiting", "delayed", "running", "failed"] as const) count += (await host.actions.list({ state, limit: 1 })).actions.length;
    return count;
  };
  return {
    fresh: async () => void (host = await start(false)),
    storeAll: async numbers =>
      void (await host
        .services(service)
        .doEach(
          "job",
          numbers.map(i => ({ i })),
        )
        .enqueue()),
    store: i => ((isEmbedded ? working : undefined) ?? host).services(service).do("job", { i }).enqueue(),
    work: async (concurrency, told) => {
      onJob = told;
      working = await start({ concurrency, ...(retention === undefined ? undefined : { retention }) });
      const stopped = working;
      return () => {
        working = undefined;
        return stopped.stop();
      };
    },
    left,
    close: async () => void (await host.stop()),
  };
}
