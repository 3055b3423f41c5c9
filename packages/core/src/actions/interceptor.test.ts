import { describe, expect, test } from "vitest";
import { defineService, SoraError, SoraServices, type } from "../index.ts";
import { createTestHost } from "../testing/index.ts";
import type { InterceptedCall, Interceptor } from "../index.ts";

const echo = defineService("Echo", {
  actions: { say: { parameters: type<string>(), run: async (text: string, context) => ({ text, metadata: context.metadata }) } },
});

describe("intercept.call", () => {
  test("stands around every call, the first listed outermost, and sees what comes back", async () => {
    const log: string[] = [];
    const around = (name: string): Interceptor => ({
      async call(call, next) {
        log.push(`${name} before ${call.service}.${call.action}(${String(call.parameters)})`);
        const result = await next();
        log.push(`${name} after`);
        return result;
      },
    });
    await using host = await createTestHost({ services: [echo], intercept: [around("outer"), around("inner")] });
    host.intercept(around("added"));
    expect(await host.services(echo).do("say", "hi").execute()).toMatchObject({ text: "hi" });
    expect(log).toEqual(["outer before Echo.say(hi)", "inner before Echo.say(hi)", "added before Echo.say(hi)", "added after", "inner after", "outer after"]);
  });

  test("refuses by throwing: the action never runs, and the caller gets the error", async () => {
    let runs = 0;
    const guarded = defineService("Guarded", { actions: { work: async () => void runs++ } });
    const refusal = new Error("who are you?");
    await using host = await createTestHost({ services: [guarded], intercept: { call: () => Promise.reject(refusal) } });
    await expect(host.services(guarded).do("work").execute()).rejects.toBe(refusal);
    expect(runs).toBe(0);
  });

  test("answers in the action's place, and changes its result", async () => {
    const intercept: Interceptor = { call: async (call, next) => (call.parameters === "cached" ? "from the cache" : { wrapped: await next() }) };
    await using host = await createTestHost({ services: [echo], intercept });
    expect(await host.services(echo).do("say", "cached").execute()).toBe("from the cache");
    expect(await host.services(echo).do("say", "new").execute()).toMatchObject({ wrapped: { text: "new" } });
  });

  test("runs the action once, however often it asks for the next", async () => {
    let runs = 0;
    const counted = defineService("Counted", { actions: { work: async () => ++runs } });
    await using host = await createTestHost({ services: [counted], intercept: { call: async (_call, next) => [await next(), await next()] } });
    expect(await host.services(counted).do("work").execute()).toEqual([1, 1]);
    expect(runs).toBe(1);
  });

  test("sets metadata that reaches the action, the calls it makes, and no other call", async () => {
    const outer = defineService("Outer", { actions: { work: async context => context.services(echo).do("say", "nested").execute() } });
    const intercept: Interceptor = {
      call(call, next) {
        if (call.service === "Outer") call.metadata["tenant"] = "t1";
        return next();
      },
    };
    await using host = await createTestHost({ services: [echo, outer], intercept });
    expect(await host.services(outer).do("work").execute()).toEqual({ text: "nested", metadata: { tenant: "t1" } });
    expect(await host.services(echo).do("say", "direct").execute()).toEqual({ text: "direct", metadata: {} });
    expect(await host.services(outer).do("work").withMetadata({ user: "u" }).execute()).toEqual({ text: "nested", metadata: { tenant: "t1", user: "u" } });
  });

  test("sees parameters as they were sent, the correlation id, the priority and a signal that aborts with the call", async () => {
    const seen: InterceptedCall[] = [];
    const slow = defineService("Slow", { actions: { work: { parameters: type<{ n: number }>(), run: () => new Promise(() => {}) } } });
    await using host = await createTestHost({ services: [slow], shutdownTimeout: 0, intercept: { call: (call, next) => (seen.push(call), next()) } });
    const parameters = { n: 1 };
    const call = host.services(slow).do("work", parameters).withCorrelationId("c").withPriority(3).withTimeout("1s").execute();
    const answer = expect(call).rejects.toBeInstanceOf(SoraError);
    await host.clock.advance("1s");
    await answer;
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ service: "Slow", action: "work", correlationId: "c", priority: 3 });
    expect(seen[0]?.parameters).toBe(parameters);
    expect(seen[0]?.signal.aborted).toBe(true);
  });

  test("stands around commands too", async () => {
    const seen: string[] = [];
    const job = defineService("Job", { every: "1h", execute: async () => {} });
    await using host = await createTestHost({ services: [job], intercept: { call: (call, next) => (seen.push(call.action), next()) } });
    await host.services(job).do("trigger").execute();
    await host.services(job).do("process-batch").execute();
    expect(seen).toEqual(["trigger", "process-batch"]);
  });
});

describe("intercept.run", () => {
  test("stands around startup work, long runs and each periodic run", async () => {
    const seen: unknown[] = [];
    const services = [
      defineService("Startup", { startupOrder: 1, execute: async () => {} }),
      defineService("Long", { execute: async ({ signal }) => new Promise(resolve => signal.addEventListener("abort", resolve)) }),
      defineService("Periodic", { every: "1m", execute: async () => {} }),
    ];
    await using host = await createTestHost({
      services,
      intercept: { run: (run, next) => (seen.push([run.service, run.run, run.scheduledAt === undefined]), next()) },
    });
    await host.clock.advance("2m");
    expect(seen).toEqual([
      ["Startup", 1, true],
      ["Long", 1, true],
      ["Periodic", 1, false],
      ["Periodic", 2, false],
    ]);
  });

  test("refuses a run by throwing, which counts as its failure", async () => {
    let runs = 0;
    const periodic = defineService("Periodic", { every: "1m", execute: async () => void runs++ });
    await using host = await createTestHost({ services: [periodic], intercept: { run: () => Promise.reject(new Error("not now")) } });
    await host.clock.advance("3m");
    expect(runs).toBe(0);
    expect(await host.services(periodic).query().getStatus()).toMatchObject({ runs: 3, lastError: { message: "Error: not now" } });
  });
});

describe("intercept.event", () => {
  test("stands around every event, and keeps it from its subscribers by throwing", async () => {
    const seen: unknown[] = [];
    const service = defineService("Service", {
      actions: { emit: { parameters: type<string>(), run: async (name: string, context) => context.emit(name, { name }) } },
    });
    const intercept: Interceptor = {
      event(event, next) {
        seen.push([event.service, event.event, event.args, event.correlationId]);
        if (event.event === "Forbidden") throw new Error("no");
        return next();
      },
    };
    await using host = await createTestHost({ services: [service], intercept });
    const got: unknown[] = [];
    using _subscription = await host
      .services(service)
      .on("Allowed")
      .do(args => got.push(args))
      .on("Forbidden")
      .do(args => got.push(args))
      .subscribe();
    await host.services(service).do("emit", "Allowed").withCorrelationId("c").execute();
    await expect(SoraServices.of(service).do("emit", "Forbidden").withCorrelationId("c").execute()).rejects.toThrow("no");
    expect(got).toEqual([{ name: "Allowed" }]);
    expect(seen).toEqual([
      ["Service", "Allowed", { name: "Allowed" }, "c"],
      ["Service", "Forbidden", { name: "Forbidden" }, "c"],
    ]);
  });
});
