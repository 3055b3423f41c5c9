import fc from "fast-check";
import { expect, test } from "vitest";
import { defineService, SoraError, SoraPokablePeriodicServiceBase, SoraPeriodicService, SoraServices } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";

/** A periodic service whose runs take a while, and when they began and ended. */
function slowService(takes: number): { definition: ReturnType<typeof define>; runs: { began: number; ended?: number }[] } {
  const runs: { began: number; ended?: number }[] = [];
  return { runs, definition: define(takes, runs) };
}

function define(takes: number, runs: { began: number; ended?: number }[]) {
  return defineService("Slow", {
    every: "7d",
    execute: async context => {
      const run: { began: number; ended?: number } = { began: context.clock.monotonic() };
      runs.push(run);
      await context.delay(takes);
      run.ended = context.clock.monotonic();
    },
  });
}

test("trigger runs at once where nothing runs, and resolves with that run", async () => {
  const { definition, runs } = slowService(100);
  await using host = await createTestHost({ services: [definition] });
  const poked = host.services(definition).do("trigger").execute();
  await host.clock.advance(100);
  await poked;
  expect(runs).toEqual([{ began: 0, ended: 100 }]);
});

test("pokes during a run are one further run, whichever their names, and each caller awaits that one", async () => {
  const { definition, runs } = slowService(100);
  await using host = await createTestHost({ services: [definition] });
  const answered: number[] = [];
  const poke = (name: "trigger" | "check-queue"): void =>
    void host
      .services(definition)
      .do(name)
      .execute()
      .then(() => answered.push(host.clock.monotonic()));
  poke("trigger");
  await host.clock.advance(50);
  for (let n = 0; n < 20; n++) poke(n % 2 === 0 ? "trigger" : "check-queue");
  expect(await host.services(definition).query().getStatus()).toMatchObject({ inFlight: expect.any(Number), runs: 1 });
  await host.clock.advance(1_000);
  expect(runs).toEqual([
    { began: 0, ended: 100 },
    { began: 100, ended: 200 },
  ]);
  expect(answered).toEqual([100, ...Array.from({ length: 20 }, () => 200)]);
});

test("a caller who gives up leaves the shared run to the others", async () => {
  const { definition, runs } = slowService(100);
  await using host = await createTestHost({ services: [definition] });
  const impatient = host.services(definition).do("trigger").withTimeout(10).execute();
  const refused = expect(impatient).rejects.toMatchObject({ code: "SORA_ACTION_TIMEOUT" });
  await host.clock.advance(100);
  await refused;
  expect(runs).toEqual([{ began: 0, ended: 100 }]);
});

test("a poke whose run fails rejects with what the run threw, and the next poke runs again", async () => {
  let runs = 0;
  const failing = defineService("Failing", {
    every: "1h",
    execute: () => {
      if (++runs === 1) throw new Error("not yet");
    },
  });
  await using host = await createTestHost({ services: [failing] });
  await expect(host.services(failing).do("trigger").execute()).rejects.toThrow("not yet");
  await host.services(failing).do("trigger").execute();
  expect(runs).toBe(2);
  expect(await host.services(failing).query().getStatus()).toMatchObject({ state: "running", lastError: { message: "Error: not yet" } });
});

test(
  `after any sequence of pokes, ticks and waits, a full run begins after the last poke, one at a time (${nightly ? 20_000 : 300} sequences)`,
  { timeout: 3_600_000 },
  async () => {
    const step = fc.oneof({ weight: 3, arbitrary: fc.constant("poke" as const) }, { weight: 2, arbitrary: fc.integer({ min: 1, max: 250 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 0, max: 120 }), fc.integer({ min: 40, max: 400 }), async (steps, takes, every) => {
        let running = 0;
        let begun = 0;
        const definition = defineService("Any", {
          every,
          execute: async context => {
            begun++;
            expect(++running).toBe(1);
            await context.delay(takes);
            running--;
          },
        });
        await using host = await createTestHost({ services: [definition] });
        const owed: { before: number; answered: Promise<void> }[] = [];
        for (const one of steps) {
          if (one === "poke") {
            const before = begun;
            owed.push({
              before,
              answered: host
                .services(definition)
                .do("trigger")
                .execute()
                .then(() => expect(begun).toBeGreaterThan(before)),
            });
          } else await host.clock.advance(one);
        }
        await host.clock.advance(1_000);
        await Promise.all(owed.map(one => one.answered));
        const stopped = host.stop();
        await host.clock.advance(1_000);
        await stopped;
      }),
      { numRuns: nightly ? 20_000 : 300 },
    );
  },
);

