import { describe, expect, test } from "vitest";
import { createMemoryLogger } from "../logging/memory-logger.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { contributorSource } from "./health-contributor.ts";
import { HealthAggregator } from "./health-aggregator.ts";
import { HealthReport } from "./health-report.ts";
import type { MemoryLogger } from "../logging/memory-logger.ts";
import type { VirtualClock } from "../testing/virtual-clock.ts";
import type { HealthSource } from "./health-source.ts";
import type { HealthStatus } from "./health-report.ts";

const start = Date.parse("2026-03-01T00:00:00Z");

function setup(): { readonly clock: VirtualClock; readonly logger: MemoryLogger; readonly health: HealthAggregator } {
  const clock = createVirtualClock({ start });
  const logger = createMemoryLogger();
  return { clock, logger, health: new HealthAggregator({ clock, logger }) };
}

/** A source whose check takes `milliseconds` and counts how often it was begun. */
function counting(
  clock: VirtualClock,
  milliseconds: number,
  report: () => HealthReport = () => HealthReport.healthy("Fine."),
): HealthSource & { checks: number } {
  return {
    name: "Counting",
    critical: false,
    checks: 0,
    async check() {
      this.checks++;
      await clock.sleep(milliseconds);
      return report();
    },
  };
}

describe("HealthAggregator.check", () => {
  test("tells what the check found, when, and how long it took", async () => {
    const { clock, health } = setup();
    health.register(counting(clock, 40, () => HealthReport.degraded("Slow.", { queue: 7 })));
    const answer = health.check("Counting");
    await clock.advance(40);
    expect(await answer).toEqual({
      name: "Counting",
      status: "degraded",
      description: "Slow.",
      critical: false,
      lastChecked: start,
      duration: 40,
      data: { queue: 7 },
    });
    expect(clock.pending).toBe(0);
  });

  test("makes one check at a time however many ask, and keeps its result for a second", async () => {
    const { clock, health } = setup();
    const source = counting(clock, 100);
    health.register(source);
    const answers = Array.from({ length: 1_000 }, () => health.check("Counting"));
    expect(source.checks).toBe(1);
    await clock.advance(100);
    expect(new Set(await Promise.all(answers)).size).toBe(1);
    await clock.advance(999);
    await health.check("Counting");
    expect(source.checks).toBe(1);
    await clock.advance(1);
    void health.check("Counting");
    expect(source.checks).toBe(2);
  });

  test("calls a check that hangs degraded, aborts its signal, and begins no other before it settles", async () => {
    const { clock, health } = setup();
    const signals: AbortSignal[] = [];
    let release = (): void => {};
    health.register({
      name: "Database",
      critical: true,
      check: signal => {
        signals.push(signal);
        return new Promise(resolve => (release = () => resolve(HealthReport.healthy())));
      },
    });
    const first = health.check("Database");
    await clock.advance("5s");
    expect(await first).toMatchObject({ status: "degraded", duration: 5_000, description: expect.stringContaining("did not answer within 5000 ms") });
    expect(signals[0]?.aborted).toBe(true);
    expect(signals[0]?.reason).toMatchObject({ code: "SORA_ACTION_TIMEOUT" });
    await clock.advance("1h");
    expect(await health.check("Database")).toBe(await first);
    await health.probe(["Database"], { force: true });
    expect(signals).toHaveLength(1);
    release();
    await clock.settle();
    void health.check("Database");
    expect(signals).toHaveLength(2);
    release();
    expect(await health.check("Database")).toMatchObject({ status: "healthy" });
    expect(clock.pending).toBe(0);
  });

  test.each<[string, () => unknown, string]>([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
      "Error: boom",
    ],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
      "Error: undefined",
    ],
    ["rejects with a string", () => Promise.reject("no route"), "Error: no route"],
    [
      "throws a plain object",
      () => {
        throw { message: "no route" };
      },
      "Error: no route",
    ],
  ])("calls a check that %s degraded", async (_what, check, error) => {
    const { health } = setup();
    health.register({ name: "Bad", critical: false, check: check as () => HealthReport });
    expect(await health.check("Bad")).toMatchObject({ status: "degraded", description: "The health check failed.", data: { error } });
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["true", true],
    ["another object", { status: "fine" }],
    [
      "a Proxy whose traps throw",
      new Proxy(
        {},
        {
          has() {
            throw new Error("trap");
          },
        },
      ),
    ],
  ])("calls a check that returns %s degraded", async (_what, report) => {
    const { health } = setup();
    health.register({ name: "Bad", critical: false, check: async () => report as HealthReport });
    expect(await health.check("Bad")).toMatchObject({ status: "degraded" });
  });

  test("shows the message of what a check caught, and no stack", async () => {
    const { health } = setup();
    health.register({ name: "Api", critical: false, check: () => HealthReport.unhealthy("Cannot reach it.", new Error("no route")) });
    expect(await health.check("Api")).toMatchObject({ status: "unhealthy", data: { error: "Error: no route" } });
  });

  test("takes what can be derived without asking, and asks again once it no longer can", async () => {
    const { health } = setup();
    let derived: HealthReport | undefined = HealthReport.unhealthy("It has failed.");
    let checks = 0;
    health.register({
      name: "Service",
      critical: true,
      derive: () => derived,
      check: () => {
        checks++;
        return HealthReport.healthy("Fine.");
      },
    });
    expect(await health.check("Service")).toMatchObject({ status: "unhealthy", description: "It has failed.", duration: 0, lastChecked: start });
    expect(checks).toBe(0);
    derived = undefined;
    expect(await health.check("Service")).toMatchObject({ status: "healthy", description: "Fine." });
  });

  test("calls a source whose state cannot be read degraded", async () => {
    const { health } = setup();
    health.register({
      name: "Service",
      get critical(): boolean {
        throw new Error("trap");
      },
      derive: () => {
        throw new Error("boom");
      },
    });
    expect(await health.check("Service")).toMatchObject({ status: "degraded", critical: true, data: { error: "Error: boom" } });
  });

  test("refuses a name it does not know, and a second source of one name", async () => {
    const { health } = setup();
    await expect(health.check("Nobody")).rejects.toMatchObject({ code: "SORA_SERVICE_UNKNOWN" });
    const registration = health.register({ name: "A", critical: false });
    expect(() => health.register({ name: "A", critical: false })).toThrow(expect.objectContaining({ code: "SORA_OPTION_INVALID" }));
    registration[Symbol.dispose]();
    expect(() => health.register({ name: "A", critical: false })).not.toThrow();
  });
});

