import { describe, expect, test } from "vitest";
import * as z from "zod";
import { controlOf } from "../control/control-of.ts";
import { defineService, serviceEvent, SoraError, type } from "../index.ts";
import { createTestHost } from "../testing/index.ts";
import type { ServiceSource } from "../host/host-options.ts";
import type { TestHost } from "../testing/test-host.ts";
import type { MetricFamily } from "./metric-family.ts";

interface Gate {
  open(): void;
  readonly opened: Promise<void>;
}

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { open: resolve, opened: promise };
}

/** The value of the one series of a family that has these labels. */
function value(families: readonly MetricFamily[], name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const family = families.find(one => one.name === name);
  if (family === undefined || family.type === "histogram") throw new Error(`There is no number ${name}.`);
  const found = family.points.filter(point => Object.entries(labels).every(([key, label]) => point.labels[key] === label));
  if (found.length > 1) throw new Error(`${name} has ${found.length} series of these labels.`);
  return found[0]?.value;
}

function durations(
  families: readonly MetricFamily[],
  name: string,
  labels: Readonly<Record<string, string>>,
): { count: number; sum: number; within: (seconds: number) => number } | undefined {
  const family = families.find(one => one.name === name);
  if (family?.type !== "histogram") throw new Error(`There is no histogram ${name}.`);
  const point = family.points.find(one => Object.entries(labels).every(([key, label]) => one.labels[key] === label));
  return point === undefined
    ? undefined
    : { count: point.cumulative.at(-1) as number, sum: point.sum, within: seconds => point.cumulative[family.bounds.indexOf(seconds)] as number };
}

/** A host whose metrics are read from its start. */
async function stageOf(...services: readonly ServiceSource[]): Promise<{ readonly host: TestHost; read(): readonly MetricFamily[] } & AsyncDisposable> {
  const host = await createTestHost({ services });
  const reader = controlOf(host).metrics();
  return { host, read: () => reader.collect(), [Symbol.asyncDispose]: async () => void (await host.stop()) };
}

describe("collectMetrics counts calls", () => {
  const outcomes = (families: readonly MetricFamily[], action: string): Record<string, number | undefined> =>
    Object.fromEntries(
      ["ok", "failed", "timeout", "cancelled", "refused"].map(outcome => [
        outcome,
        value(families, "sora_action_calls_total", { service: "Work", action, outcome }),
      ]),
    );

  test("by how they ended, one time each, measured or not", async () => {
    let held = gate();
    const Work = defineService("Work", {
      actions: {
        plain: async () => 1,
        atOnce: { parameters: type<number>(), run: (n: number) => n },
        checked: { parameters: z.object({ n: z.number() }), run: async ({ n }) => n },
        bad: async () => {
          throw new Error("no");
        },
        slow: { timeout: "1s", run: async () => held.opened },
        held: async () => held.opened,
        rethrows: async () => {
          throw new SoraError("SORA_PARAMETERS_INVALID", "of a call it made");
        },
      },
    });
    for (const measured of [false, true]) {
      held = gate();
      await using host = await createTestHost({ services: [Work] });
      const control = controlOf(host);
      using reader = measured ? control.metrics() : undefined;
      const work = control.find("Work");
      const call = (action: string, parameters?: unknown, options?: Parameters<typeof work.call>[2]): Promise<unknown> =>
        work.call(action, parameters, options).catch((error: unknown) => error);

      await call("plain");
      await call("plain", undefined, { correlationId: "x" });
      await call("at-once", 1);
      await call("checked", { n: 1 });
      await call("checked", { n: "one" });
      await call("bad");
      await call("bad", undefined, { correlationId: "x" });
      await call("rethrows");
      const slow = call("slow");
      await host.clock.advance("1s");
      await slow;
      const leaving = new AbortController();
      const left = call("held", undefined, { signal: leaving.signal });
      leaving.abort();
      await left;
      await call("held", undefined, { signal: AbortSignal.abort() });
      held.open();
      await host.stopService("Work");
      await call("plain");

      const families = (reader ?? control.metrics()).collect();
      const none = { ok: 0, failed: 0, timeout: 0, cancelled: 0, refused: 0 };
      expect(outcomes(families, "plain")).toEqual({ ...none, ok: 2, refused: 1 });
      expect(outcomes(families, "at-once")).toEqual({ ...none, ok: 1 });
      expect(outcomes(families, "checked")).toEqual({ ...none, ok: 1, refused: 1 });
      expect(outcomes(families, "bad")).toEqual({ ...none, failed: 2 });
      expect(outcomes(families, "rethrows")).toEqual({ ...none, failed: 1 });
      expect(outcomes(families, "slow")).toEqual({ ...none, timeout: 1 });
      expect(outcomes(families, "held")).toEqual({ ...none, cancelled: 2 });
    }
  });

  test("of actions that were never called as 0, so that a rate begins with the first", async () => {
    await using stage = await stageOf(defineService("Work", { actions: { idle: async () => {} } }));
    expect(outcomes(stage.read(), "idle")).toEqual({ ok: 0, failed: 0, timeout: 0, cancelled: 0, refused: 0 });
  });

  test("that are under way and that wait", async () => {
    const held = gate();
    await using stage = await stageOf(defineService("Work", { actions: { one: { concurrency: 1, run: async () => held.opened } } }));
    const calls = [1, 2, 3].map(() => controlOf(stage.host).find("Work").call("one", undefined));
    await stage.host.clock.settle();
    expect(value(stage.read(), "sora_action_in_flight", { action: "one" })).toBe(3);
    expect(value(stage.read(), "sora_action_waiting", { action: "one" })).toBe(2);
    expect(value(stage.read(), "sora_service_in_flight", { service: "Work" })).toBe(1);
    expect(value(stage.read(), "sora_service_waiting", { service: "Work" })).toBe(2);
    held.open();
    await Promise.all(calls);
    expect(value(stage.read(), "sora_action_in_flight", { action: "one" })).toBe(0);
    expect(value(stage.read(), "sora_action_waiting", { action: "one" })).toBe(0);
  });
});

