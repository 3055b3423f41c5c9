import { describe, expect, test } from "vitest";
import { defineService, delay, SoraPeriodicService, SoraPeriodicServiceBase, SoraPokablePeriodicServiceBase, SoraServices } from "../index.ts";
import { createTestHost } from "../testing/index.ts";
import { rejection } from "../testing/rejection.ts";
import type { RunContext, SoraPeriodicServiceOptions } from "../index.ts";
import type { TestHostOptions } from "../testing/index.ts";

const never = (): Promise<never> => new Promise(() => {});
const configured = (name: string, settings: object): Pick<TestHostOptions, "configuration"> => ({
  configuration: { Sora: { BackgroundServices: { Services: { [name]: settings } } } },
});

/** Seconds at which runs began and ended, of a job that takes `takes` seconds. */
async function timesOf(
  options: SoraPeriodicServiceOptions & { readonly onTriggerNow?: () => void },
  takes: number,
  seconds: number,
  more: Partial<TestHostOptions> = {},
): Promise<{ readonly begun: number[]; readonly missed: number[] }> {
  const begun: number[] = [];
  const missed: number[] = [];
  const job = defineService("Job", {
    ...(options as object),
    execute: async (context: RunContext) => {
      begun.push(context.clock.monotonic() / 1_000);
      missed.push(context.missed);
      if (takes > 0) await context.clock.sleep(takes * 1_000);
    },
  });
  await using host = await createTestHost({ services: [job], ...more });
  await host.clock.advance(seconds * 1_000);
  return { begun, missed };
}

describe("runs", () => {
  test.each([
    ["at the end of each period", { every: "10s" }, [10, 20, 30]],
    ["at the end of the initial delay and a period", { every: "10s", initialDelaySeconds: 5 }, [15, 25]],
    ["at once with runOnStartup", { every: "10s", runOnStartup: true }, [0, 10, 20, 30]],
    ["at the end of the initial delay with runOnStartup", { every: "10s", initialDelaySeconds: 5, runOnStartup: true }, [5, 15, 25]],
    ["every intervalSeconds", { intervalSeconds: 15 }, [15, 30]],
    ["by cron", { cron: "*/15 * * * * *" }, [15, 30]],
  ] as const)("come %s", async (_when, options, expected) => {
    expect((await timesOf(options, 0, 30)).begun).toEqual(expected);
  });

  test("come every 60 s where nothing says otherwise", async () => {
    class Job extends SoraPeriodicServiceBase {
      static readonly begun: number[] = [];
      async executePeriodic(): Promise<void> {
        Job.begun.push(this.clock.monotonic() / 1_000);
      }
    }
    await using host = await createTestHost({ services: [Job] });
    await host.clock.advance("2m");
    expect(Job.begun).toEqual([60, 120]);
  });

  test("keep their rate, however long they take, and are put off by jitter without moving the plan", async () => {
    expect((await timesOf({ every: "10s" }, 7, 60)).begun).toEqual([10, 20, 30, 40, 50, 60]);
    const { begun } = await timesOf({ every: "10s", jitter: "5s" }, 0, 1_000);
    expect(begun).toHaveLength(99 + (begun.at(-1) === 1_000 ? 1 : 0));
    for (const [index, at] of begun.entries()) expect(at - 10 * (index + 1)).toBeGreaterThanOrEqual(0);
    for (const [index, at] of begun.entries()) expect(at - 10 * (index + 1)).toBeLessThan(5);
    expect(new Set(begun.map((at, index) => at - 10 * (index + 1))).size).toBeGreaterThan(50);
  });

  test("know when they were due, which they are, and what was missed", async () => {
    const seen: unknown[] = [];
    const job = defineService("Job", {
      every: "10s",
      execute: async ({ run, scheduledAt, missed }) =>
        void seen.push([run, scheduledAt === undefined ? undefined : new Date(scheduledAt).toISOString().slice(11, 19), missed]),
    });
    await using host = await createTestHost({ services: [job] });
    await host.clock.advance("10s");
    await host.services(job).do("trigger").execute();
    host.clock.block("35s");
    await host.clock.advance("1s");
    expect(seen).toEqual([
      [1, "00:00:10", 0],
      [2, undefined, 0],
      [3, "00:00:40", 2],
    ]);
  });
});

