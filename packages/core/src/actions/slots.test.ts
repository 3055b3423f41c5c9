import { expect, test } from "vitest";
import { defineService, serviceEvent, SoraServices, type } from "../index.ts";
import { createTestHost } from "../testing/index.ts";

const never = new Promise<never>(() => {});

/** Calls that end one by one, when told. */
function gates(): { readonly wait: (name: string) => Promise<void>; readonly open: (name: string) => void; readonly begun: string[] } {
  const opens = new Map<string, () => void>();
  const begun: string[] = [];
  return {
    begun,
    wait: name => {
      begun.push(name);
      return new Promise(resolve => void opens.set(name, resolve));
    },
    open: name => opens.get(name)?.(),
  };
}

test("takeSlots lets so many calls of an action run at once, by priority and then in order", async () => {
  const gate = gates();
  const worker = defineService("Worker", { actions: { work: { concurrency: 2, parameters: type<string>(), run: (name: string) => gate.wait(name) } } });
  await using host = await createTestHost({ services: [worker] });
  const call = (name: string, priority = 0): Promise<unknown> => host.services(worker).do("work", name).withPriority(priority).execute();

  const calls = [call("a"), call("b"), call("low", -1), call("c"), call("d"), call("urgent", 10)];
  await host.clock.settle();
  expect(gate.begun).toEqual(["a", "b"]);
  expect(await host.services(worker).query().getStatus()).toMatchObject({ inFlight: 2, waiting: 4 });

  for (const name of ["a", "b", "urgent", "c", "d", "low"]) {
    gate.open(name);
    await host.clock.settle();
  }
  await Promise.all(calls);
  expect(gate.begun).toEqual(["a", "b", "urgent", "c", "d", "low"]);
  expect(await host.services(worker).query().getStatus()).toMatchObject({ inFlight: 0, waiting: 0 });
});

test("takeSlots holds a service's calls together to the service's concurrency, whichever actions they are of", async () => {
  const gate = gates();
  const worker = defineService("Worker", {
    concurrency: 2,
    actions: {
      one: { parameters: type<string>(), run: (name: string) => gate.wait(name) },
      two: { concurrency: 1, parameters: type<string>(), run: (name: string) => gate.wait(name) },
    },
  });
  await using host = await createTestHost({ services: [worker] });
  const client = host.services(worker);
  const calls = [client.do("two", "t1").execute(), client.do("two", "t2").execute(), client.do("one", "o1").execute(), client.do("one", "o2").execute()];
  await host.clock.settle();
  expect(gate.begun).toEqual(["t1", "o1"]); // t2 waits for its action, and holds no slot of the service meanwhile

  gate.open("t1");
  await host.clock.settle();
  expect(gate.begun).toEqual(["t1", "o1", "t2"]);
  gate.open("o1");
  await host.clock.settle();
  expect(gate.begun).toEqual(["t1", "o1", "t2", "o2"]);
  for (const name of ["t2", "o2"]) gate.open(name);
  await Promise.all(calls);
});

test("takeSlots answers SORA_OVERLOADED past 10,000 waiting calls, and takes calls again once one has left", async () => {
  const gate = gates();
  let runs = 0;
  const worker = defineService("Worker", { actions: { work: { concurrency: 1, run: async () => void (++runs === 1 && (await gate.wait("first"))) } } });
  await using host = await createTestHost({ services: [worker] });
  const client = host.services(worker).do("work");
  const calls = Array.from({ length: 10_001 }, () => client.execute());
  await host.clock.settle();

  await expect(client.execute()).rejects.toMatchObject({ code: "SORA_OVERLOADED", retryable: true, details: { waiting: 10_000, concurrency: 1 } });
  gate.open("first");
  await Promise.all(calls);
  expect(runs).toBe(10_001);
  await client.execute();
  expect(await host.services(worker).query().getStatus()).toMatchObject({ inFlight: 0, waiting: 0 });
});

test("takeSlots never lets a call run that was cancelled while it waited, nor one whose time was over", async () => {
  const gate = gates();
  const worker = defineService("Worker", { actions: { work: { concurrency: 1, parameters: type<string>(), run: (name: string) => gate.wait(name) } } });
  await using host = await createTestHost({ services: [worker] });
  const client = host.services(worker);
  const first = client.do("work", "first").execute();
  const controller = new AbortController();
  const cancelled = client.do("work", "cancelled").withSignal(controller.signal).execute();
  const late = client.do("work", "late").withTimeout("1s").execute();
  const last = client.do("work", "last").execute();
  await host.clock.settle();

  controller.abort(new Error("not any more"));
  await expect(cancelled).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED", cause: { message: "not any more" } });
  const timedOut = expect(late).rejects.toMatchObject({ name: "ActionTimeoutError", code: "SORA_ACTION_TIMEOUT", details: { phase: "waiting" } });
  await host.clock.advance("1s");
  await timedOut;
  gate.open("first");
  await first;
  await host.clock.settle();
  gate.open("last");
  await last;
  expect(gate.begun).toEqual(["first", "last"]);
});

test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])("takeSlots lets nobody begin cancelled, whose turn came %i microtasks before the cancellation", async depth => {
  const gate = gates();
  const beganCancelled: boolean[] = [];
  const worker = defineService("Worker", {
    actions: {
      work: {
        concurrency: 1,
        parameters: type<string>(),
        run: async (name: string, { signal }) => {
          beganCancelled.push(signal.aborted);
          await gate.wait(name);
          if (name === "first") void later(depth).then(() => controller.abort());
        },
      },
    },
  });
  await using host = await createTestHost({ services: [worker] });
  const client = host.services(worker);
  const controller = new AbortController();
  const first = client.do("work", "first").execute();
  const second = client.do("work", "second").withSignal(controller.signal).execute();
  await host.clock.settle();
  gate.open("first");
  await first;
  await expect(second).rejects.toMatchObject({ code: "SORA_ACTION_CANCELLED" });
  gate.open("second");
  await host.clock.settle();
  expect(beganCancelled).not.toContain(true);
});

