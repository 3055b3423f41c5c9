import { describe, expect, test } from "vitest";
import { defineService } from "../definition/define-service.ts";
import { type } from "../definition/type.ts";
import { serviceEvent } from "../events/service-event.ts";
import { createTestHost } from "../testing/index.ts";
import type { TestHost } from "../testing/index.ts";

const Synced = serviceEvent("Synced", type<string>());
const Reported = serviceEvent("Reported", type<number>());

/** A service that notes what it is asked, and in which order. */
function sync() {
  const log: unknown[] = [];
  const service = defineService("Sync", {
    events: { synced: Synced, reported: Reported },
    actions: {
      syncSource: {
        parameters: type<string>(),
        run: async (source, { emit, correlationId }) => (log.push(["sync", source, correlationId]), await emit(Synced, source), `synced ${source}`),
      },
      report: {
        parameters: type<number | undefined>(),
        run: async (n, { emit, correlationId }) => (log.push(["report", n, correlationId]), await emit(Reported, n ?? 0), n ?? 0),
      },
      fail: async () => {
        log.push("fail");
        throw new Error("failed");
      },
    },
  });
  return { log, service };
}

async function withHost<T>(use: (host: TestHost, service: ReturnType<typeof sync>["service"], log: unknown[]) => Promise<T>): Promise<T> {
  const { log, service } = sync();
  await using host = await createTestHost({ services: [service] });
  return await use(host, service, log);
}

describe("a chain", () => {
  test("resolves one action to its result, several to a tuple, in sequence and as one story", () =>
    withHost(async (host, service, log) => {
      expect(await host.services(service).do("sync-source", "a").execute()).toBe("synced a");
      expect(await host.services(service).do("sync-source", "b").do("report", 2).do("report").execute()).toEqual(["synced b", 2, 0]);
      const [first, second, third, fourth] = log as [string, unknown, string][];
      expect([second?.[2], third?.[2], fourth?.[2]]).toEqual(Array(3).fill(second?.[2]));
      expect(first?.[2]).not.toBe(second?.[2]);
      expect(await host.services(service).do("report", 1).withCorrelationId("mine").do("report", 2).execute()).toEqual([1, 2]);
      expect(log.slice(-2)).toEqual([
        ["report", 1, "mine"],
        ["report", 2, "mine"],
      ]);
    }));

  test("stops at the first failure, and rejects with it", () =>
    withHost(async (host, service, log) => {
      await expect(host.services(service).do("report", 1).do("fail").do("report", 2).execute()).rejects.toThrow("failed");
      expect(log).toEqual([["report", 1, expect.any(String)], "fail"]);
    }));

  test("is immutable: each step is a new one, to be executed as often as wanted", () =>
    withHost(async (host, service) => {
      const one = host.services(service).do("report", 1);
      const two = one.do("report", 2);
      one.withPriority(5).withTimeout("1s");
      expect(await two.execute()).toEqual([1, 2]);
      expect(await one.execute()).toBe(1);
      expect(await two.execute()).toEqual([1, 2]);
    }));

  test("does nothing until it is executed", () =>
    withHost(async (host, service, log) => {
      host.services(service).do("report", 1).do("fail");
      host
        .services(service)
        .on(Synced)
        .do(() => {});
      await host.clock.settle();
      expect(log).toEqual([]);
    }));
});

describe("execute({ signal })", () => {
  /** Its first action takes an hour. */
  function slow() {
    const log: string[] = [];
    const service = defineService("Slow", {
      actions: {
        wait: async ({ delay, signal }) => {
          signal.addEventListener("abort", () => log.push("aborted"));
          await delay("1h");
        },
        next: async () => void log.push("next"),
      },
    });
    return { log, service };
  }

  test("cancels whichever action of a chain is under way, and lets none begin after it", async () => {
    const { log, service } = slow();
    await using host = await createTestHost({ services: [service] });
    const controller = new AbortController();
    const chain = host.services(service).do("wait").do("next").execute({ signal: controller.signal });
    const outcome = expect(chain).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
    await host.clock.settle();
    controller.abort();
    await outcome;
    expect(log).toEqual(["aborted"]);
  });

  test.each(["withSignal", "execute"])("holds beside withSignal: here the one of %s aborts", async which => {
    const { log, service } = slow();
    await using host = await createTestHost({ services: [service] });
    const own = new AbortController();
    const whole = new AbortController();
    const call = host.services(service).do("wait").withSignal(own.signal);
    const outcomes = [call.execute({ signal: whole.signal }), call.do("next").execute({ signal: whole.signal })].map(outcome =>
      expect(outcome).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" }),
    );
    await host.clock.settle();
    (which === "execute" ? whole : own).abort();
    await Promise.all(outcomes);
    expect(log).toEqual(["aborted", "aborted"]);
  });
});

