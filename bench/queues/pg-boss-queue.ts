import pg from "pg";
import { PgBoss } from "pg-boss";
import type { QueueContestant } from "./queue-contestant.ts";

/** pg-boss with notifications: three retries, batches as large as the concurrency. */
export function pgBossQueue(connectionString: string): QueueContestant {
  const boss = new PgBoss({ connectionString, schema: "sora_bench_boss", max: 12, useListenNotify: true });
  boss.on("error", () => {});
  const pool = new pg.Pool({ connectionString, max: 2 });
  return {
    async fresh() {
      await pool.query("DROP SCHEMA IF EXISTS sora_bench_boss CASCADE");
      await boss.start();
      await boss.createQueue("bench", { notify: true, retryLimit: 3 });
    },
    storeAll: async numbers =>
      void (await boss.insert(
        "bench",
        numbers.map(i => ({ data: { i } })),
      )),
    store: i => boss.send("bench", { i }),
    async work(concurrency, onJob) {
      const id = await boss.work("bench", { batchSize: concurrency, localConcurrency: 1, burstWhenBatchFull: true }, async jobs => {
        for (const job of jobs) onJob((job.data as { i: number }).i);
      });
      return () => boss.offWork("bench", { id, wait: true });
    },
    left: async () =>
      Number((await pool.query<{ n: string }>("SELECT count(*) n FROM sora_bench_boss.job WHERE name = 'bench' AND state < 'completed'")).rows[0]?.n),
    async close() {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}