describe("a period", () => {
  class Member extends SoraPeriodicServiceBase {
    static begun: number[] = [];
    override get period(): `${bigint}s` {
      return "20s";
    }
    async executePeriodic(): Promise<void> {
      Member.begun.push(this.clock.monotonic() / 1_000);
    }
  }
  SoraPeriodicService({ intervalSeconds: 30, name: "Member" })(Member);
  class Decorated extends SoraPeriodicServiceBase {
    async executePeriodic(): Promise<void> {
      Member.begun.push(this.clock.monotonic() / 1_000);
    }
  }
  SoraPeriodicService({ intervalSeconds: 30, name: "Decorated" })(Decorated);

  test.each([
    ["the decorator's", Decorated, {}, 30],
    ["a member's before the decorator's", Member, {}, 20],
    ["the configuration's before a member's", Member, { IntervalSeconds: 10 }, 10],
    ["a fraction of a second, by configuration", Member, { IntervalSeconds: 0.5 }, 0.5],
  ] as const)("is %s", async (_whose, service, settings, expected) => {
    Member.begun = [];
    await using host = await createTestHost({ services: [service], ...configured(service === Member ? "Member" : "Decorated", settings) });
    await host.clock.advance("30s");
    expect(Member.begun[0]).toBe(expected);
  });

  test("is shown with its source", async () => {
    const info = async (service: typeof Member | typeof Decorated, settings: object): Promise<unknown> => {
      await using host = await createTestHost({ services: [service], ...configured("Member", settings) });
      return (await host.services(service).query().getInfo()).configuration["IntervalSeconds"];
    };
    expect(await info(Member, { IntervalSeconds: 10 })).toEqual({ value: 10, source: "host options" });
    expect(await info(Member, {})).toEqual({ value: 20, source: "decorator" });
    expect(await info(Decorated, {})).toEqual({ value: 30, source: "decorator" });
  });
});

describe("a run that takes longer than the period", () => {
  test.each([
    ["skip, the default, passes over ticks and says how many", {}, [10, 40, 70], [0, 2, 2]],
    ["queue lets one tick wait", { overlap: "queue" }, [10, 35, 60, 85], [0, 1, 2, 1]],
    ["allow lets runs overlap", { overlap: "allow" }, [10, 20, 30, 40, 50, 60, 70, 80, 90], [0, 0, 0, 0, 0, 0, 0, 0, 0]],
  ] as const)("overlap: %s", async (_policy, options, expected, missed) => {
    expect(await timesOf({ every: "10s", ...options }, 25, 90)).toEqual({ begun: expected, missed });
  });

  test("misfire: all makes up for every tick in order, one run after the other, up to its bound", async () => {
    const { begun } = await timesOf({ every: "10s", misfire: { all: 3 } }, 25, 100);
    expect(begun).toEqual([10, 35, 60, 85]);
  });

  test("never overlaps unless asked, and never comes in a burst", async () => {
    let under = 0;
    let most = 0;
    for (const overlap of ["skip", "queue"] as const) {
      const job = defineService("Job", {
        every: "1s",
        overlap,
        execute: async context => {
          most = Math.max(most, ++under);
          await context.clock.sleep(context.run % 7 === 0 ? 9_500 : 300);
          under--;
        },
      });
      await using host = await createTestHost({ services: [job] });
      await host.clock.advance("10m");
      expect(most).toBe(1);
      const { runs } = host.list()[0] as { runs: number };
      expect(runs).toBeLessThanOrEqual(600);
      under = 0;
    }
  });
});