describe("a mixed chain", () => {
  test("subscribes before its first action runs, wherever the events stand", () =>
    withHost(async (host, service) => {
      const heard: unknown[] = [];
      using _ = await host
        .services(service)
        .do("sync-source", "a")
        .on(Synced)
        .do(source => void heard.push(source))
        .do("report", 1)
        .on(Reported)
        .do(n => void heard.push(n))
        .subscribe();
      expect(heard).toEqual(["a", 1]);
    }));

  test("takes a function for a handler of the last event, also after an action, and options for the action", () =>
    withHost(async (host, service, log) => {
      const heard: string[] = [];
      using _ = await host
        .services(service)
        .on(Synced)
        .withFilter(source => source !== "b")
        .do(source => void heard.push(`first ${source}`))
        .do(source => void heard.push(`second ${source}`))
        .do("sync-source", "a")
        .withCorrelationId("mine")
        .withMetadata({ tenant: "t" })
        .do(source => void heard.push(`third ${source}`))
        .do("sync-source", "b")
        .subscribe();
      expect(heard.toSorted((a, b) => a.localeCompare(b))).toEqual(["first a", "second a", "third a"]);
      expect(log).toEqual([
        ["sync", "a", "mine"],
        ["sync", "b", "mine"],
      ]);
    }));

  test("that fails in an action disposes of its subscriptions, and rejects", () =>
    withHost(async (host, service) => {
      const heard: unknown[] = [];
      await expect(
        host
          .services(service)
          .on(Synced)
          .do(source => void heard.push(source))
          .do("sync-source", "a")
          .do("fail")
          .subscribe(),
      ).rejects.toThrow("failed");
      await host.services(service).do("sync-source", "b").execute();
      expect(heard).toEqual(["a"]);
    }));

  test("gives one handle for all its subscriptions", () =>
    withHost(async (host, service) => {
      const heard: unknown[] = [];
      {
        using _ = await host
          .services(service)
          .on(Synced)
          .do(source => void heard.push(source))
          .on("Reported")
          .once()
          .do(n => void heard.push(n))
          .subscribe();
        await host.services(service).do("sync-source", "a").do("report", 1).do("report", 2).execute();
      }
      await host.services(service).do("sync-source", "b").execute();
      expect(heard).toEqual(["a", 1]);
    }));

  test("works on as many events at once as withConcurrency says, in each handler by itself, and refuses a number that makes no sense", () =>
    withHost(async (host, service) => {
      const begun: string[] = [];
      const gate = Promise.withResolvers<void>();
      const waiting = (name: string) => async (source: unknown) => {
        begun.push(`${name} ${String(source)}`);
        await gate.promise;
      };
      using _ = await host.services(service).on(Synced).withConcurrency(2).do(waiting("one")).do(waiting("other")).subscribe();
      const calls = ["a", "b", "c"].map(source => host.services(service).do("sync-source", source).execute());
      await host.clock.settle();
      expect(begun).toEqual(["one a", "other a", "one b", "other b"]);
      gate.resolve();
      await Promise.all(calls);
      expect(begun.slice(4)).toEqual(["one c", "other c"]);

      const none = host
        .services(service)
        .on(Synced)
        .withConcurrency(0)
        .do(() => {});
      await expect(none.subscribe()).rejects.toMatchObject({ code: "SORA_OPTION_INVALID", message: expect.stringContaining("its concurrency is 0") });
    }));

  test("refuses to be subscribed where it names no event, and then runs no action", () =>
    withHost(async (host, service, log) => {
      const untyped = host.services(service).do("sync-source", "a") as unknown as { subscribe(): Promise<unknown> };
      await expect(untyped.subscribe()).rejects.toMatchObject({ code: "SORA_OPTION_INVALID", message: "Cannot subscribe: the chain names no event." });
      expect(log).toEqual([]);
    }));

  test("refuses a handler that no event stands before", () =>
    withHost(async (host, service) => {
      const untyped = host.services(service).do("report") as unknown as { do(handler: () => void): unknown };
      expect(() => untyped.do(() => {})).toThrow(
        expect.objectContaining({ code: "SORA_OPTION_INVALID", fix: "Say which event first: `.on(Event).do(handler)`." }),
      );
    }));
});

test.each([
  ["withPriority", Number.NaN, "SORA_OPTION_INVALID"],
  ["withPriority", 1.5, "SORA_OPTION_INVALID"],
  ["withPriority", 1_000_001, "SORA_OPTION_INVALID"],
  ["withPriority", -1e12, "SORA_OPTION_INVALID"],
  ["withPriority", "5", "SORA_OPTION_INVALID"],
  ["withTimeout", "5 fortnights", "SORA_DURATION_INVALID"],
  ["withCorrelationId", "", "SORA_OPTION_INVALID"],
])("%s refuses %o where it is written", (method, value, code) =>
  withHost(async (host, service) => {
    const step = host.services(service).do("report") as unknown as Record<string, (value: unknown) => unknown>;
    expect(() => step[method]?.(value)).toThrow(expect.objectContaining({ code }));
  }),
);