describe("HealthAggregator.report", () => {
  test("asks all at the same time and weighs them", async () => {
    const { clock, health } = setup();
    health.register({ name: "Idle", critical: true });
    health.register({ ...counting(clock, 300), name: "Slow" });
    health.register({ ...counting(clock, 300, () => HealthReport.unhealthy("Down.")), name: "Down" });
    health.register({ name: "Hung", critical: false, check: () => new Promise(() => {}) });
    const report = health.report();
    await clock.advance("5s");
    const { status, entries } = await report;
    expect(status).toBe("degraded");
    expect(Object.values(entries).map(({ name, status: each }) => [name, each])).toEqual([
      ["Idle", "healthy"],
      ["Slow", "healthy"],
      ["Down", "unhealthy"],
      ["Hung", "degraded"],
    ]);
  });

  test("reads lazy sources only when it is asked for, after those that are registered", async () => {
    const { health } = setup();
    let listed = 0;
    health.registerLazy(
      () => {
        listed++;
        return [
          { name: "Registered", critical: false, derive: () => HealthReport.unhealthy("not this one") },
          { name: "Periodic", critical: true, derive: () => HealthReport.unhealthy("It has failed.") },
        ];
      },
      name => (name === "Periodic" ? { name, critical: false } : undefined),
    );
    health.register({ name: "Registered", critical: false });
    expect(health.due()).toEqual([]);
    await health.probe();
    expect(await health.check("Periodic")).toMatchObject({ status: "healthy" });
    expect(listed).toBe(0);
    expect(await health.report()).toMatchObject({ status: "unhealthy", entries: { Registered: { status: "healthy" }, Periodic: { status: "unhealthy" } } });
    expect(listed).toBe(1);
  });
});

