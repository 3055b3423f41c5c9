import { describe, expect, test } from "vitest";
import { controlOf } from "../control/control-of.ts";
import { defineService, SoraServices } from "../index.ts";
import { createTestHost } from "../testing/index.ts";
import { rejection } from "../testing/rejection.ts";
import type { ServicePhase } from "../index.ts";
import type { TestHost } from "../testing/test-host.ts";

const stateOf = (host: TestHost): ServicePhase => host.list()[0]?.state as ServicePhase;

/** Work that heeds no signal, and ends when it is told to. */
class Stubborn {
  readonly #ends: (() => void)[] = [];
  begun = 0;
  underWay = 0;
  most = 0;

  async run(): Promise<void> {
    this.begun++;
    this.most = Math.max(this.most, ++this.underWay);
    await new Promise<void>(resolve => this.#ends.push(resolve));
    this.underWay--;
  }

  end(): void {
    for (const end of this.#ends.splice(0)) end();
  }
}

/** A host with one service that is at work, and has a second to stop. */
async function working(work: Stubborn, kind: "execute" | "a run" | "a startup run" | "a disposal"): Promise<TestHost> {
  if (kind === "a disposal") {
    class Job {
      async [Symbol.asyncDispose](): Promise<void> {
        await work.run();
      }
    }
    return createTestHost({ services: [Job], shutdownTimeout: "1s" });
  }
  const execute = (): Promise<void> => work.run();
  const spec = {
    execute: { execute },
    "a run": { every: "10s", execute },
    "a startup run": { startupOrder: 1, execute: ({ run }: { run: number }) => (run === 1 ? Promise.resolve() : work.run()) },
  }[kind];
  const host = await createTestHost({ services: [defineService("Job", spec as never)], shutdownTimeout: "1s" });
  if (kind === "a startup run") {
    host.startService("Job").catch(() => {}); // told by the stop
  }
  await host.clock.advance("10s");
  return host;
}

describe("a service of which something goes on after the time for its stop", () => {
  const cases = [
    ["execute", "execute has not returned"],
    ["a run", "a run has not returned"],
    ["a startup run", "execute has not returned"],
    ["a disposal", "its disposal has not finished"],
  ] as const;

  test.each(cases)("(%s) stays stopping, and is not started beside it: a restart is answered in time, with an error that names it", async (kind, remains) => {
    const work = new Stubborn();
    const host = await working(work, kind);
    const began = host.clock.monotonic();
    const refused = rejection(host.restartService("Job"));
    await host.clock.advance("1100ms");
    expect(await refused).toMatchObject({
      code: "SORA_SERVICE_STILL_RUNNING",
      message: `Cannot start Job again: ${remains}, though it was told to end.`,
      retryable: true,
      details: { service: "Job", state: "stopping", remains: [remains] },
    });
    expect(host.clock.monotonic() - began).toBeLessThanOrEqual(1_100);
    expect(stateOf(host)).toBe("stopping");
    await expect(host.startService("Job")).rejects.toMatchObject({ code: "SORA_SERVICE_STILL_RUNNING" });
    await host.clock.advance("1h");
    expect([stateOf(host), work.begun]).toEqual(["stopping", 1]);
    expect(host.logs.filter(line => line.level === "error").map(line => line.fields["culprits"])).toEqual([[`Job: ${remains}`]]);
    work.end();
    await host.clock.settle();
    expect(stateOf(host)).toBe("stopped");
    expect(host.logs.at(-1)?.message).toContain("it is stopped now, and can be started again");
    const started = host.startService("Job");
    await host.clock.advance("10s");
    expect([work.most, stateOf(host)]).toEqual([1, kind === "a startup run" ? "starting" : "running"]);
    work.end();
    await started;
    const stopped = host.stop();
    await host.clock.settle();
    work.end();
    expect(await stopped).toMatchObject({ culprits: [], exitCode: 0 });
    expect([work.most, work.underWay]).toEqual([1, 0]);
  });

  test.each(cases)("(%s) is started by a restart that comes later, if it ends within the time of that", async kind => {
    const work = new Stubborn();
    await using host = await working(work, kind);
    const stopped = host.stopService("Job");
    await host.clock.advance("1m");
    await stopped;
    const restarted = host.restartService("Job");
    await host.clock.advance("900ms");
    work.end();
    await host.clock.settle();
    expect(stateOf(host)).toBe(kind === "a startup run" ? "starting" : "running");
    work.end();
    await restarted;
    work.end();
  });

  test("is named by the host's stop too, which waits for it no longer than for anything else", async () => {
    for (const ends of [false, true]) {
      const work = new Stubborn();
      const host = await working(work, "execute");
      const single = host.stopService("Job");
      await host.clock.advance("1m");
      await single;
      const stopped = host.stop();
      await host.clock.advance("500ms");
      if (ends) work.end();
      await host.clock.advance("600ms");
      const report = await stopped;
      expect(report).toMatchObject(ends ? { exitCode: 0, culprits: [] } : { exitCode: 1, culprits: ["Job: execute has not returned"] });
      expect(report.duration).toBeLessThanOrEqual(1_100);
      expect(stateOf(host)).toBe(ends ? "stopped" : "stopping");
      work.end();
      await host.clock.settle();
      expect(stateOf(host)).toBe("stopped");
    }
  });

  test("is told of by its health, its host's readiness and whoever watches states, with what it is", async () => {
    const ends = Promise.withResolvers<void>();
    class Job {
      async execute(): Promise<void> {
        await ends.promise;
      }
      [Symbol.asyncDispose](): Promise<void> {
        return new Promise(() => {});
      }
    }
    await using host = await createTestHost({ services: [Job], shutdownTimeout: "1s" });
    const seen: unknown[] = [];
    using _watch = controlOf(host).watchStates(({ before, state, reason }) => seen.push([before, state, reason]));
    const stopped = host.stopService(Job);
    await host.clock.advance("2s");
    await stopped;
    expect((await host.health()).entries["Job"]).toMatchObject({
      status: "degraded",
      description: "It is stopping, and the time for that is over: execute has not returned; its disposal has not finished",
    });
    ends.resolve();
    await host.clock.settle();
    expect((await host.health()).entries["Job"]?.description).toBe("It is stopping, and the time for that is over: its disposal has not finished");
    expect(seen).toEqual([
      ["running", "stopping", "asked to"],
      ["stopping", "stopping", "asked to, and the time for that is over: execute has not returned"],
      ["stopping", "stopping", "asked to, and the time for that is over: execute has not returned; its disposal has not finished"],
      ["stopping", "stopping", "asked to, and the time for that is over: its disposal has not finished"],
    ]);
  });

  test("takes no calls any more, not even from what goes on", async () => {
    const goOn = Promise.withResolvers<void>();
    let answer: unknown;
    const job = defineService("Job", {
      actions: { ask: () => "served" },
      execute: async () => {
        await goOn.promise;
        answer = await rejection(SoraServices.named("Job").do("ask").execute());
        await new Promise(() => {});
      },
    });
    await using host = await createTestHost({ services: [job], shutdownTimeout: "1s" });
    const stopped = host.stopService(job);
    await host.clock.advance("2s");
    await stopped;
    goOn.resolve();
    await host.clock.settle();
    expect(answer).toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE", details: { state: "stopping" } });
  });

  test("is stopped all the same where only calls go on, whose callers have been answered: a restart brings it back", async () => {
    const job = defineService("Job", { actions: { hang: () => new Promise(() => {}), work: () => "done" } });
    const host = await createTestHost({ services: [job], shutdownTimeout: "1s" });
    const call = rejection(host.services(job).do("hang").execute());
    await host.clock.settle();
    const restarted = host.restartService(job);
    await host.clock.advance("2s");
    await restarted;
    expect(await call).toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" });
    expect(host.list()).toMatchObject([{ state: "running", inFlight: 1 }]);
    expect(await host.services(job).do("work").execute()).toBe("done");
    const stopped = host.stop();
    await host.clock.advance("2s");
    expect(await stopped).toMatchObject({ culprits: ["Job: action hang has not finished"] });
  });
});

test("a startup service whose run goes on past its time is failed, and is not started beside it", async () => {
  const work = new Stubborn();
  const job = defineService("Job", { startupOrder: 1, timeoutSeconds: 5, continueOnFailure: true, execute: () => work.run() });
  await using host = await createTestHost({ services: [job] });
  expect(stateOf(host)).toBe("failed");
  await expect(host.startService(job)).rejects.toMatchObject({
    code: "SORA_SERVICE_STILL_RUNNING",
    message: "Cannot start Job again: execute has not returned, though it was told to end.",
    details: { state: "failed" },
  });
  expect(stateOf(host)).toBe("failed");
  work.end();
  await host.clock.settle();
  const started = host.startService(job);
  await host.clock.settle();
  expect([work.begun, work.most, stateOf(host)]).toEqual([2, 1, "starting"]);
  work.end();
  await started;
  expect(stateOf(host)).toBe("completed");
});
