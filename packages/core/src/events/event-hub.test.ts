import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { createMemoryLogger } from "../logging/memory-logger.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { EventHub } from "./event-hub.ts";
import type { MemoryLogger } from "../logging/memory-logger.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";
import type { HandlerFailure } from "./delivery-ledger.ts";

interface Setup {
  readonly clock: VirtualClock;
  readonly logger: MemoryLogger;
  readonly hub: EventHub;
  readonly failures: HandlerFailure[];
  readonly emit: (args: unknown, event?: string, service?: string) => Promise<void> | undefined;
}

function setup(): Setup {
  const clock = createVirtualClock();
  const logger = createMemoryLogger();
  const failures: HandlerFailure[] = [];
  const hub = new EventHub({ clock, logger, onHandlerError: failure => failures.push(failure) });
  const emit: Setup["emit"] = (args, event = "Done", service = "Sync") => hub.emit(service, event, args, { service, event, at: clock.now() });
  return { clock, logger, hub, failures, emit };
}

/** Follows a promise without waiting for it. */
function follow(promise: Promise<void> | undefined): { state: "pending" | "resolved" | "rejected" } {
  const followed: { state: "pending" | "resolved" | "rejected" } = { state: "pending" };
  void promise?.then(
    () => (followed.state = "resolved"),
    () => (followed.state = "rejected"),
  );
  return followed;
}

const hostileGetter = {
  get then(): never {
    throw new Error("trap");
  },
};
const hostileProxy = new Proxy(
  {},
  {
    get() {
      throw new Error("trap");
    },
    getPrototypeOf() {
      throw new Error("trap");
    },
  },
);

