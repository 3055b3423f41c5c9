import { describe, expect, test } from "vitest";
import { SoraError } from "../errors/sora-error.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import type { Duration } from "./duration.ts";
import type { PeriodicTick } from "./periodic-timer.ts";
import { periodicTimer } from "./periodic-timer.ts";

const start = Date.parse("2026-03-01T00:00:00Z");

describe("periodicTimer", () => {
  test("ticks first after one period, then at a fixed rate", async () => {
    const clock = createVirtualClock({ start });
    const seen: [number, PeriodicTick][] = [];
    const controller = new AbortController();
    const loop = (async () => {
      for await (const tick of periodicTimer(clock, "5m", controller.signal)) seen.push([clock.now(), tick]);
    })();
    await clock.advance("15m");
    controller.abort();
    await loop;
    expect(seen).toEqual(
      [1, 2, 3].map(count => [start + count * 300_000, { count, scheduledAt: start + count * 300_000, missed: 0 }] satisfies [number, PeriodicTick]),
    );
    expect(clock.pending).toBe(0);
  });

  test("merges the ticks missed by a slow body into one, given at once, and keeps its beat", async () => {
    const clock = createVirtualClock({ start });
    const seen: (PeriodicTick & { at: number })[] = [];
    const controller = new AbortController();
    const loop = (async () => {
      for await (const tick of periodicTimer(clock, 1_000, controller.signal)) {
        seen.push({ at: clock.now() - start, ...tick, scheduledAt: tick.scheduledAt - start });
        if (tick.count === 1) await clock.sleep(3_500);
      }
    })();
    await clock.advance("6s");
    controller.abort();
    await loop;
    expect(seen).toEqual([
      { at: 1_000, count: 1, scheduledAt: 1_000, missed: 0 },
      { at: 4_500, count: 2, scheduledAt: 4_000, missed: 2 },
      { at: 5_000, count: 3, scheduledAt: 5_000, missed: 0 },
      { at: 6_000, count: 4, scheduledAt: 6_000, missed: 0 },
    ]);
  });

  test("does not drift with a period that is no whole number", async () => {
    const clock = createVirtualClock({ start });
    let last: PeriodicTick | undefined;
    void (async () => {
      for await (const tick of periodicTimer(clock, 1_000 / 3)) last = tick;
    })();
    await clock.advance("1h");
    await clock.advance(1);
    expect(last).toEqual({ count: 10_800, scheduledAt: start + 3_600_000, missed: 0 });
  });

  test("measures on the monotonic clock, and dates its ticks by the wall clock", async () => {
    const clock = createVirtualClock({ start });
    const seen: number[] = [];
    void (async () => {
      for await (const tick of periodicTimer(clock, "1m")) seen.push(tick.scheduledAt - start);
    })();
    await clock.advance("90s");
    clock.jumpWall(-3_600_000);
    await clock.advance("30s");
    expect(seen).toEqual([60_000, 120_000 - 3_600_000]);
  });

  test("ends quietly when the signal is aborted, in its sleep, in its body, or before it began", async () => {
    const clock = createVirtualClock({ start });
    const outcomes: string[] = [];
    const sleeping = new AbortController();
    const working = new AbortController();
    const loops = [
      (async () => {
        for await (const tick of periodicTimer(clock, "1s", sleeping.signal)) outcomes.push(`sleeping ${tick.count}`);
      })(),
      (async () => {
        for await (const tick of periodicTimer(clock, "1s", working.signal)) {
          outcomes.push(`working ${tick.count}`);
          working.abort();
        }
      })(),
      (async () => {
        for await (const tick of periodicTimer(clock, "1s", AbortSignal.abort())) outcomes.push(`before ${tick.count}`);
      })(),
    ];
    await clock.advance("1500ms");
    sleeping.abort();
    await Promise.all(loops);
    expect(outcomes.toSorted()).toEqual(["sleeping 1", "working 1"]);
    expect(clock.pending).toBe(0);
  });

  test("arms nothing while the body runs", async () => {
    const clock = createVirtualClock({ start });
    let pendingInBody = -1;
    for await (const tick of advancing(clock, periodicTimer(clock, "1s"))) {
      expect(tick.count).toBe(1);
      pendingInBody = clock.pending;
      break;
    }
    expect(pendingInBody).toBe(0);
  });

  test("tells its observer of every request, tick and end, so that a loop that stopped asking shows", async () => {
    const clock = createVirtualClock({ start });
    const told: string[] = [];
    const observer = { requested: () => void told.push("requested"), delivered: () => void told.push("delivered"), ended: () => void told.push("ended") };
    const controller = new AbortController();
    const loop = (async () => {
      for await (const tick of periodicTimer(clock, "1s", controller.signal, observer)) if (tick.count === 2) await clock.sleep(60_000);
    })();
    await clock.advance("30s");
    expect(told).toEqual(["requested", "delivered", "requested", "delivered"]);
    await clock.advance("32s");
    expect(told).toEqual(["requested", "delivered", "requested", "delivered", "requested", "delivered", "requested"]);
    controller.abort();
    await loop;
    expect(told.at(-1)).toBe("ended");
  });

  test("tells its observer that a loop ended which broke off or threw", async () => {
    const clock = createVirtualClock({ start });
    let ended = 0;
    const observer = { requested() {}, delivered() {}, ended: () => void (ended += 1) };
    const breaking = (async () => {
      for await (const _ of periodicTimer(clock, "1s", undefined, observer)) break;
    })();
    const throwing = (async () => {
      for await (const _ of periodicTimer(clock, "1s", undefined, observer)) throw new Error("broken body");
    })();
    const [broke, threw] = await Promise.all([breaking, throwing.catch((error: unknown) => error), clock.advance("1s")]);
    expect([broke, threw]).toEqual([undefined, new Error("broken body")]);
    expect(ended).toBe(2);
  });

  test.each<[Duration, string]>([
    [0, "SORA_OPTION_INVALID"],
    ["0s", "SORA_OPTION_INVALID"],
    [-1, "SORA_DURATION_INVALID"],
    [Number.NaN, "SORA_DURATION_INVALID"],
    ["5 fortnights" as Duration, "SORA_DURATION_INVALID"],
  ])("refuses a period of %j at the call", (period, code) => {
    expect(() => periodicTimer(createVirtualClock(), period)).toThrow(expect.toSatisfy(error => SoraError.is(error) && error.code === code));
  });
});

/** The ticks, with the clock moved on while the loop waits. */
async function* advancing(clock: ReturnType<typeof createVirtualClock>, ticks: AsyncIterable<PeriodicTick>): AsyncGenerator<PeriodicTick> {
  const moving = clock.advance("1s");
  yield* ticks;
  await moving;
}
