import { Logger, makeWorkerUtils, run } from "graphile-worker";
import type { WorkerUtils } from "graphile-worker";
import pg from "pg";
import type { QueueContestant } from "./queue-contestant.ts";

/** graphile-worker with its defaults, or `tuned` with a local queue and outcomes written in batches. */
export function graphileQueue(connectionString: string, tuned: boolean): QueueContestant {
  const pool = new pg.Pool({ connectionString, max: 60 });
  pool.on("error", () => {});
  const logger = new Logger(() => () => {});
  let utils: WorkerUtils;
  return {
    async fresh() {
      await pool.query("DROP SCHEMA IF EXISTS graphile_worker CASCADE");
      utils = await makeWorkerUtils({ pgPool: pool, logger });
      await utils.migrate();
    },
    storeAll: async numbers => void (await utils.addJobs(numbers.map(i => ({ identifier: "j", payload: { i } })))),
    store: i => utils.addJob("j", { i }),
    async work(concurrency, onJob) {
      const worker = {
        concurrentJobs: concurrency,
        maxPoolSize: concurrency + 2,
        ...(tuned ? { localQueue: { size: 500 }, completeJobBatchDelay: 0 } : undefined),
      };
      const runner = await run({
        pgPool: pool,
        logger,
        noHandleSignals: true,
        taskList: { j: async data => onJob((data as { i: number }).i) },
        preset: { worker },
      });
      return () => runner.stop();
    },
    left: async () => Number((await pool.query<{ n: string }>("SELECT count(*) n FROM graphile_worker._private_jobs")).rows[0]?.n),
    async close() {
      await utils.release();
      await pool.end();
    },
  };
}
