import * as fc from "fast-check";
import { expect, test } from "vitest";
import { silentLogger } from "../logging/logger.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { EventHub } from "./event-hub.ts";
import type { SubscriptionStats } from "./subscription.ts";
import type { EventSubscription } from "./event-subscription.ts";
import type { Overflow } from "./waiting-room.ts";

const runs = process.env["SORA_NIGHTLY"] === "1" ? 100_000 : 1_000;

/** How long a handler takes, in milliseconds; "sync" returns no promise, "hung" never settles. */
type Pace = "sync" | "hung" | 0 | 10 | 25;

interface Options {
  readonly topic: string;
  readonly pace: Pace;
  /** The handler fails at multiples of it. */
  readonly failsAt: number;
  readonly filter: "none" | "odd" | "throws at multiples of 3";
  readonly once: boolean;
  readonly overflow: Overflow;
  readonly capacity: number;
  readonly concurrency: number;
}

type Step =
  | { readonly do: "subscribe"; readonly options: Options }
  | { readonly do: "dispose"; readonly which: number }
  | { readonly do: "emit"; readonly event: "x" | "y"; readonly times: number }
  | { readonly do: "advance"; readonly by: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("subscribe" as const),
      options: fc.record<Options>({
        topic: fc.constantFrom("S:x", "S:y", "S:*", "*"),
        pace: fc.constantFrom<Pace>("sync", "hung", 0, 10, 25),
        failsAt: fc.constantFrom(2, 5, 1_000),
        filter: fc.constantFrom("none", "none", "odd", "throws at multiples of 3"),
        once: fc.boolean(),
        overflow: fc.constantFrom("drop-newest", "drop-oldest", "wait"),
        capacity: fc.integer({ min: 1, max: 3 }),
        concurrency: fc.constantFrom(1, 1, 2, 3),
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("dispose" as const), which: fc.nat(10) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("emit" as const), event: fc.constantFrom("x" as const, "y" as const), times: fc.integer({ min: 1, max: 5 }) }),
  },
  // Never near the 30 s of a slow subscriber's emits: what waits longer than a few seconds waits for a hung one.
  { weight: 3, arbitrary: fc.record({ do: fc.constant("advance" as const), by: fc.constantFrom(0, 5, 10, 30, 31_000) }) },
);

/** The same semantics by the book: plain arrays, and a clock that is a number. */
class Model {
  now = 0;
  timedOut = 0;
  readonly subscribers: ModelSubscriber[] = [];
  readonly emits: { at: number; open: Set<ModelSubscriber>; settled: boolean }[] = [];

  emit(event: string, args: number): void {
    const emit = { at: this.now, open: new Set<ModelSubscriber>(), settled: false };
    this.emits.push(emit);
    for (const subscriber of this.subscribers) subscriber.offer(event, args, this.now, emit.open);
  }

  /** All handlers are independent, so each subscriber can live through the time on its own. */
  advance(by: number): void {
    this.now += by;
    for (const subscriber of this.subscribers) subscriber.live(this.now);
    for (const emit of this.emits) {
      if (emit.settled) continue;
      if (emit.open.size > 0 && this.now >= emit.at + 30_000) {
        this.timedOut++;
        for (const subscriber of emit.open) subscriber.giveUp(emit.open);
        emit.settled = true;
      }
      if (emit.open.size === 0) emit.settled = true;
    }
  }
}

interface Waiting {
  readonly args: number;
  readonly open: Set<ModelSubscriber>;
}