describe("EventHub.emit", () => {
  test("finishes at once, with no promise and no timer, where every handler is idle and synchronous", () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    hub.subscribe("Sync:Done", { handler: args => seen.push(args) });
    hub.subscribe("Sync:Done", { handler: args => seen.push(args) });
    expect(emit("a")).toBeUndefined();
    expect(seen).toEqual(["a", "a"]);
    expect(clock.pending).toBe(0);
  });

  test("does nothing where nobody listens", () => {
    const { hub, emit } = setup();
    hub.subscribe("Sync:Other", { handler: () => {} });
    expect(emit("a")).toBeUndefined();
    expect(hub.reaches("Sync", "Done")).toBe(false);
    expect(hub.reaches("Sync", "Other")).toBe(true);
    expect(hub.stats).toMatchObject({ emitted: 1, delivered: 0, subscriptions: 1 });
  });

  test("gives handlers the arguments and the envelope as they are, and no `this`", () => {
    const { hub } = setup();
    const args = { id: 1 };
    const envelope = { service: "Sync", event: "Done", at: 1 };
    const seen: unknown[] = [];
    hub.subscribe("Sync:Done", {
      handler(this: unknown, ...given: unknown[]) {
        seen.push(this, ...given);
      },
    });
    void hub.emit("Sync", "Done", args, envelope);
    expect(seen).toEqual([undefined, args, envelope]);
    expect(seen[1]).toBe(args);
    expect(seen[2]).toBe(envelope);
  });

  test("reaches subscriptions to the event, to the service and to everything, in the order of subscribing", () => {
    const { hub, emit } = setup();
    const seen: string[] = [];
    for (const topic of ["*", "Sync:Done", "Sync:*", "Other:Done", "Sync:Done"])
      hub.subscribe(topic, { handler: (_args, { event }) => seen.push(`${topic} ${event}`) });
    void emit(1);
    expect(seen).toEqual(["* Done", "Sync:Done Done", "Sync:* Done", "Sync:Done Done"]);
    seen.length = 0;
    void emit(1, "Undeclared");
    expect(seen).toEqual(["* Undeclared", "Sync:* Undeclared"]);
  });

  test("resolves when this event's handlers have finished, not when those of later events have", async () => {
    const { hub, emit, clock } = setup();
    hub.subscribe("Sync:Done", { handler: () => clock.sleep(100) });
    hub.subscribe("Sync:Done", { handler: () => clock.sleep(300) });
    const first = follow(emit(1));
    const second = follow(emit(2));
    await clock.advance(299);
    expect([first.state, second.state]).toEqual(["pending", "pending"]);
    await clock.advance(1);
    expect([first.state, second.state]).toEqual(["resolved", "pending"]);
    await clock.advance(300);
    expect(second.state).toBe("resolved");
    expect(clock.pending).toBe(0);
  });

  test("waits 30 s at most, then goes on, counts it and says so once; the handler goes on", async () => {
    const { hub, emit, clock, logger } = setup();
    const subscription = hub.subscribe("Sync:Done", { handler: () => clock.sleep(45_000) });
    const first = follow(emit(1));
    await clock.advance(29_999);
    expect(first.state).toBe("pending");
    await clock.advance(1);
    expect(first.state).toBe("resolved");
    expect(hub.stats.timedOut).toBe(1);
    expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([["warn", { service: "Sync", event: "Done", timedOut: 1 }]]);
    await clock.advance(15_000);
    expect(subscription.stats.delivered).toBe(1);
    expect(clock.pending).toBe(0);
  });

  test("keeps one timer for any number of pending emits, and none once they have finished", async () => {
    const { hub, emit, clock } = setup();
    let release = (): void => {};
    const gate = new Promise<void>(resolve => (release = resolve));
    hub.subscribe("Sync:Done", { handler: () => gate });
    for (let index = 0; index < 100; index++) void emit(index);
    expect(clock.pending).toBe(1);
    release();
    await clock.settle();
    expect(hub.stats).toMatchObject({ delivered: 100, waiting: 0 });
    expect(clock.pending).toBe(0);
  });

  test("runs the handlers of one subscriber one at a time and in the order of emission", async () => {
    const { hub, emit, clock } = setup();
    const seen: string[] = [];
    hub.subscribe("Sync:Done", {
      handler: async args => {
        seen.push(`begin ${String(args)}`);
        await clock.sleep(args === 1 ? 50 : 1);
        seen.push(`end ${String(args)}`);
      },
    });
    for (const args of [1, 2, 3]) void emit(args);
    await clock.advance(100);
    expect(seen).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  test("is not delayed at one subscriber by a slow neighbour", async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    hub.subscribe("Sync:Done", { handler: () => clock.sleep(10_000) });
    hub.subscribe("Sync:Done", { handler: args => seen.push(args) });
    for (const args of [1, 2, 3]) void emit(args);
    expect(seen).toEqual([1, 2, 3]);
  });

  test("inside a synchronous handler of the same subscription is handled after it, in order", () => {
    const { hub, emit } = setup();
    const seen: unknown[] = [];
    hub.subscribe("Sync:Done", {
      handler: args => {
        seen.push(`begin ${String(args)}`);
        if (args === 1) for (const next of [2, 3]) void emit(next);
        seen.push(`end ${String(args)}`);
      },
    });
    void emit(1);
    expect(seen).toEqual(["begin 1", "end 1", "begin 2", "end 2", "begin 3", "end 3"]);
  });

  test("awaited by a handler of the same subscription is released after 30 s", async () => {
    const { hub, emit, clock } = setup();
    const subscription = hub.subscribe("Sync:Done", { handler: args => (args === 1 ? emit(2) : undefined) });
    const outer = follow(emit(1));
    await clock.advance("30s");
    expect(outer.state).toBe("resolved");
    expect(subscription.stats.delivered).toBe(2);
  });
});

