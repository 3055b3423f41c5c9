import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { QueueContestant } from "./queue-contestant.ts";

/** BullMQ on a Redis server at `port`: three attempts, finished jobs removed. */
export function bullmqQueue(port: number): QueueContestant {
  const connection = new Redis(port, "127.0.0.1", { maxRetriesPerRequest: null });
  const queue = new Queue("bench", { connection, defaultJobOptions: { removeOnComplete: true, attempts: 3 } });
  return {
    fresh: () => queue.obliterate({ force: true }),
    storeAll: async numbers => void (await queue.addBulk(numbers.map(i => ({ name: "j", data: { i } })))),
    store: i => queue.add("j", { i }),
    async work(concurrency, onJob) {
      const worker = new Worker("bench", async job => onJob((job.data as { i: number }).i), { connection, concurrency });
      await worker.waitUntilReady();
      return () => worker.close();
    },
    async left() {
      const { wait = 0, active = 0 } = await queue.getJobCounts("wait", "active");
      return wait + active;
    },
    close: async () => {
      await queue.close();
      connection.disconnect();
    },
  };
}