class ModelSubscriber {
  readonly seen: number[] = [];
  stats: SubscriptionStats = { delivered: 0, failed: 0, dropped: 0, filtered: 0, waiting: 0 };
  readonly #options: Options;
  #disposed = false;
  #running: { readonly args: number; readonly until: number; readonly open: Set<ModelSubscriber> }[] = [];
  #queue: Waiting[] = [];
  #held: Waiting[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  offer(event: string, args: number, now: number, open: Set<ModelSubscriber>): void {
    const { topic, filter, once, overflow, capacity, concurrency } = this.#options;
    if (this.#disposed || (topic !== "*" && topic !== "S:*" && topic !== `S:${event}`)) return;
    if (filter === "odd" && args % 2 === 0) return this.#count("filtered");
    if (filter === "throws at multiples of 3" && args % 3 === 0) return this.#count("failed");
    if (once) this.#disposed = true;
    if (this.#running.length < concurrency) return this.#start({ args, open }, now);
    if (this.#queue.length < capacity) this.#queue.push({ args, open });
    else if (overflow === "wait") this.#held.push({ args, open });
    else if (overflow === "drop-newest") return this.#count("dropped");
    else {
      const oldest = this.#queue.shift();
      oldest?.open.delete(this);
      this.#count("dropped");
      this.#queue.push({ args, open });
    }
    open.add(this);
    this.#count("waiting", 0);
  }

  live(now: number): void {
    for (;;) {
      const [first] = this.#running.toSorted((one, other) => one.until - other.until);
      if (first === undefined || first.until > now) break;
      this.#running.splice(this.#running.indexOf(first), 1);
      this.#finish(first.args, first.open);
      while (this.#running.length < this.#options.concurrency && this.#queue.length > 0) {
        const next = this.#queue.shift() as Waiting;
        const promoted = this.#held.shift();
        if (promoted !== undefined) this.#queue.push(promoted);
        this.#start(next, first.until);
      }
    }
    this.#count("waiting", 0);
  }

  giveUp(open: Set<ModelSubscriber>): void {
    const before = this.#held.length;
    this.#held = this.#held.filter(waiting => waiting.open !== open);
    this.#count("dropped", before - this.#held.length);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const waiting = [...this.#queue, ...this.#held];
    this.#queue = [];
    this.#held = [];
    for (const { open } of waiting) open.delete(this);
    this.#count("dropped", waiting.length);
  }

  #start({ args, open }: Waiting, now: number): void {
    const { pace } = this.#options;
    this.seen.push(args);
    if (pace === "sync") return this.#finish(args, open);
    open.add(this);
    this.#running.push({ args, open, until: pace === "hung" ? Number.POSITIVE_INFINITY : now + pace });
  }

  #finish(args: number, open: Set<ModelSubscriber>): void {
    open.delete(this);
    this.#count(args % this.#options.failsAt === 0 ? "failed" : "delivered");
  }

  #count(what: keyof SubscriptionStats, by = 1): void {
    this.stats = { ...this.stats, [what]: this.stats[what] + by, waiting: this.#queue.length + this.#held.length };
  }
}

test("EventHub does what the model does, under random emits, paces, failures, filters, once, disposals, overflow policies and concurrencies", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
      const clock = createVirtualClock();
      const hub = new EventHub({ clock, logger: silentLogger });
      const model = new Model();
      const real: { subscription: EventSubscription; seen: number[] }[] = [];
      const emits: { settled: boolean }[] = [];
      let args = 0;

      const apply: { readonly [D in Step["do"]]: (step: Extract<Step, { do: D }>) => Promise<void> | void } = {
        subscribe({ options }) {
          const seen: number[] = [];
          const handler = (given: unknown): unknown => {
            seen.push(given as number);
            const { pace, failsAt } = options;
            const fails = (given as number) % failsAt === 0;
            if (pace === "hung") return new Promise(() => {});
            if (pace !== "sync")
              return (pace === 0 ? Promise.resolve() : clock.sleep(pace)).then(() => (fails ? Promise.reject(new Error("planned")) : undefined));
            if (fails) throw new Error("planned");
            return undefined;
          };
          const filters = {
            none: undefined,
            odd: (given: unknown) => (given as number) % 2 === 1,
            "throws at multiples of 3": (given: unknown) => {
              if ((given as number) % 3 === 0) throw new Error("planned");
              return true;
            },
          };
          const { filter, ...rest } = options;
          real.push({ seen, subscription: hub.subscribe(options.topic, { ...rest, handler, filter: filters[filter] }) });
          model.subscribers.push(new ModelSubscriber(options));
        },
        dispose({ which }) {
          if (real.length === 0) return;
          real[which % real.length]?.subscription.dispose();
          model.subscribers[which % real.length]?.dispose();
        },
        async emit({ event, times }) {
          for (let time = 0; time < times; time++) {
            args++;
            const emit = { settled: false };
            emits.push(emit);
            const emitted = hub.emit("S", event, args, { service: "S", event, at: clock.now() });
            if (emitted === undefined) emit.settled = true;
            else void emitted.then(() => (emit.settled = true));
            model.emit(event, args);
          }
          await clock.settle();
        },
        async advance({ by }) {
          await clock.advance(by);
          model.advance(by);
        },
      };

      for (const next of [...steps, { do: "advance", by: 31_000 } as const]) {
        await apply[next.do](next as never);
        await clock.settle();
        model.advance(0);
        expect(real.map(({ seen, subscription }) => ({ seen, stats: subscription.stats }))).toEqual(
          model.subscribers.map(({ seen, stats }) => ({ seen, stats })),
        );
        expect(emits).toEqual(model.emits.map(({ settled }) => ({ settled })));
      }
      const sum = (what: keyof SubscriptionStats): number => model.subscribers.reduce((total, { stats }) => total + stats[what], 0);
      expect(hub.stats).toMatchObject({
        emitted: args,
        timedOut: model.timedOut,
        delivered: sum("delivered"),
        failed: sum("failed"),
        dropped: sum("dropped"),
        filtered: sum("filtered"),
        waiting: sum("waiting"),
      });
      expect(clock.pending).toBe(0);
      hub.dispose();
    }),
    { numRuns: runs },
  );
});