describe("a handler that misbehaves", () => {
  test.each<[string, () => unknown]>([
    [
      "throws an Error",
      () => {
        throw new Error("boom");
      },
    ],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
    ],
    [
      "throws a Proxy whose traps throw",
      () => {
        throw hostileProxy;
      },
    ],
    ["rejects with undefined", () => Promise.reject(undefined)],
    ["rejects with a Proxy whose traps throw", () => Promise.reject(hostileProxy)],
    ["returns an object whose `then` getter throws", () => hostileGetter],
    [
      "returns a thenable that throws",
      () => ({
        then() {
          throw new Error("boom");
        },
      }),
    ],
  ])("that %s is logged and counted once, and harms nobody", async (_what, handler) => {
    const { hub, emit, clock, logger, failures } = setup();
    const seen: unknown[] = [];
    const bad = hub.subscribe("Sync:Done", { handler, owner: "the owner" });
    hub.subscribe("Sync:Done", { handler: args => seen.push(args) });
    const emitted = follow(emit(1) ?? Promise.resolve());
    await clock.settle();
    expect(emitted.state).toBe("resolved");
    void emit(2);
    await clock.settle();
    expect(seen).toEqual([1, 2]);
    expect(bad.stats).toEqual({ delivered: 0, failed: 2, dropped: 0, filtered: 0, waiting: 0 });
    expect(hub.stats).toMatchObject({ failed: 2, delivered: 2 });
    expect(logger.lines.map(line => line.level)).toEqual(["error", "error"]);
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatchObject({ part: "handler", owner: "the owner", subscription: bad, envelope: { event: "Done" } });
    expect(failures[0]?.error).toBeInstanceOf(Error);
    expect(clock.pending).toBe(0);
  });

  test("that settles its thenable twice is counted once", async () => {
    const { hub, emit, clock } = setup();
    const subscription = hub.subscribe("Sync:Done", {
      handler: () => ({
        then(resolve: () => void, reject: (error: Error) => void) {
          resolve();
          resolve();
          reject(new Error("too late"));
        },
      }),
    });
    void emit(1);
    await clock.settle();
    expect(subscription.stats).toMatchObject({ delivered: 1, failed: 0 });
  });

  test("does not reach the emitter through a listener to failures that throws", () => {
    const hub = new EventHub({
      clock: createVirtualClock(),
      logger: createMemoryLogger(),
      onHandlerError: () => {
        throw new Error("listener");
      },
    });
    hub.subscribe("Sync:Done", {
      handler: () => {
        throw new Error("handler");
      },
    });
    expect(() => hub.emit("Sync", "Done", 1, { service: "Sync", event: "Done", at: 0 })).not.toThrow();
    expect(hub.stats.failed).toBe(1);
  });

  test("that never settles keeps only its own subscription", async () => {
    const { hub, emit, clock } = setup();
    const hung = hub.subscribe("Sync:Done", { handler: () => new Promise(() => {}) });
    const well = hub.subscribe("Sync:Done", { handler: async () => {} });
    for (let index = 0; index < 10; index++) void emit(index);
    await clock.advance("1h");
    expect(well.stats.delivered).toBe(10);
    expect(hung.stats).toMatchObject({ delivered: 0, waiting: 9 });
    expect(hub.stats.timedOut).toBe(10);
    expect(clock.pending).toBe(0);
  });
});

describe("a filter", () => {
  test("keeps events from the queue and counts them", async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    const subscription = hub.subscribe("Sync:Done", {
      filter: args => (args as number) % 2 === 0,
      capacity: 1,
      handler: async args => {
        seen.push(args);
        await clock.sleep(10);
      },
    });
    for (const args of [1, 2, 3, 4, 5]) void emit(args);
    await clock.advance(100);
    expect(seen).toEqual([2, 4]);
    expect(subscription.stats).toEqual({ delivered: 2, failed: 0, dropped: 0, filtered: 3, waiting: 0 });
  });

  test("that throws counts as a failure and does not pass", () => {
    const { hub, emit, failures } = setup();
    const seen: unknown[] = [];
    const subscription = hub.subscribe("Sync:Done", {
      filter: () => {
        throw new Error("boom");
      },
      handler: args => seen.push(args),
    });
    expect(emit(1)).toBeUndefined();
    expect(seen).toEqual([]);
    expect(subscription.stats).toEqual({ delivered: 0, failed: 1, dropped: 0, filtered: 0, waiting: 0 });
    expect(failures).toMatchObject([{ part: "filter" }]);
  });
});

