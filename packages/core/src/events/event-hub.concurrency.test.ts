import { describe, expect, test } from "vitest";
import { createMemoryLogger } from "../logging/memory-logger.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { EventHub } from "./event-hub.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";
import type { EventSubscription, EventSubscriptionOptions } from "./event-subscription.ts";

interface Setup {
  readonly clock: VirtualClock;
  readonly hub: EventHub;
  readonly log: string[];
  readonly emit: (args: number) => Promise<void> | undefined;
  /** A subscription whose handler logs its begin and its end, and takes as many milliseconds as `takes` says. */
  readonly subscribe: (options: Partial<EventSubscriptionOptions>, takes: (args: number) => number) => EventSubscription;
}

function setup(): Setup {
  const clock = createVirtualClock();
  const hub = new EventHub({ clock, logger: createMemoryLogger() });
  const log: string[] = [];
  const handler = (takes: (args: number) => number) => async (args: unknown) => {
    log.push(`begin ${String(args)}`);
    await clock.sleep(takes(args as number));
    log.push(`end ${String(args)}`);
  };
  return {
    clock,
    hub,
    log,
    emit: args => hub.emit("Sync", "Done", args, { service: "Sync", event: "Done", at: clock.now() }),
    subscribe: (options, takes) => hub.subscribe("Sync:Done", { ...options, handler: handler(takes) }),
  };
}

describe("a subscription with concurrency", () => {
  test("begins its events in order, so many at once, and the next as soon as any has ended", async () => {
    const { clock, hub, log, emit, subscribe } = setup();
    const subscription = subscribe({ concurrency: 2 }, args => (args === 1 ? 100 : 10));
    for (const args of [1, 2, 3, 4]) void emit(args);
    expect(subscription.stats.waiting).toBe(2);
    await clock.advance(99);
    expect(log).toEqual(["begin 1", "begin 2", "end 2", "begin 3", "end 3", "begin 4", "end 4"]);
    await clock.advance(1);
    expect(log.at(-1)).toBe("end 1");
    expect(hub.stats).toMatchObject({ delivered: 4, waiting: 0 });
    expect(clock.pending).toBe(0);
  });

  test("counts its queue apart from what is being handled", async () => {
    const { clock, log, emit, subscribe } = setup();
    const subscription = subscribe({ concurrency: 2, capacity: 1 }, () => 10);
    for (const args of [1, 2, 3, 4]) void emit(args);
    expect(subscription.stats).toMatchObject({ waiting: 1, dropped: 1 });
    await clock.advance(20);
    expect(log.filter(line => line.startsWith("begin"))).toEqual(["begin 1", "begin 2", "begin 3"]);
  });

  test("goes on beside a handler that never settles", async () => {
    const { clock, hub, log, emit, subscribe } = setup();
    subscribe({ concurrency: 2 }, args => (args === 1 ? 1e9 : 10));
    for (const args of [1, 2, 3]) void emit(args);
    await clock.advance(20);
    expect(log).toEqual(["begin 1", "begin 2", "end 2", "begin 3", "end 3"]);
    hub.dispose();
  });

  test("keeps the order where a handler emits its own event again, whether there is room or not", () => {
    const { hub, emit, log } = setup();
    hub.subscribe("Sync:Done", {
      concurrency: 2,
      handler: args => {
        log.push(`begin ${String(args)}`);
        if (args === 1) for (const next of [2, 3, 4]) void emit(next);
        if (args === 2) for (const next of [5, 6]) void emit(next);
        log.push(`end ${String(args)}`);
      },
    });
    expect(emit(1)).toBeUndefined();
    expect(log.filter(line => line.startsWith("begin"))).toEqual(["begin 1", "begin 2", "begin 5", "begin 6", "begin 3", "begin 4"]);
    expect(hub.stats).toMatchObject({ delivered: 6, waiting: 0 });
  });

  test("handles what waits before what is emitted by a handler that has just been begun", async () => {
    const { clock, hub, emit, log } = setup();
    hub.subscribe("Sync:Done", {
      concurrency: 2,
      handler: async args => {
        log.push(`begin ${String(args)}`);
        if (args === 3) void emit(9);
        await clock.sleep(args === 2 ? 20 : 10);
      },
    });
    for (const args of [1, 2, 3, 4]) void emit(args);
    await clock.advance(100);
    expect(log).toEqual(["begin 1", "begin 2", "begin 3", "begin 4", "begin 9"]);
  });

  test("lets a handler await an emit to itself while one may still begin", async () => {
    const { hub, emit, log } = setup();
    hub.subscribe("Sync:Done", {
      concurrency: 2,
      handler: async args => {
        if (args === 1) await emit(2);
        log.push(`end ${String(args)}`);
      },
    });
    await emit(1);
    expect(log).toEqual(["end 2", "end 1"]);
    expect(hub.stats.timedOut).toBe(0);
  });

  test("is waited for by `await using` until the last of its handlers has finished", async () => {
    const { clock, emit, subscribe, log } = setup();
    const subscription = subscribe({ concurrency: 2 }, args => args * 10);
    for (const args of [1, 2, 3]) void emit(args);
    let ended = false;
    void subscription[Symbol.asyncDispose]().then(() => (ended = true));
    await clock.advance(19);
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(ended).toBe(true);
    expect(log.filter(line => line.startsWith("end"))).toEqual(["end 1", "end 2"]);
    expect(subscription.stats).toMatchObject({ delivered: 2, dropped: 1 });
  });

  test("with once handles exactly one", async () => {
    const { clock, emit, subscribe, log } = setup();
    subscribe({ concurrency: 5, once: true }, () => 10);
    for (const args of [1, 2, 3]) void emit(args);
    await clock.advance(10);
    expect(log).toEqual(["begin 1", "end 1"]);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("of %s is refused", concurrency => {
    const { hub } = setup();
    expect(() => hub.subscribe("Sync:Done", { concurrency, handler: () => {} })).toThrow(
      expect.objectContaining({ code: "SORA_OPTION_INVALID", details: { topic: "Sync:Done", concurrency } }),
    );
  });
});