describe("a blocked event loop", () => {
  test.each([
    ["skip", {}, [10, 50, 60], [0, 3, 0]],
    ["once", { misfire: "once" }, [10, 50, 60], [0, 3, 0]],
    ["all", { misfire: "all" }, [10, 50, 50, 50, 50, 60], [0, 0, 0, 0, 0, 0]],
    ["all, at most 2", { misfire: { all: 2 } }, [10, 50, 50, 60], [0, 2, 0, 0]],
  ] as const)("misfire: %s decides about the ticks it has missed", async (_policy, options, expected, missed) => {
    const begun: number[] = [];
    const told: number[] = [];
    const job = defineService("Job", {
      every: "10s",
      ...options,
      execute: async context => {
        begun.push(context.clock.monotonic() / 1_000);
        told.push(context.missed);
      },
    });
    await using host = await createTestHost({ services: [job] });
    await host.clock.advance("10s");
    host.clock.block("40s");
    await host.clock.advance("10s");
    expect({ begun, told }).toEqual({ begun: expected, told: missed });
  });

  test("of more than a minute loses the late tick under skip, and not under once", async () => {
    for (const [misfire, expected] of [
      ["skip", 1],
      ["once", 2],
    ] as const) {
      let runs = 0;
      const job = defineService("Job", { every: "10m", misfire, execute: async () => void runs++ });
      await using host = await createTestHost({ services: [job] });
      await host.clock.advance("10m");
      host.clock.block("12m");
      await host.clock.advance(0);
      expect(runs).toBe(expected);
    }
  });
});

describe("a run that fails", () => {
  const oddities: [string, () => unknown][] = [
    [
      "throws before its first await",
      () => {
        throw new Error("sync");
      },
    ],
    ["rejects", () => Promise.reject(new Error("async"))],
    ["rejects with undefined", () => Promise.reject(undefined)],
    [
      "rejects with a Proxy",
      () =>
        Promise.reject(
          new Proxy(
            {},
            {
              get: () => {
                throw new Error("trap");
              },
            },
          ),
        ),
    ],
    [
      "rejects with a circle",
      () => {
        const circle: Record<string, unknown> = {};
        circle["self"] = circle;
        return Promise.reject(circle);
      },
    ],
    [
      "rejects with an error whose message getter throws",
      () =>
        Promise.reject(
          Object.defineProperty(new Error(), "message", {
            get() {
              throw new Error("getter");
            },
          }),
        ),
    ],
    [
      "returns something whose then getter throws",
      () => ({
        get then() {
          throw new Error("then");
        },
      }),
    ],
    ["returns a thenable that rejects", () => ({ then: (_ok: unknown, no: (error: Error) => void) => no(new Error("thenable")) })],
  ];
  test.each(oddities)("because it %s is counted once and logged once, degrades health, and the next one comes", async (_how, fail) => {
    let runs = 0;
    const job = defineService("Job", { every: "10s", execute: () => (++runs === 1 ? fail() : undefined) });
    await using host = await createTestHost({ services: [job] });
    await host.clock.advance("10s");
    expect(host.list()[0]).toMatchObject({ state: "running", runs: 1, inFlight: 0, lastError: { at: host.clock.now() } });
    expect(await host.services(job).query().getHealth()).toMatchObject({ status: "degraded", data: { failedRuns: 1 } });
    expect(host.logs.filter(line => line.level === "error")).toHaveLength(1);
    await host.clock.advance("10s");
    expect(runs).toBe(2);
    expect(await host.services(job).query().getHealth()).toMatchObject({ status: "healthy" });
  });

  test("because it never settles is named as stalled, in its time, and holds up no stop; no other begins beside it", async () => {
    let runs = 0;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const job = defineService("Job", { every: "1m", isCritical: true, execute: () => (++runs === 1 ? released : undefined) });
    await using host = await createTestHost({ services: [job], shutdownTimeout: "1s" });
    await host.clock.advance("3m");
    expect((await host.ready()).ready).toBe(true);
    await host.clock.advance("2m");
    expect(await host.ready()).toMatchObject({ ready: false, reasons: ["critical service Job has stopped making progress"] });
    expect(await host.services(job).query().getHealth()).toMatchObject({ status: "degraded" });
    const poke = expect(host.services(job).do("trigger").execute()).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
    const restarted = expect(host.restartService(job)).rejects.toMatchObject({ code: "SORA_SERVICE_STILL_RUNNING" });
    await host.clock.advance("2s");
    await Promise.all([poke, restarted]);
    await host.clock.advance("5m");
    expect(runs).toBe(1);
    release();
    await host.clock.settle();
    await host.startService(job);
    await host.clock.advance("1m");
    expect(runs).toBe(2);
    expect((await host.ready()).ready).toBe(true);
  });

  test("because it was told to stop has stopped well: nothing is counted or logged", async () => {
    const job = defineService("Job", { every: "10s", execute: async context => context.delay("1h") });
    const host = await createTestHost({ services: [job], shutdownTimeout: "10s" });
    await host.clock.advance("10s");
    const stopped = host.stop();
    await host.clock.advance("10s");
    expect(await stopped).toMatchObject({ exitCode: 0, culprits: [], duration: 6_000 }); // once the time for it to end by itself is over
    expect(host.list()[0]?.lastError).toBeUndefined();
    expect(host.logs.filter(line => line.level === "error")).toEqual([]);
  });

  test("to end holds up a stop alone: pokes and batches that wait for it are refused, and hold up nothing", async () => {
    const job = defineService("Job", { every: "10s", execute: never });
    const host = await createTestHost({ services: [job], shutdownTimeout: "10s" });
    await host.clock.advance("10s");
    const waiting = [
      rejection(host.services(job).do("trigger").execute()),
      rejection(host.services(job).do("process-batch").execute()),
      rejection(host.services(job).do("check-queue").execute()),
    ];
    await host.clock.settle();
    expect(host.list()[0]).toMatchObject({ inFlight: 1, waiting: 2 }); // the run; the one all pokes share, and the batch's
    const stopped = host.stop();
    await host.clock.advance("11s");
    expect(await stopped).toMatchObject({ culprits: ["Job: a run has not returned"] });
    for (const refusal of await Promise.all(waiting)) expect(refusal).toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
  });

  test("of a thenable that is no promise is waited for like any other", async () => {
    let under = 0;
    let most = 0;
    const job = defineService("Job", {
      every: "1s",
      execute: ({ clock }) => {
        most = Math.max(most, ++under);
        return { then: (resolve: () => void) => void clock.sleep(2_500).then(() => (under--, resolve())) };
      },
    });
    await using host = await createTestHost({ services: [job] });
    await host.clock.advance("10s");
    expect(most).toBe(1);
  });
});