describe("once", () => {
  test("handles exactly the first event that passes the filter, even among concurrent emits", async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    const subscription = hub.subscribe("Sync:Done", {
      once: true,
      filter: args => (args as number) > 2,
      handler: async args => {
        await clock.sleep(10);
        seen.push(args);
      },
    });
    const emits = [1, 2, 3, 4, 5].map(args => follow(emit(args) ?? Promise.resolve()));
    await clock.advance(10);
    expect(seen).toEqual([3]);
    expect(emits.every(emitted => emitted.state === "resolved")).toBe(true);
    expect(subscription.stats).toEqual({ delivered: 1, failed: 0, dropped: 0, filtered: 2, waiting: 0 });
    expect(hub.stats.subscriptions).toBe(0);
  });

  test("ends at a handler that throws too", () => {
    const { hub, emit } = setup();
    const subscription = hub.subscribe("Sync:Done", {
      once: true,
      handler: () => {
        throw new Error("boom");
      },
    });
    for (const args of [1, 2]) void emit(args);
    expect(subscription.stats).toMatchObject({ delivered: 0, failed: 1 });
  });

  test("handles one event where its handler, or its filter, emits the same again", () => {
    const { hub, emit } = setup();
    const byHandler = hub.subscribe("Sync:Done", { once: true, handler: args => void (args === 1 && emit(2)) });
    void emit(1);
    expect(byHandler.stats.delivered).toBe(1);

    let nested = false;
    const byFilter = hub.subscribe("Sync:Done", {
      once: true,
      filter: () => {
        if (!nested) {
          nested = true;
          void emit(3);
        }
        return true;
      },
      handler: () => {},
    });
    void emit(4);
    expect(byFilter.stats.delivered).toBe(1);
  });
});

describe("overflow", () => {
  test("drops the newest past 1,024 by default, counts it, and says so once", async () => {
    const { hub, emit, clock, logger } = setup();
    const seen: number[] = [];
    const slow = hub.subscribe("Sync:Done", {
      handler: async args => {
        await clock.sleep(10);
        seen.push(args as number);
      },
    });
    const emits = Array.from({ length: 2_000 }, (_, index) => emit(index));
    expect(slow.stats).toMatchObject({ waiting: 1_024, dropped: 975 });
    expect(emits.filter(emitted => emitted === undefined)).toHaveLength(975);
    expect(logger.lines.map(({ level, fields }) => [level, fields])).toEqual([
      ["warn", { topic: "Sync:Done", dropped: 1, capacity: 1_024, overflow: "drop-newest" }],
    ]);
    await clock.advance("20s");
    expect(seen).toEqual(Array.from({ length: 1_025 }, (_, index) => index));
    expect(hub.stats).toMatchObject({ delivered: 1_025, dropped: 975, timedOut: 0 });
  });

  test("says at most every 10 s how many were dropped since the last time", async () => {
    const { hub, emit, clock, logger } = setup();
    hub.subscribe("Sync:Done", { capacity: 1, handler: () => new Promise(() => {}) });
    for (let index = 0; index < 5; index++) void emit(index);
    await clock.advance("9s");
    void emit(5);
    await clock.advance("1s");
    void emit(6);
    expect(logger.lines.map(({ fields }) => fields["dropped"])).toEqual([1, 4]);
  });

  test('"drop-oldest" drops what has waited longest, and lets its emitter go', async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    const subscription = hub.subscribe("Sync:Done", {
      capacity: 2,
      overflow: "drop-oldest",
      handler: async args => {
        await clock.sleep(10);
        seen.push(args);
      },
    });
    const emits = [1, 2, 3, 4, 5].map(args => follow(emit(args)));
    await clock.settle();
    expect(emits.map(({ state }) => state)).toEqual(["pending", "resolved", "resolved", "pending", "pending"]);
    await clock.advance(30);
    expect(seen).toEqual([1, 4, 5]);
    expect(subscription.stats).toMatchObject({ delivered: 3, dropped: 2 });
    expect(emits.every(({ state }) => state === "resolved")).toBe(true);
  });

  test('"wait" loses nothing while the emitter holds on, and keeps the order', async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    const subscription = hub.subscribe("Sync:Done", {
      capacity: 2,
      overflow: "wait",
      handler: async args => {
        await clock.sleep(10);
        seen.push(args);
      },
    });
    const emits = [1, 2, 3, 4, 5, 6].map(args => follow(emit(args)));
    expect(subscription.stats.waiting).toBe(5);
    await clock.advance(60);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    expect(subscription.stats).toMatchObject({ delivered: 6, dropped: 0, waiting: 0 });
    expect(emits.every(({ state }) => state === "resolved")).toBe(true);
  });

  test('"wait" drops and counts what found no room within 30 s, and no more', async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    const subscription = hub.subscribe("Sync:Done", {
      capacity: 2,
      overflow: "wait",
      handler: async args => {
        await clock.sleep(40_000);
        seen.push(args);
      },
    });
    const emits = [1, 2, 3, 4, 5].map(args => follow(emit(args)));
    await clock.advance("30s");
    expect(emits.every(({ state }) => state === "resolved")).toBe(true);
    expect(subscription.stats).toMatchObject({ waiting: 2, dropped: 2 });
    await clock.advance("3m");
    expect(seen).toEqual([1, 2, 3]);
    expect(subscription.stats).toMatchObject({ delivered: 3, dropped: 2, waiting: 0 });
    expect(clock.pending).toBe(0);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("refuses a capacity of %s", capacity => {
    const { hub } = setup();
    expect(() => hub.subscribe("Sync:Done", { capacity, handler: () => {} })).toThrow(
      expect.objectContaining({ code: "SORA_OPTION_INVALID", message: expect.stringContaining("its queue's capacity is") }),
    );
  });
});