async function later(microtasks: number): Promise<void> {
  for (let n = 0; n < microtasks; n++) await undefined;
}

test("takeSlots holds a slot until the action has really ended, though its caller was answered", async () => {
  const gate = gates();
  const worker = defineService("Worker", { actions: { work: { concurrency: 1, parameters: type<string>(), run: (name: string) => gate.wait(name) } } });
  await using host = await createTestHost({ services: [worker] });
  const client = host.services(worker);
  const deaf = expect(client.do("work", "deaf").withTimeout("1s").execute()).rejects.toMatchObject({
    code: "SORA_ACTION_TIMEOUT",
    details: { phase: "running" },
  });
  const next = client.do("work", "next").execute();
  await host.clock.advance("1m");
  await deaf;
  expect(gate.begun).toEqual(["deaf"]);
  expect(await client.query().getStatus()).toMatchObject({ inFlight: 1, waiting: 1 });

  gate.open("deaf");
  await host.clock.settle();
  expect(gate.begun).toEqual(["deaf", "next"]);
  gate.open("next");
  await next;
});

test("takeSlots lends a call's slot to what it calls itself, one call at a time, however deep", async () => {
  let most = 0;
  let under = 0;
  const worker = defineService("Worker", {
    concurrency: 1,
    actions: {
      countdown: {
        concurrency: 1,
        parameters: type<number>(),
        run: async (from: number): Promise<number> => {
          if (from === 0) return 0;
          const self = SoraServices.named("Worker");
          const [left, right] = await Promise.all([self.do("countdown", from - 1).execute(), self.do("leaf").execute()]);
          return (left as number) + (right as number);
        },
      },
      leaf: async (context): Promise<number> => {
        most = Math.max(most, ++under);
        await context.delay("1s");
        under--;
        return 1;
      },
    },
  });
  await using host = await createTestHost({ services: [worker] });
  const result = host.services(worker).do("countdown", 5).execute();
  await host.clock.advance("10s");
  expect(await result).toBe(5);
  expect(most).toBe(1);
});

test("takeSlots does not let a nested call and an outer one wait for each other, where action and service both limit", async () => {
  const worker = defineService("Worker", {
    concurrency: 2,
    actions: {
      outer: async (context): Promise<unknown> => {
        await context.delay("1s");
        return SoraServices.named("Worker").do("inner").execute();
      },
      inner: { concurrency: 1, run: async (_parameters: unknown, context): Promise<number> => context.delay("1s").then(() => 1) },
    },
  });
  await using host = await createTestHost({ services: [worker] });
  const client = host.services(worker);
  // Two outer calls hold the service's two slots; the inner ones from outside must not hold the action's slot while they wait for those.
  const calls = [client.do("outer").execute(), client.do("outer").execute(), client.do("inner").execute(), client.do("inner").execute()];
  await host.clock.advance("10s");
  expect(await Promise.all(calls)).toEqual([1, 1, 1, 1]);
});

test("takeSlots gives a lent slot back once the last call in it has ended, though the lender has ended before", async () => {
  const gate = gates();
  const worker = defineService("Worker", {
    actions: {
      work: {
        concurrency: 1,
        parameters: type<string>(),
        run: async (name: string): Promise<void> => {
          if (name === "lender") void SoraServices.named("Worker").do("work", "borrower").execute();
          else await gate.wait(name);
        },
      },
    },
  });
  await using host = await createTestHost({ services: [worker] });
  const client = host.services(worker);
  await client.do("work", "lender").execute();
  const next = client.do("work", "next").execute();
  await host.clock.settle();
  expect(gate.begun).toEqual(["borrower"]); // one at once, as the action says

  gate.open("borrower");
  await host.clock.settle();
  expect(gate.begun).toEqual(["borrower", "next"]);
  gate.open("next");
  await next;
});

test("takeSlots lends the emitter's slot to the calls of a handler of its event", async () => {
  const done = serviceEvent("Done", type<string>());
  const worker = defineService("Worker", {
    events: { done },
    actions: {
      work: {
        concurrency: 1,
        parameters: type<string>(),
        run: async (name: string, context): Promise<string> => {
          if (name === "emitter") await context.emit(done, name);
          return name;
        },
      },
    },
  });
  await using host = await createTestHost({ services: [worker] });
  const handled: unknown[] = [];
  using _subscription = await host
    .services(worker)
    .on(done)
    .do(async (_name, { services }) => void handled.push(await services(worker).do("work", "from the handler").execute()))
    .subscribe();

  expect(await host.services(worker).do("work", "emitter").execute()).toBe("emitter"); // at virtual time 0: it waits for nobody
  expect(handled).toEqual(["from the handler"]);
  expect(host.clock.monotonic()).toBe(0);
});

test("takeSlots leaves nothing waiting behind when the service stops", async () => {
  const worker = defineService("Worker", { actions: { work: { concurrency: 1, run: () => never } } });
  const host = await createTestHost({ services: [worker], shutdownTimeout: "10s" });
  const client = host.services(worker);
  const calls = [client.do("work").execute(), client.do("work").execute(), client.do("work").execute()];
  void calls[0]?.catch(() => {});
  const refused = calls.slice(1).map(call => expect(call).rejects.toMatchObject({ code: "SORA_SERVICE_UNAVAILABLE" }));
  const stopped = host.stop();
  await host.clock.advance("11s");
  await Promise.all(refused);
  expect(await stopped).toMatchObject({ exitCode: 1, culprits: ["Worker: action work has not finished"] });
});