describe("process-batch", () => {
  test("calls onProcessBatch with what it was sent, once for each call, and refuses what makes no sense", async () => {
    const batches: unknown[] = [];
    class Outbox extends SoraPokablePeriodicServiceBase {
      async executePeriodic(): Promise<void> {}
      override async onProcessBatch(batchSize: number | undefined, filter: string | undefined): Promise<number> {
        batches.push([batchSize, filter]);
        return batches.length;
      }
    }
    await using host = await createTestHost({ services: [Outbox] });
    const client = host.services(Outbox);
    expect(
      await Promise.all([
        client.do("process-batch", { batchSize: 5, filter: "new" }).execute(),
        client.do("process-batch").execute(),
        client.do("process-batch", {}).execute(),
      ]),
    ).toEqual([1, 2, 3]);
    expect(batches).toEqual([
      [5, "new"],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    for (const bad of [{ batchSize: 0 }, { batchSize: 1.5 }, { batchSize: "5" }, { filter: 5 }, [], "all"]) {
      await expect(SoraServices.named("Outbox").do("process-batch", bad).execute()).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
    }
    expect(batches).toHaveLength(3);
    expect(host.list()[0]).toMatchObject({ runs: 0 });
  });

  test("is a run of its own for each call by default: never shared, never beside another", async () => {
    let under = 0;
    let most = 0;
    for (const service of [
      defineService("Plain", { every: "1h", execute: work }),
      class Pokable extends SoraPokablePeriodicServiceBase {
        executePeriodic(): Promise<void> {
          return work();
        }
      },
    ]) {
      await using host = await createTestHost({ services: [service] });
      const client = SoraServices.named(host.list()[0]?.name as string);
      const batches = Array.from({ length: 5 }, () => client.do("process-batch").execute());
      await host.clock.advance("5s");
      await Promise.all(batches);
      expect(host.list()[0]).toMatchObject({ runs: 5, inFlight: 0, waiting: 0 });
      expect(most).toBe(1);
      await host.stop();
    }
    async function work(): Promise<void> {
      most = Math.max(most, ++under);
      await delay("1s");
      under--;
    }
  });
});