describe("subscribing and disposing", () => {
  test("inside a handler is safe: a new subscription misses the event under way, an ended one gets nothing more", () => {
    const { hub, emit } = setup();
    const seen: string[] = [];
    hub.subscribe("Sync:Done", {
      handler: args => {
        seen.push(`first ${String(args)}`);
        if (args !== 1) return;
        hub.subscribe("Sync:Done", { handler: later => seen.push(`new ${String(later)}`) });
        ended.dispose();
      },
    });
    const ended = hub.subscribe("Sync:Done", { handler: args => seen.push(`ended ${String(args)}`) });
    void emit(1);
    void emit(2);
    expect(seen).toEqual(["first 1", "first 2", "new 2"]);
    expect(ended.stats).toEqual({ delivered: 0, failed: 0, dropped: 0, filtered: 0, waiting: 0 });
  });

  test("dispose drops what waits, lets its emitters go, and lets the running handler finish", async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    const subscription = hub.subscribe("Sync:Done", {
      handler: async args => {
        await clock.sleep(100);
        seen.push(args);
      },
    });
    const emits = [1, 2, 3].map(args => follow(emit(args)));
    subscription.dispose();
    subscription.dispose();
    await clock.settle();
    expect(emits.map(({ state }) => state)).toEqual(["pending", "resolved", "resolved"]);
    await clock.advance(100);
    expect(seen).toEqual([1]);
    expect(subscription.stats).toEqual({ delivered: 1, failed: 0, dropped: 2, filtered: 0, waiting: 0 });
    expect(emits[0]?.state).toBe("resolved");
    expect(clock.pending).toBe(0);
  });

  test("`using` ends at the block's end, `await using` waits for the running handler", async () => {
    const { hub, emit, clock } = setup();
    const seen: unknown[] = [];
    {
      using subscription = hub.subscribe("Sync:Done", { handler: args => seen.push(args) });
      void emit(1);
      expect(subscription.stats.delivered).toBe(1);
    }
    void emit(2);
    expect(seen).toEqual([1]);

    const block = follow(
      (async () => {
        await using subscription = hub.subscribe("Sync:Done", { handler: () => clock.sleep(100) });
        void emit(3);
        expect(subscription.stats.delivered).toBe(0);
      })(),
    );
    await clock.advance(99);
    expect(block.state).toBe("pending");
    await clock.advance(1);
    expect(block.state).toBe("resolved");
    expect(clock.pending).toBe(0);
  });

  test("`await using` inside the subscription's own handler is released after 30 s", async () => {
    const { hub, emit, clock } = setup();
    const subscription = hub.subscribe("Sync:Done", { handler: () => subscription[Symbol.asyncDispose]() });
    const emitted = follow(emit(1));
    await clock.advance("30s");
    expect(emitted.state).toBe("resolved");
    expect(subscription.stats.delivered).toBe(1);
    expect(hub.stats.timedOut).toBe(1);
  });
});

