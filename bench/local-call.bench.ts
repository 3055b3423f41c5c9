import { AsyncLocalStorage } from "node:async_hooks";
import { defineService, SoraHost, SoraServices, type } from "@sora/core";
import { ServiceBroker } from "moleculer";
import { z } from "zod";
import { interleave } from "./interleave.ts";
import type { ActionContext } from "@sora/core";
import type { BenchCase } from "./bench-case.ts";
import type { Contestant } from "./interleave.ts";

interface Numbered {
  readonly i: number;
}

const count = 10_000;
const rounds = 150;
const numbered = z.object({ i: z.number() });

/** What a contestant inside an action is to do: the `inside` action does it with its own context. */
let errand: (context: ActionContext) => Promise<void>;

const service = defineService("Bench", {
  actions: {
    noop: { parameters: type<Numbered>(), run: async () => {} },
    checked: { parameters: numbered, run: async () => {} },
    laned: { parameters: type<Numbered>(), concurrency: 10, run: async () => {} },
    inside: async context => errand(context),
  },
});

const bench: BenchCase = {
  name: "local call",
  features:
    "Ours: the fluent API from its first word at every call, registry look-up, state check, a context with correlation id, metadata and signal at hand, counters, the list of " +
    "calls in flight, last activity; “ambient” also carries the context through the async code. Moleculer: `broker.call`, no validator, no ambient context.",
  async run() {
    const ambient = await SoraHost.start({ name: "ambient", services: [service], logger: false });
    const broker = new ServiceBroker({ logger: false, validator: false });
    broker.createService({ name: "bench", actions: { noop: { async handler() {} } } });
    await broker.start();
    const bare = { async noop(_parameters: Numbered): Promise<void> {} };
    const storage = new AsyncLocalStorage<Numbered>();

    const inside =
      (host: SoraHost, work: (context: ActionContext, count: number) => Promise<void>): Contestant =>
      async times => {
        errand = context => work(context, times);
        await host.services(service).do("inside").execute();
      };

    const outer = await interleave(
      {
        "bare await": async times => {
          for (let i = 0; i < times; i++) await bare.noop({ i });
        },
        "AsyncLocalStorage.run": async times => {
          for (let i = 0; i < times; i++) await storage.run({ i }, () => bare.noop({ i }));
        },
        "Moleculer broker.call": async times => {
          for (let i = 0; i < times; i++) await broker.call("bench.noop", { i });
        },
        "Sora, ambient": async times => {
          for (let i = 0; i < times; i++) await SoraServices.of(service).do("noop", { i }).execute();
        },
        "Sora, ambient, inside an action": inside(ambient, async (_context, times) => {
          for (let i = 0; i < times; i++) await SoraServices.of(service).do("noop", { i }).execute();
        }),
        "Sora, ambient, zod parameters": async times => {
          for (let i = 0; i < times; i++) await SoraServices.of(service).do("checked", { i }).execute();
        },
        "Sora, ambient, a lane of 10": async times => {
          for (let i = 0; i < times; i++) await SoraServices.of(service).do("laned", { i }).execute();
        },
        "Sora, ambient, a timeout": async times => {
          for (let i = 0; i < times; i++) await SoraServices.of(service).do("noop", { i }).withTimeout("30s").execute();
        },
      },
      { count, rounds },
    );
    await ambient.stop();

    const flat = await SoraHost.start({ name: "flat", services: [service], logger: false, ambientFlow: false });
    const explicit = await interleave(
      {
        "Moleculer broker.call (again)": async times => {
          for (let i = 0; i < times; i++) await broker.call("bench.noop", { i });
        },
        "Sora, context.services(X)": inside(flat, async ({ services }, times) => {
          for (let i = 0; i < times; i++) await services(service).do("noop", { i }).execute();
        }),
      },
      { count, rounds },
    );
    await flat.stop();
    await broker.stop();
    return {
      figures: [...outer.figures(), ...explicit.figures()],
      targets: [
        { what: "ambient ÷ Moleculer", measured: outer.speed("Sora, ambient", "Moleculer broker.call"), atLeast: 1 },
        { what: "ambient ÷ AsyncLocalStorage.run", measured: outer.speed("Sora, ambient", "AsyncLocalStorage.run"), atLeast: 0.8 },
        {
          what: "ambient, inside an action ÷ AsyncLocalStorage.run",
          measured: outer.speed("Sora, ambient, inside an action", "AsyncLocalStorage.run"),
          atLeast: 0.8,
        },
        { what: "context.services(X) ÷ Moleculer", measured: explicit.speed("Sora, context.services(X)", "Moleculer broker.call (again)"), atLeast: 2 },
      ],
    };
  },
};

export default bench;
