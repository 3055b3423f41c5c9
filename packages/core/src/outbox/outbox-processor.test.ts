import { describe, expect, test, vi } from "vitest";
import * as z from "zod";
import { defineService } from "../definition/define-service.ts";
import { createMemoryStore } from "../durable/memory/memory-store.ts";
import { serviceEvent } from "../events/service-event.ts";
import { SoraServiceEvents } from "../events/service-events.ts";
import { createTestHost } from "../testing/test-host.ts";
import { createVirtualClock } from "../testing/virtual-clock.ts";
import { outboxProcessor } from "./outbox-processor.ts";
import { outboxRoute } from "./outbox-route.ts";
import type { TestHost } from "../testing/test-host.ts";
import type { OutboxPublisher } from "./outbox-route.ts";

/** Notes every payload that goes out. What would go out without end comes to rest, so that a test can say so. */
function counting(seen: unknown[]): OutboxPublisher {
  return async ({ payload }, { signal }) => {
    seen.push(payload);
    if (seen.length > 50) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("enough"))));
  };
}

const OrderPlaced = serviceEvent("OrderPlaced", z.object({ order: z.number() }));

describe("outboxProcessor", () => {
  test("publishes what was written, in order per key, by the topic's route", async () => {
    const seen: string[] = [];
    const processor = outboxProcessor({ routes: [outboxRoute(OrderPlaced, ({ payload, key }) => void seen.push(`${key} ${payload.order}`))] });
    await using host = await createTestHost({ services: [processor] });
    for (let order = 0; order < 5; order++) await host.outbox.append(OrderPlaced, { order }, { key: order % 2 === 0 ? "even" : "odd" });
    await host.clock.advance("1s");
    expect(seen.filter(name => name.startsWith("even"))).toEqual(["even 0", "even 2", "even 4"]);
    expect(seen.filter(name => name.startsWith("odd"))).toEqual(["odd 1", "odd 3"]);
    expect(await host.outbox.counts()).toEqual({ waiting: 0, dead: 0 });
    expect(host.events.all(SoraServiceEvents.Outbox.Processed)).not.toHaveLength(0);
  });

  test("emits what no route takes, to this host's subscribers", async () => {
    const processor = outboxProcessor();
    await using host = await createTestHost({ services: [processor] });
    const heard: unknown[] = [];
    using _ = await host
      .services(processor)
      .on(OrderPlaced)
      .do(args => void heard.push(args))
      .subscribe();
    await host.outbox.append(OrderPlaced, { order: 1 });
    await host.clock.advance("1s");
    expect(heard).toEqual([{ order: 1 }]);
  });

  test("has a message dead with its cause where there are routes, none takes it and nobody is subscribed to it", async () => {
    const processor = outboxProcessor({ routes: [outboxRoute(OrderPlaced, () => {})], retry: { attempts: 2, delay: "1s" } });
    await using host = await createTestHost({ services: [processor] });
    const heard: unknown[] = [];
    using _ = await host
      .services(processor)
      .on("heard")
      .do(args => void heard.push(args))
      .subscribe();
    await host.outbox.append("typo-topic", 1);
    await host.outbox.append("heard", 2);
    await host.clock.advance("1m");
    expect(heard).toEqual([2]);
    expect(await host.outbox.dead()).toMatchObject([
      {
        topic: "typo-topic",
        error: expect.stringMatching(/^SoraError: Cannot publish "typo-topic": .*The routes are for OrderPlaced.*\[SORA_TOPIC_UNROUTED\]$/),
      },
    ]);
    expect(await host.outbox.counts()).toEqual({ waiting: 0, dead: 1 });
    expect(host.logs.filter(({ level }) => level === "warn").map(({ message }) => message)).toContainEqual(
      expect.stringContaining('Cannot publish "typo-topic"'),
    );
  });

  test("warns once of a topic that nobody hears where it has no routes, saying what can be done", async () => {
    const processor = outboxProcessor();
    await using host = await createTestHost({ services: [processor] });
    using _ = await host
      .services(processor)
      .on("heard")
      .do(() => {})
      .subscribe();
    for (const topic of ["nobody", "heard", "nobody"]) await host.outbox.append(topic, 1);
    await host.clock.advance("1s");
    expect(host.logs.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      'OutboxProcessor emits messages of "nobody", and nobody hears them: give outboxProcessor() a route for the topic, or `publish`; or subscribe to it',
    ]);
  });

  test("publishes in the name of whoever wrote, and what the event's schema yields", async () => {
    const Placed = serviceEvent("Placed", z.object({ items: z.number().default(7), at: z.coerce.date() }));
    const shop = defineService("Shop", {
      events: { placed: Placed },
      actions: { write: { parameters: z.string(), run: async topic => host.outbox.append(topic as never, { at: "2020-01-01" } as never) } },
    });
    const seen: unknown[] = [];
    const routed = serviceEvent("Routed", z.object({ items: z.number().default(7), at: z.coerce.date() }));
    const processor = outboxProcessor({
      routes: [outboxRoute(routed, ({ payload }, { correlationId, metadata }) => void seen.push([payload, correlationId, metadata]))],
    });
    const host = await createTestHost({ services: [shop, processor] });
    using _ = await host
      .services(processor)
      .on(Placed)
      .do((args, { correlationId, metadata }) => void seen.push([args, correlationId, metadata]))
      .subscribe();
    for (const topic of ["Placed", "Routed"]) {
      await host.services(shop).do("write", topic).withCorrelationId(`c ${topic}`).withMetadata({ tenant: "t" }).execute();
      await host.clock.advance("1s");
    }
    const payload = { items: 7, at: new Date("2020-01-01") };
    expect(seen).toEqual([[payload, "c Placed", { tenant: "t" }], [payload, "c Routed", { tenant: "t" }]]); // prettier-ignore
    await host.outbox.append("Routed", { at: "no date" });
    await host.clock.advance("1s");
    expect(seen).toHaveLength(2);
    expect(await host.outbox.counts()).toEqual({ waiting: 1, dead: 0 });
    await host.stop();
  });

  test("a publisher is given what has the scope of a run", async () => {
    class Scoped {}
    const seen: unknown[] = [];
    const processor = outboxProcessor({ publish: (_, { inject }) => void seen.push(inject(Scoped)) });
    await using host = await createTestHost({ services: [processor], provide: [[Scoped, Scoped, { lifetime: "scoped" }]] });
    await host.outbox.append("topic", 1);
    await host.clock.advance("1s");
    expect(seen).toEqual([expect.any(Scoped)]);
  });

  test.each([
    [{ concurrency: 0 }, "concurrency is 0"],
    [{ concurrency: Number.NaN }, "concurrency is NaN"],
    [{ batchSize: -1 }, "batchSize is -1"],
    [{ batchSize: 1e300 }, "batchSize is 1e+300"],
    [{ publish: 5 }, "publish is 5"],
    [{ timeout: 0 }, "timeout is 0"],
    [{ pollInterval: "x" }, 'pollInterval is "x"'],
    [{ retry: { attempts: 0 } }, "retry: attempts is 0"],
    [{ routes: [null] }, "routes[0] is null"],
    [{ routes: [{ topic: "a", publish: 5 }] }, "routes[0] is"],
    [{ routes: [outboxRoute("a", () => {}), outboxRoute("a", () => {})] }, 'routes has two for "a"'],
    [{ bogus: 1 }, "bogus is no option of an outbox processor"],
    [5, "its options are 5"],
  ])("refuses %j at the start, and says why", async (options, why) => {
    const processor = outboxProcessor(options as never);
    await expect(createTestHost({ services: [processor] })).rejects.toMatchObject({ code: "SORA_DEFINITION_INVALID", message: expect.stringContaining(why) });
  });

  test("tries again what could not be published, holds back its key meanwhile, and gives up in the end", async () => {
    const seen: string[] = [];
    let broken = true;
    const processor = outboxProcessor({
      retry: { attempts: 3, backoff: "fixed", delay: "1s" },
      publish: ({ payload, key }) => {
        if (payload === 1 && broken) throw new Error("nobody listens");
        seen.push(`${key} ${String(payload)}`);
      },
    });
    await using host = await createTestHost({ services: [processor] });
    await host.outbox.append("topic", 1, { key: "a" });
    await host.outbox.append("topic", 2, { key: "a" });
    await host.outbox.append("topic", 3, { key: "b" });
    await host.clock.advance("1500ms");
    expect(seen).toEqual(["b 3"]);
    await host.clock.advance("2s");
    expect(await host.outbox.dead()).toMatchObject([{ topic: "topic", key: "a", failures: 3, error: "Error: nobody listens" }]);
    broken = false;
    await host.clock.advance("1s");
    expect(seen).toEqual(["b 3", "a 2"]);
    expect(await host.outbox.retry((await host.outbox.dead()).map(({ sequence }) => sequence))).toBe(1);
    await host.clock.advance("1s");
    expect(seen).toEqual(["b 3", "a 2", "a 1"]);
    expect(host.events.all(SoraServiceEvents.Outbox.Failed)).not.toHaveLength(0);
  });

  test("gives up on a publisher that takes too long, whether it heeds its signal or not, and says so by its health", async () => {
    const seen: unknown[] = [];
    const reasons: unknown[] = [];
    const processor = outboxProcessor({
      timeout: "5s",
      retry: { attempts: 2, backoff: "fixed", delay: "1s" },
      routes: [outboxRoute("heedless", () => new Promise(() => {})), outboxRoute("heedful", (_, { delay }) => delay("1h").catch(error => reasons.push(error)))],
      publish: ({ payload }) => void seen.push(payload),
    });
    await using host = await createTestHost({ services: [processor] });
    const status = async () => (await host.health()).entries[processor.name];
    for (const topic of ["heedless", "heedful", "prompt"]) await host.outbox.append(topic, topic);
    await host.clock.advance("12s");
    expect(seen).toEqual(["prompt"]);
    expect(reasons).toMatchObject([{ code: "SORA_ACTION_TIMEOUT" }]);
    expect(await status()).toMatchObject({ status: "degraded", description: expect.stringContaining('"heedless" did not finish within 5000 ms') });
    await host.clock.advance("20s");
    expect(await host.outbox.dead()).toMatchObject([{ topic: "heedless", error: expect.stringMatching(/ \[SORA_ACTION_TIMEOUT\]$/) }, { topic: "heedful" }]);
    await host.outbox.append("prompt", "later");
    await host.clock.advance("1s");
    expect(await status()).toMatchObject({ status: "healthy" });
  });

  test("emits a message once, however long its subscribers take", async () => {
    let finished = 0;
    const processor = outboxProcessor();
    await using host = await createTestHost({ services: [processor] });
    using _ = await host
      .services(processor)
      .on("shipped")
      .do(async () => {
        await host.clock.sleep(35_000);
        finished++;
      })
      .subscribe();
    await host.outbox.append("shipped", 1);
    await host.clock.advance("2h");
    expect(finished).toBe(1);
    expect(await host.outbox.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  test("goes on where its lease seemed over until a late answer said that it is not", async () => {
    const lease = 15_000;
    const store = createMemoryStore({ lease });
    const clock = createVirtualClock();
    const { renew } = store.leases;
    let renewals = 0;
    store.leases.renew = async (...asked) => {
      if (++renewals === 1) throw new Error("out of reach");
      const kept = await renew.apply(store.leases, asked);
      if (renewals === 2) await clock.sleep(lease * 0.3); // asked after two thirds of it, and answered when it counts as over here
      return kept;
    };
    const seen: unknown[] = [];
    await using host = await createTestHost({ services: [outboxProcessor({ publish: ({ payload }) => void seen.push(payload) })], store, clock });
    await clock.advance(lease * 0.95);
    await host.outbox.append("topic", 1);
    await clock.advance(100);
    expect(seen).toEqual([]);
    await clock.advance(lease * 4);
    expect(seen).toEqual([1]);
  });

  test("is one relay among hosts, and the next takes over", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const seen: string[] = [];
    const processor = (name: string) => outboxProcessor({ publish: ({ payload }) => void seen.push(`${name} ${String(payload)}`) });
    const one = await createTestHost({ services: [processor("one")], store, clock, name: "one" });
    await clock.advance("1s");
    await using two = await createTestHost({ services: [processor("two")], store, clock, name: "two" });
    await two.outbox.append("t", 1);
    await clock.advance("2s");
    await one.stop();
    await two.outbox.append("t", 2);
    await clock.advance("30s");
    expect(seen).toEqual(["one 1", "two 2"]);
  });

  test("is unwell on the host whose store fails, and on no other that has the same definition", async () => {
    const processor = outboxProcessor();
    const store = createMemoryStore();
    await using well = await createTestHost({ services: [processor], name: "well" });
    await using unwell = await createTestHost({ services: [processor], store, name: "unwell" });
    const broken = vi.spyOn(store.outbox, "read").mockRejectedValue(new Error("disk on fire"));
    await unwell.clock.advance("1s");
    const status = async (host: TestHost) => (await host.health()).entries[processor.name];
    expect(await status(unwell)).toMatchObject({ status: "unhealthy", description: expect.stringContaining("disk on fire") });
    expect(await status(well)).toMatchObject({ status: "healthy" });
    broken.mockRestore();
    await unwell.clock.advance("10s");
    expect(await status(unwell)).toMatchObject({ status: "healthy" });
  });

  test("publishes a message once where the processor has got another name, though the relay changed hands before", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    await using keeper = await createTestHost({ store, clock, name: "keeper" });
    const seen: unknown[] = [];
    for (const [payload, name] of ["Mail", "Mail", "Mail", "Post", undefined].entries()) {
      const host = await createTestHost({
        services: [outboxProcessor({ ...(name !== undefined && { name }), publish: counting(seen) })],
        store,
        clock,
        name: `host${payload}`,
      });
      await keeper.outbox.append("t", payload);
      await clock.advance("20s");
      await host.stop();
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });

  test("is one relay among processors of different names", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const seen: string[] = [];
    const processor = (name: string) => outboxProcessor({ name, publish: ({ payload }) => void seen.push(`${name} ${String(payload)}`) });
    await using one = await createTestHost({ services: [processor("Mail")], store, clock, name: "one" });
    await clock.advance("1s");
    await using _two = await createTestHost({ services: [processor("Post")], store, clock, name: "two" });
    for (let message = 0; message < 3; message++) {
      await one.outbox.append("t", message);
      await clock.advance("10s");
    }
    expect(seen).toEqual(["Mail 0", "Mail 1", "Mail 2"]);
  });

  test("publishes a batch once more at most where another has taken over, rests, and goes on when it is its turn again", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    const seen: unknown[] = [];
    await using host = await createTestHost({ services: [outboxProcessor({ publish: counting(seen) })], store, clock });
    await clock.advance("1s");
    const lease = await store.leases.holder("singleton:OutboxProcessor");
    await store.leases.release(lease as NonNullable<typeof lease>);
    const other = await store.leases.acquire("singleton:OutboxProcessor", "other", 30_000);
    await store.outbox.report({ fence: other?.token as number, published: [], failed: [] });
    await host.outbox.append("t", 1);
    await host.outbox.append("t", 2);
    await clock.advance("25s");
    expect(seen).toEqual([1, 2]);
    await clock.advance("20s"); // the other is gone
    expect(seen).toEqual([1, 2, 1, 2]);
    expect(await host.outbox.counts()).toEqual({ waiting: 0, dead: 0 });
  });

  test("publishes nothing by a token that would be refused in the end, and catches up with a relay that had another lease", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    await using keeper = await createTestHost({ store, clock, name: "keeper" });
    await keeper.outbox.append("t", 1);
    await store.outbox.report({ fence: 4, published: [], failed: [] });
    const seen: unknown[] = [];
    let reports = 0;
    const { report } = store.outbox;
    store.outbox.report = (...asked) => {
      reports++;
      return report.apply(store.outbox, asked);
    };
    await using _host = await createTestHost({ services: [outboxProcessor({ publish: counting(seen) })], store, clock });
    await clock.advance("50ms");
    expect(seen).toEqual([]);
    expect(reports).toBe(1);
    await clock.advance("30s");
    expect(seen).toEqual([1]);
    expect(reports).toBe(5); // four of them until it is above the other, whose reports are refused from then on
    expect(await store.outbox.report({ fence: 4, published: [], failed: [] })).toBe(false);
  });

  test("catches up within seconds with a relay whose lease was thousands ahead, or lost", async () => {
    const store = createMemoryStore();
    const clock = createVirtualClock();
    await using keeper = await createTestHost({ store, clock, name: "keeper" });
    await keeper.outbox.append("t", 1);
    await store.outbox.report({ fence: 5_000, published: [], failed: [] });
    const seen: unknown[] = [];
    await using host = await createTestHost({ services: [outboxProcessor({ publish: counting(seen) })], store, clock });
    await clock.advance("20s");
    expect(seen).toEqual([1]);
    expect(await store.outbox.report({ fence: 5_000, published: [], failed: [] })).toBe(false);
    const holds = await store.leases.holder("singleton:OutboxProcessor");
    expect(holds?.token).toBeLessThan(10_000);
    await host.stop();
    expect(await store.leases.holder("singleton:OutboxProcessor")).toBeUndefined();
  });

  test("process-batch publishes at once, and refuses a size that makes no sense", async () => {
    const seen: unknown[] = [];
    const processor = outboxProcessor({ pollInterval: "1h", publish: ({ payload }) => void seen.push(payload) });
    await using host = await createTestHost({ services: [processor] });
    await host.clock.advance("1s");
    await host.outbox.append("t", 1);
    const done = await host.services(processor).do("process-batch", { batchSize: 10 }).execute();
    expect(done.published + seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([1]);
    await expect(host.services(processor).do("process-batch", { batchSize: 0 }).execute()).rejects.toMatchObject({ code: "SORA_PARAMETERS_INVALID" });
  });

  test("checks an event's arguments when they are written", async () => {
    await using host = await createTestHost({ services: [outboxProcessor()] });
    await expect(host.outbox.append(OrderPlaced, { order: "x" as never })).rejects.toMatchObject({ code: "SORA_EVENT_ARGS_INVALID" });
    await expect(host.outbox.append("", 1)).rejects.toMatchObject({ code: "SORA_OPTION_INVALID" });
    await expect(host.outbox.append("t", 1, { transaction: {} })).rejects.toMatchObject({ code: "SORA_TRANSACTION_UNSUPPORTED" });
  });
});