test("process-batch calls onProcessBatch with what it was sent, and never coalesces", async () => {
  const batches: unknown[] = [];
  @SoraPeriodicService({ every: "1h" })
  class Batches extends SoraPokablePeriodicServiceBase {
    override executePeriodic(): void {}
    override async onProcessBatch(batchSize: number | undefined, filter: string | undefined, signal: AbortSignal): Promise<number> {
      batches.push([batchSize, filter]);
      await this.delay(100, signal);
      return batches.length;
    }
  }
  await using host = await createTestHost({ services: [Batches] });
  const services = host.services(Batches);
  const both = Promise.all([services.do("process-batch", { batchSize: 50, filter: "high-priority" }).execute(), services.do("process-batch").execute()]);
  await host.clock.advance(100);
  expect(await both).toEqual([2, 2]);
  expect(batches).toEqual([
    [50, "high-priority"],
    [undefined, undefined],
  ]);
});

test("process-batch is one run by default", async () => {
  const { definition, runs } = slowService(10);
  await using host = await createTestHost({ services: [definition] });
  const both = Promise.all([host.services(definition).do("process-batch").execute(), host.services(definition).do("process-batch").execute()]);
  await host.clock.advance(20);
  await both;
  expect(runs).toHaveLength(2);
});

test.each([
  [{ batchSize: 0 }, "$.batchSize"],
  [{ batchSize: 1.5 }, "$.batchSize"],
  [{ batchSize: "many" }, "$.batchSize"],
  [{ filter: 7 }, "$.filter"],
  [[], "$"],
  ["all", "$"],
])("process-batch refuses %j", async (parameters, path) => {
  const { definition } = slowService(1);
  await using host = await createTestHost({ services: [definition] });
  const error: unknown = await host
    .services(definition)
    .do("process-batch", parameters as never)
    .execute()
    .catch((thrown: unknown) => thrown);
  expect(SoraError.is(error, "SORA_PARAMETERS_INVALID") && error.message).toContain(`${path}:`);
});

test("onTriggerNow is what a poke runs, and executePeriodic what a tick runs", async () => {
  const seen: string[] = [];
  @SoraPeriodicService({ every: "1h" })
  class Poked extends SoraPokablePeriodicServiceBase {
    override executePeriodic(): void {
      seen.push("tick");
    }
    override onTriggerNow(): void {
      seen.push("poke");
    }
  }
  await using host = await createTestHost({ services: [Poked] });
  await host.services(Poked).do("trigger").execute();
  await host.clock.advance("1h");
  expect(seen).toEqual(["poke", "tick"]);
});

test("a run that pokes its own service asks for one more run and does not wait for it", async () => {
  let runs = 0;
  const again = defineService("Again", {
    every: "1h",
    execute: async (): Promise<void> => {
      if (++runs === 1) await SoraServices.named("Again").do("trigger").execute();
    },
  });
  await using host = await createTestHost({ services: [again] });
  await host.services(again).do("trigger").execute();
  await host.clock.settle();
  expect(runs).toBe(2);
});

test("a run that asks for a batch of its own service, which is one more run by default, does not wait for it either", async () => {
  const log: string[] = [];
  const job = defineService("Job", {
    every: "1h",
    execute: async ({ run }) => {
      log.push(`begin ${run}`);
      if (run === 1) await SoraServices.named("Job").do("process-batch", { batchSize: 1 }).execute();
      log.push(`end ${run}`);
    },
  });
  await using host = await createTestHost({ services: [job] });
  await host.services(job).do("trigger").execute();
  await host.clock.settle();
  expect(log).toEqual(["begin 1", "end 1", "begin 2", "end 2"]);
});