describe("HealthAggregator.due and probe", () => {
  test("due lists registered checks without a fresh result, a known state or a check under way", async () => {
    const { clock, health } = setup();
    const slow = counting(clock, 100);
    let failed = undefined as HealthReport | undefined;
    health.register(slow);
    health.register({ name: "Quick", critical: false, derive: () => failed, check: () => HealthReport.healthy() });
    health.register({ name: "Plain", critical: false });
    expect(health.checked()).toEqual(["Counting", "Quick"]);
    expect(health.due()).toEqual(["Counting", "Quick"]);
    const probed = health.probe();
    expect(health.due()).toEqual([]);
    await clock.advance(100);
    await probed;
    await clock.advance(950);
    expect(health.due()).toEqual(["Quick"]);
    failed = HealthReport.unhealthy("It has failed.");
    expect(health.due()).toEqual([]);
    await clock.advance(50);
    expect(health.due()).toEqual(["Counting"]);
  });

  test("probe passes over what is kept only where forced", async () => {
    const { clock, health } = setup();
    const source = counting(clock, 0);
    health.register(source);
    for (const force of [false, false, true]) {
      const probed = health.probe(undefined, { force });
      await clock.advance(0);
      await probed;
    }
    expect(source.checks).toBe(2);
  });
});

test("HealthAggregator.onChange tells changes between checks, logs them, and survives its listeners", async () => {
  const { clock, logger, health } = setup();
  const reports = [HealthReport.healthy(), HealthReport.healthy(), HealthReport.unhealthy("Down."), HealthReport.unhealthy("Down."), HealthReport.healthy()];
  health.register({ name: "Api", critical: false, check: () => reports.shift() as HealthReport });
  const seen: [HealthStatus, HealthStatus][] = [];
  health.onChange(() => {
    throw new Error("listener");
  });
  const listening = health.onChange(({ status }, previous) => seen.push([previous, status]));
  for (let index = 0; index < 5; index++) {
    await health.probe();
    await clock.advance("1s");
    if (index === 3) listening[Symbol.dispose]();
  }
  expect(seen).toEqual([
    ["unknown", "healthy"],
    ["healthy", "unhealthy"],
  ]);
  expect(logger.lines.filter(({ message }) => message.startsWith("Api")).map(({ level, message }) => [level, message])).toEqual([
    ["warn", "Api is unhealthy: Down."],
    ["info", "Api is healthy again."],
  ]);
  expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(3);
});

test("HealthAggregator.dispose answers whoever waits, aborts what runs, and leaves no timer", async () => {
  const { clock, health } = setup();
  let aborted = false;
  health.register({
    name: "Hung",
    critical: true,
    check: signal => {
      signal.addEventListener("abort", () => (aborted = true));
      return new Promise(() => {});
    },
  });
  const answer = health.check("Hung");
  health.dispose();
  expect(await answer).toMatchObject({ status: "unknown", critical: true });
  expect(aborted).toBe(true);
  expect(clock.pending).toBe(0);
  expect(await health.check("Hung")).toMatchObject({ status: "unknown" });
  expect(health.due()).toEqual([]);
});

test("HealthAggregator makes nothing and arms nothing for 100,000 lazy sources until it is asked", async () => {
  const { clock, health } = setup();
  let made = 0;
  health.registerLazy(function* () {
    for (let index = 0; index < 100_000; index++) {
      made++;
      yield { name: `Periodic${index}`, critical: index === 7, derive: () => (index % 50_000 === 7 ? HealthReport.unhealthy("It has failed.") : undefined) };
    }
  });
  await clock.advance("1h");
  expect([made, clock.pending]).toEqual([0, 0]);
  const { status, entries } = await health.report();
  expect([status, Object.keys(entries).length, made]).toEqual(["unhealthy", 100_000, 100_000]);
});

test("contributorSource is not critical unless the contributor says so", () => {
  const check = (): HealthReport => HealthReport.healthy();
  expect(contributorSource({ name: "Api", check }).critical).toBe(false);
  expect(contributorSource({ name: "Api", isCritical: true, check }).critical).toBe(true);
});