describe("collectMetrics measures how long", () => {
  const Work = defineService("Work", {
    actions: {
      wait: async ({ delay }) => delay(30),
      throws: async ({ delay }) => {
        await delay(2_000);
        throw new Error("no");
      },
      limited: { concurrency: 1, run: async (_parameters, { delay }) => delay(100) },
    },
  });

  test("calls take from their acceptance to their answer, in seconds, waiting and failures included", async () => {
    await using stage = await stageOf(Work);
    const work = controlOf(stage.host).find("Work");
    const calls = [
      work.call("wait", undefined),
      work.call("throws", undefined).catch(() => {}),
      work.call("limited", undefined),
      work.call("limited", undefined),
    ];
    await stage.host.clock.advance("3s");
    await Promise.all(calls);
    const families = stage.read();
    const wait = durations(families, "sora_action_duration_seconds", { service: "Work", action: "wait" });
    expect([wait?.count, wait?.sum, wait?.within(0.025), wait?.within(0.05)]).toEqual([1, 0.03, 0, 1]);
    const throws = durations(families, "sora_action_duration_seconds", { action: "throws" });
    expect([throws?.count, throws?.within(1), throws?.within(2.5)]).toEqual([1, 0, 1]);
    const limited = durations(families, "sora_action_duration_seconds", { action: "limited" });
    expect([limited?.count, limited?.sum, limited?.within(0.1), limited?.within(0.25)]).toEqual([2, expect.closeTo(0.3), 1, 2]);
  });

  test("only while there is a reader, and of calls begun while there was none nothing", async () => {
    await using host = await createTestHost({ services: [Work] });
    const control = controlOf(host);
    const call = async (): Promise<void> => {
      const answer = control.find("Work").call("wait", undefined);
      await host.clock.advance("1s");
      await answer;
    };
    await call();
    const one = control.metrics();
    const other = control.metrics();
    expect(durations(one.collect(), "sora_action_duration_seconds", {})).toBeUndefined();
    await call();
    one[Symbol.dispose]();
    one[Symbol.dispose]();
    await call();
    expect(durations(other.collect(), "sora_action_duration_seconds", {})?.count).toBe(2);
    other[Symbol.dispose]();
    await call();
    expect(durations(control.metrics().collect(), "sora_action_duration_seconds", {})?.count).toBe(2);
    expect(value(control.metrics().collect(), "sora_action_calls_total", { action: "wait", outcome: "ok" })).toBe(4);
  });
});

