import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteStore } from "@sora/core/sqlite";
import { createMemoryLogger, createVirtualClock } from "@sora/core/testing";
import { interleave } from "./interleave.ts";
import { median } from "./median.ts";
import type { ClaimedAction, DurableStore, NewAction } from "@sora/core/adapter";
import type { BenchCase } from "./bench-case.ts";
import type { Contestant } from "./interleave.ts";

const count = 200;
const rounds = 40;
const atOnce = 50;
const queue = "TranslationService/translate@1";
const parameters = '{"fileId":"f1","from":"auto","to":"pt-BR"}';
const envelope = '{"retry":{"attempts":5},"correlationId":"k3j4h5k2j3h40001","metadata":{}}';
/** Stored beforehand for the question whether cost grows; the promise is held at ten times as many of each, by `BENCH_WAITING=1000000 BENCH_FINISHED=10000000`. */
const waiting = Number(process.env["BENCH_WAITING"] ?? 100_000);
const finished = Number(process.env["BENCH_FINISHED"] ?? 1_000_000);

let made = 0;

function action(): NewAction {
  return { id: `k3j4h5k2j3h4${made++}`, queue, parameters, envelope, priority: 0, attempts: 5 };
}

const bench: BenchCase = {
  name: "SQLite store",
  features:
    "Ours: the store's port in its thread, with synchronous=FULL; ids checked, priorities, keys, retries, leases, fences, results and retention recorded. Raw: node:sqlite on the event loop, FULL too, a table of " +
    "an id, a state and the same texts, with one index for what waits.",
  async run() {
    const folder = mkdtempSync(join(tmpdir(), "sora-bench-"));
    try {
      const raw = new Raw(join(folder, "raw.db"));
      const store = await open(join(folder, "store.db"));
      const work = await Worker.join(store);
      const rates = await interleave(
        {
          "raw: insert, one at a time": raw.insert(1),
          "store: enqueue, one at a time": enqueue(store, 1),
          "raw: insert, 50 in a transaction": raw.insert(atOnce),
          "store: enqueue, 50 in flight": enqueue(store, atOnce),
          "raw: claim and complete, 50 at a time": raw.work,
          "store: claim and complete, 50 at a time": times => work.complete(times),
        },
        { count, rounds },
      );
      const delays = await latencies(store, work);
      raw.close();
      await store[Symbol.asyncDispose]();
      const grown = await growth(folder);
      const perSecond = (name: string): string =>
        `${Math.round(1e9 / rates.nanoseconds(name))
          .toLocaleString("en")
          .padStart(9)} /s`;
      const commit = rates.nanoseconds("raw: insert, one at a time") / 1e6;
      return {
        figures: [
          ...rates.names.map(name => [name, perSecond(name)] as const),
          ["store: enqueue to claimed, idle, p50 / p99", `${delays.p50.toFixed(2)} / ${delays.p99.toFixed(2)} ms`],
          [`store: a turn of 50, with ${waiting} waiting and ${finished} finished`, `${grown.turn.toFixed(2)} × that of an empty one`],
          [`store: 50 enqueued, with ${waiting} waiting and ${finished} finished`, `${grown.enqueue.toFixed(2)} × that of an empty one`],
        ],
        targets: [
          { what: "enqueue ÷ raw insert, one at a time", measured: rates.speed("store: enqueue, one at a time", "raw: insert, one at a time"), atLeast: 0.6 },
          {
            what: "enqueue, 50 in flight ÷ raw insert, 50 in a transaction",
            measured: rates.speed("store: enqueue, 50 in flight", "raw: insert, 50 in a transaction"),
            atLeast: 0.27,
          },
          {
            what: "claim and complete ÷ raw, 50 at a time",
            measured: rates.speed("store: claim and complete, 50 at a time", "raw: claim and complete, 50 at a time"),
            atLeast: 0.4,
          },
          { what: "enqueue to claimed, p50, in raw commits", measured: delays.p50 / commit, atMost: 6 },
          { what: "a turn with much stored ÷ with nothing", measured: grown.turn, atMost: 2 },
          { what: "enqueuing with much stored ÷ with nothing", measured: grown.enqueue, atMost: 2 },
        ],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function open(file: string): Promise<DurableStore> {
  const store = createSqliteStore({ file });
  await store.open({ clock: createVirtualClock({ start: Date.now() }), logger: createMemoryLogger() });
  return store;
}

/** Enqueues one action a call, so many calls at a time. */
function enqueue(store: DurableStore, inFlight: number): Contestant {
  return async times => {
    let left = times;
    const one = async (): Promise<void> => {
      while (left-- > 0) await store.actions.enqueue([action()]);
    };
    await Promise.all(Array.from({ length: inFlight }, one));
  };
}

/** Works off what waits as a worker does: each turn completes what the last one gave. */
class Worker {
  readonly #store: DurableStore;
  #running: readonly ClaimedAction[] = [];

  private constructor(store: DurableStore) {
    this.#store = store;
  }

  static async join(store: DurableStore): Promise<Worker> {
    await store.actions.join({ id: "worker", node: "bench", queues: [queue] });
    return new Worker(store);
  }

  async turn(most: number): Promise<number> {
    const settle = this.#running.map(({ id, fence }) => ({ id, fence, kind: "completed", keepFor: 3_600_000 }) as const);
    const { claimed } = await this.#store.actions.turn({ worker: "worker", settle, claim: { queues: [{ queue }], most, suspect: true } });
    this.#running = claimed;
    return claimed.length;
  }

  async complete(times: number): Promise<void> {
    for (let done = 0; done < times;) done += await this.turn(Math.min(atOnce, times - done));
  }
}

class Raw {
  readonly #database: DatabaseSync;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec(`
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE jobs (seq INTEGER PRIMARY KEY, id TEXT, state INTEGER, parameters TEXT, envelope TEXT);
      CREATE INDEX jobs_waiting ON jobs (seq) WHERE state = 0`);
  }

  insert(each: number): Contestant {
    const insert = this.#database.prepare("INSERT INTO jobs (id, state, parameters, envelope) VALUES (?, 0, ?, ?)");
    return async times => {
      for (let done = 0; done < times; done += each) {
        this.#database.exec("BEGIN IMMEDIATE");
        for (let n = 0; n < each; n++) insert.run(`k3j4h5k2j3h4${made++}`, parameters, envelope);
        this.#database.exec("COMMIT");
      }
    };
  }

  readonly work: Contestant = async times => {
    const claim = this.#database.prepare(
      "UPDATE jobs SET state = 1 WHERE seq IN (SELECT seq FROM jobs WHERE state = 0 ORDER BY seq LIMIT ?) RETURNING seq, parameters, envelope",
    );
    const complete = this.#database.prepare("UPDATE jobs SET state = 2 WHERE seq = ?");
    let running: readonly { readonly seq: number }[] = [];
    for (let done = 0; done < times; done += running.length) {
      this.#database.exec("BEGIN IMMEDIATE");
      for (const { seq } of running) complete.run(seq);
      running = claim.all(atOnce) as unknown as readonly { readonly seq: number }[];
      this.#database.exec("COMMIT");
    }
  };

  close(): void {
    this.#database.close();
  }
}

/** From the call of enqueue to the answer of the claim that its bell led to, in milliseconds. */
async function latencies(store: DurableStore, worker: Worker): Promise<{ readonly p50: number; readonly p99: number }> {
  while ((await worker.turn(1_000)) > 0) continue;
  let rung = Promise.withResolvers<void>();
  using _ = store.listen(({ kind }) => void (kind === "ready" && rung.resolve()));
  const taken: number[] = [];
  for (let n = 0; n < 1_000; n++) {
    const began = performance.now();
    await Promise.all([store.actions.enqueue([action()]), rung.promise.then(() => worker.turn(1))]);
    taken.push(performance.now() - began);
    rung = Promise.withResolvers<void>();
    await worker.turn(1);
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  return { p50: median(taken), p99: taken.toSorted((a, b) => a - b)[Math.floor(taken.length * 0.99)] as number };
}

/** What a turn and an enqueuing of 50 cost where much is stored, beside where nothing is; in turns. */
async function growth(folder: string): Promise<{ readonly turn: number; readonly enqueue: number }> {
  const [empty, full] = [await open(join(folder, "empty.db")), await open(join(folder, "full.db"))];
  const workers = [await Worker.join(empty), await Worker.join(full)] as const;
  await fill(full, workers[1], finished, true);
  await fill(full, workers[1], waiting, false);
  await fill(empty, workers[0], count * 100, false);
  const rates = await interleave(
    {
      "empty, enqueue": enqueue(empty, atOnce),
      "full, enqueue": enqueue(full, atOnce),
      "empty, turn": times => workers[0].complete(times),
      "full, turn": times => workers[1].complete(times),
    },
    { count, rounds },
  );
  for (const store of [empty, full]) await store[Symbol.asyncDispose]();
  return { turn: 1 / rates.speed("full, turn", "empty, turn"), enqueue: 1 / rates.speed("full, enqueue", "empty, enqueue") };
}

async function fill(store: DurableStore, worker: Worker, actions: number, complete: boolean): Promise<void> {
  for (let done = 0; done < actions; done += 1_000) {
    await store.actions.enqueue(Array.from({ length: 1_000 }, action));
    if (complete) while ((await worker.turn(1_000)) > 0) continue;
  }
}

export default bench;