test("EventSubscription enters the context of its subscribing for direct and for queued deliveries", async () => {
  const { hub, emit, clock } = setup();
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const entered: string[] = [];
  hub.subscribe("Sync:Done", {
    run: (envelope, handle) => {
      entered.push(envelope.event);
      return storage.run("subscriber", handle);
    },
    handler: async args => {
      seen.push([args, storage.getStore()]);
      await clock.sleep(1);
    },
  });
  storage.run("emitter", () => {
    void emit(1);
    void emit(2);
  });
  await clock.advance(2);
  expect(seen).toEqual([
    [1, "subscriber"],
    [2, "subscriber"],
  ]);
  expect(entered).toEqual(["Done", "Done"]);
});

describe("EventHub.tap", () => {
  test("sees every emit, subscribed or not, until it is disposed of; what it throws is logged", () => {
    const { hub, emit, logger } = setup();
    const seen: unknown[] = [];
    const handled: unknown[] = [];
    hub.subscribe("Sync:Done", { handler: args => handled.push(args) });
    const failing = hub.tap(() => {
      throw new Error("boom");
    });
    const tap = hub.tap((service, event, args, envelope) => seen.push([service, event, args, envelope.service]));
    expect(hub.reaches("Sync", "Nobody")).toBe(true);
    void emit(1);
    void emit(2, "Nobody");
    expect(seen).toEqual([
      ["Sync", "Done", 1, "Sync"],
      ["Sync", "Nobody", 2, "Sync"],
    ]);
    expect(handled).toEqual([1]);
    expect(logger.lines.map(({ level }) => level)).toEqual(["error", "error"]);
    tap.dispose();
    failing[Symbol.dispose]();
    void emit(3);
    expect(seen).toHaveLength(2);
    expect(hub.reaches("Sync", "Nobody")).toBe(false);
  });
});

describe("EventHub.drain and dispose", () => {
  test("drain resolves once queues are empty and no handler runs", async () => {
    const { hub, emit, clock } = setup();
    await hub.drain();
    hub.subscribe("Sync:Done", { handler: () => clock.sleep(10) });
    for (const args of [1, 2, 3]) void emit(args);
    const drained = follow(hub.drain());
    await clock.advance(29);
    expect(drained.state).toBe("pending");
    await clock.advance(1);
    expect(drained.state).toBe("resolved");
    expect(hub.stats).toMatchObject({ delivered: 3, waiting: 0 });
  });

  test("dispose lets every emitter go uncounted, leaves no timer and refuses new subscriptions", async () => {
    const { hub, emit, clock } = setup();
    hub.subscribe("Sync:Done", { handler: () => new Promise(() => {}) });
    const emits = [1, 2].map(args => follow(emit(args)));
    hub.dispose();
    await clock.settle();
    expect(emits.map(({ state }) => state)).toEqual(["resolved", "resolved"]);
    expect(clock.pending).toBe(0);
    expect(hub.stats).toMatchObject({ subscriptions: 0, timedOut: 0 });
    expect(emit(3)).toBeUndefined();
    expect(() => hub.subscribe("Sync:Done", { handler: () => {} })).toThrow(expect.objectContaining({ code: "SORA_HOST_NOT_RUNNING" }));
  });

  test("dispose inside a handler leaves the emit that called it no timer", async () => {
    const { hub, emit, clock } = setup();
    hub.subscribe("Sync:Done", {
      handler: () => {
        hub.dispose();
        return new Promise(() => {});
      },
    });
    const emitted = follow(emit(1));
    await clock.settle();
    expect(emitted.state).toBe("resolved");
    expect(clock.pending).toBe(0);
  });
});