describe("collectMetrics counts runs", () => {
  test("that began, failed and were skipped, and how long they took", async () => {
    let round = 0;
    const Job = defineService("Job", {
      every: "10s",
      execute: async ({ delay }) => {
        round++;
        await delay(round === 2 ? 25_000 : 40);
        if (round === 3) throw new Error("no");
      },
    });
    await using stage = await stageOf(Job);
    await stage.host.clock.advance("61s"); // due at 10, 20 (takes until 45), 30 and 40 (skipped), 50 (fails), 60
    const families = stage.read();
    expect(value(families, "sora_service_runs_total")).toBe(4);
    expect(value(families, "sora_service_run_failures_total")).toBe(1);
    expect(value(families, "sora_service_ticks_skipped_total")).toBe(2);
    const runs = durations(families, "sora_service_run_duration_seconds", { service: "Job" });
    expect([runs?.count, runs?.within(0.05), runs?.within(30)]).toEqual([4, 3, 4]);
    expect(value(families, "sora_service_last_activity_timestamp_seconds")).toBe(Date.parse("2026-01-01T00:01:00.040Z") / 1_000);
  });

  test("that restarts followed, and shows the state as one of all", async () => {
    let lives = 0;
    const Loop = defineService("Loop", {
      execute: async ({ signal }) => {
        if (++lives <= 2) throw new Error("no");
        await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve()));
      },
    });
    await using stage = await stageOf(Loop);
    await stage.host.clock.advance("30s");
    const families = stage.read();
    expect(value(families, "sora_service_runs_total")).toBe(3);
    expect(value(families, "sora_service_run_failures_total")).toBe(2);
    expect(value(families, "sora_service_restarts_total")).toBe(2);
    const states = ["disabled", "stopped", "starting", "running", "restarting", "completed", "failed", "stopping"];
    expect(Object.fromEntries(states.map(state => [state, value(families, "sora_service_state", { service: "Loop", state })]))).toEqual({
      disabled: 0,
      stopped: 0,
      starting: 0,
      running: 1,
      restarting: 0,
      completed: 0,
      failed: 0,
      stopping: 0,
    });
  });
});

test("collectMetrics counts events emitted, dropped and failed by the service that emits them", async () => {
  const Happened = serviceEvent("Happened", type<number>());
  const Source = defineService("Source", {
    events: { Happened },
    actions: { emit: { parameters: type<number>(), run: async (n: number, { emit }) => emit(Happened, n) } },
  });
  const Quiet = defineService("Quiet", { events: { Happened } });
  await using stage = await stageOf(Source, Quiet);
  const call = (n: number): Promise<unknown> => controlOf(stage.host).find("Source").call("emit", n);
  await call(0); // to nobody
  const slow = await stage.host
    .services(Source)
    .on(Happened)
    .do(async n => {
      if (n === 1) throw new Error("no");
      await new Promise(() => {});
    })
    .subscribe();
  await call(1);
  const held = call(2);
  const waiting = call(3);
  await stage.host.clock.settle();
  slow.dispose();
  await waiting;
  const families = stage.read();
  expect(value(families, "sora_service_events_emitted_total", { service: "Source" })).toBe(4);
  expect(value(families, "sora_service_event_deliveries_failed_total", { service: "Source" })).toBe(1);
  expect(value(families, "sora_service_event_deliveries_dropped_total", { service: "Source" })).toBe(1);
  expect(value(families, "sora_service_events_emitted_total", { service: "Quiet" })).toBe(0);
  expect(value(families, "sora_service_event_deliveries_dropped_total", { service: "Quiet" })).toBe(0);
  await stage.host.clock.advance("31s");
  await held;
});

test("collectMetrics gives every family a name of its own, a help text, and series that differ", async () => {
  await using stage = await stageOf(defineService("A", { every: "1s", execute: async () => {} }), defineService("B", { actions: { go: async () => {} } }));
  await stage.host.clock.advance("2s");
  const families = stage.read();
  expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
  for (const { name, help, type: kind, points } of families) {
    expect(name).toMatch(kind === "counter" ? /^sora_[a-z_]+_total$/ : /^sora_[a-z_]+$/);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
    const labels = (points as readonly { readonly labels: object }[]).map(point => JSON.stringify(point.labels));
    expect(new Set(labels).size).toBe(labels.length);
  }
});
