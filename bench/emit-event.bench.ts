import { EventEmitter } from "node:events";
import { defineService, serviceEvent, SoraHost, SoraServices, type } from "@sora/core";
import { ServiceBroker } from "moleculer";
import { interleave } from "./interleave.ts";
import type { ActionContext } from "@sora/core";
import type { BenchCase } from "./bench-case.ts";

interface Numbered {
  readonly i: number;
}

const count = 10_000;
const rounds = 150;
const Done = serviceEvent("Done", type<Numbered>());

/** What the service's action is to do, with its own context. */
let errand: (context: ActionContext) => Promise<void>;

const service = defineService("Bench", { events: { Done }, actions: { inside: async context => errand(context) } });

const bench: BenchCase = {
  name: "emit an event",
  features:
    "Ours: `await context.emit(Done, args)` to one subscriber, with the declaration looked up, an envelope with correlation id and metadata at hand, counters, overlap guard and queue at hand; the " +
    "handler runs in the async context of its subscribing. Moleculer: `await broker.emit`, one listener, no validator. EventEmitter: one listener, nothing else.",
  async run() {
    let handled = 0;
    const host = await SoraHost.start({ name: "ambient", services: [service], logger: false });
    const subscription = await SoraServices.of(service)
      .on(Done)
      .do(() => void handled++)
      .subscribe();
    const broker = new ServiceBroker({ logger: false, validator: false });
    broker.createService({ name: "bench", events: { done: () => void handled++ } });
    await broker.start();
    const emitter = new EventEmitter();
    emitter.on("done", () => void handled++);

    const emitted = await interleave(
      {
        "EventEmitter.emit": async times => {
          for (let i = 0; i < times; i++) emitter.emit("done", { i });
        },
        "Moleculer broker.emit": async times => {
          for (let i = 0; i < times; i++) await broker.emit("done", { i });
        },
        "Sora context.emit": async times => {
          errand = async context => {
            for (let i = 0; i < times; i++) await context.emit(Done, { i });
          };
          await host.services(service).do("inside").execute();
        },
      },
      { count, rounds },
    );
    const expected = 3 * emitted.times;
    if (handled !== expected) throw new Error(`${handled} of ${expected} events were handled.`);
    subscription.dispose();
    await host.stop();
    await broker.stop();
    return {
      figures: emitted.figures(),
      targets: [{ what: "context.emit ÷ Moleculer broker.emit", measured: emitted.speed("Sora context.emit", "Moleculer broker.emit"), atLeast: 4 }],
    };
  },
};

export default bench;
