import { defineService } from "../../definition/define-service.ts";
import { type } from "../../definition/type.ts";
import { serviceEvent } from "../../events/service-event.ts";
import { SoraFluentServiceBase } from "../../definition/sora-fluent-service-base.ts";
import { SoraBackgroundService } from "../../definition/sora-background-service.ts";
import { ServiceAction } from "../../definition/service-action.ts";
import { DependencyUnavailableError } from "../../errors/dependency-unavailable-error.ts";
import type { ActionContext } from "../../actions/action-context.ts";
import type { ServiceEvent } from "../../events/service-event.ts";
import type { ServiceSource } from "../../host/host-options.ts";
import type { OverlapPolicy, ServiceLifetime } from "../../definition/service-options.ts";
import type { Dice } from "./dice.ts";
import type { Ledger } from "./ledger.ts";

/** Parameters of every simulated action. */
export interface SimulatedWork {
  readonly id: number;
  /** Milliseconds the handler takes. */
  readonly takes: number;
  readonly fails: boolean;
  /** Whether it stops when its signal aborts. */
  readonly obeys: boolean;
  readonly emits: boolean;
  /** Whether it calls another action of its own service, which may share its lane, and awaits it. */
  readonly rests: boolean;
}

/** What a simulation is made of, for the driver to play with. */
export interface SimulatedWorld {
  readonly sources: ServiceSource[];
  /** Names of services with an action `work`. */
  readonly workers: string[];
  readonly periodics: string[];
  readonly happened: ServiceEvent<{ emitter: string; number: number }>;
}

export const Happened: ServiceEvent<{ emitter: string; number: number }> = serviceEvent("Happened", type<{ emitter: string; number: number }>());

/** Milliseconds that a host of the simulation has for its stop: longer than the loop is ever blocked, and shorter than the deafest service takes. */
export const stopsWithin = 60_000;
/** Milliseconds that the deafest service takes. */
export const longestDeaf = 70_000;

/**
 * Draws, in some worlds, a service that goes on for a while after its signal has aborted: in most of them not for long, in some longer than its host may take to stop. With dice other than those of
 * the rest, a seed is the same world but for this.
 */
export function addDeaf(world: SimulatedWorld, dice: Dice, ledger: Ledger): void {
  if (!dice.oneIn(5)) return;
  const deafFor = dice.oneIn(4) ? dice.between(stopsWithin + 1_000, longestDeaf) : dice.between(1, 400);
  const name = "Deaf";
  world.sources.splice(dice.between(0, world.sources.length), 0, drawDeaf(name, deafFor, ledger));
}

/** Draws a handful of services of each kind. */
export function drawWorld(dice: Dice, ledger: Ledger): SimulatedWorld {
  const sources: ServiceSource[] = [];
  const workers: string[] = [];
  const periodics: string[] = [];
  for (let n = 0; n < dice.between(1, 3); n++) {
    workers.push(`Worker${n}`);
    sources.push(drawWorker(`Worker${n}`, dice, ledger));
  }
  for (let n = 0; n < dice.between(0, 3); n++) {
    periodics.push(`Periodic${n}`);
    sources.push(drawPeriodic(`Periodic${n}`, dice, ledger));
  }
  for (let n = 0; n < dice.between(0, 2); n++) sources.push(drawLoop(`Loop${n}`, dice));
  return { sources, workers, periodics, happened: Happened };
}

function drawWorker(name: string, dice: Dice, ledger: Ledger): ServiceSource {
  const concurrency = dice.pick([undefined, 1, 1, 2, 3]);
  const serviceWide = dice.oneIn(3) && concurrency !== undefined;
  const lifetime = dice.pick<ServiceLifetime>(["singleton", "singleton", "scoped"]);
  ledger.actions.set(name, { concurrency, running: 0 });
  let emitted = 0;
  class Worker extends SoraFluentServiceBase {
    constructor() {
      super();
      ledger.instanceMade(name);
    }

    async work(parameters: SimulatedWork, context: ActionContext): Promise<number> {
      ledger.handlerBegan(name, parameters.id, context.signal, context.correlationId, now(context));
      try {
        if (parameters.emits) await this.emit(Happened, { emitter: name, number: ++emitted });
        await this.delay(parameters.takes, parameters.obeys ? context.signal : never);
        if (parameters.rests) await context.services(Worker).do("rest", { takes: parameters.takes }).execute();
        if (parameters.fails) throw new Error("as drawn");
        return parameters.id;
      } finally {
        ledger.handlerEnded(name, parameters.id);
      }
    }

    async rest({ takes }: { takes: number }, context: ActionContext): Promise<void> {
      await context.delay(takes);
    }

    [Symbol.dispose](): void {
      ledger.instanceDisposed(name);
    }
  }
  const limit = concurrency === undefined ? {} : { concurrency };
  SoraBackgroundService({ name, lifetime, ...(serviceWide ? limit : {}) })(Worker);
  ServiceAction("work", { parameters: type<SimulatedWork>(), ...(serviceWide ? {} : limit) })(Worker, "work");
  ServiceAction("rest", { parameters: type<{ takes: number }>() })(Worker, "rest");
  return Worker;
}

const never: AbortSignal = new AbortController().signal;

function now(context: ActionContext): number {
  return (context as unknown as { host: { clock: { monotonic(): number } } }).host.clock.monotonic();
}

function drawPeriodic(name: string, dice: Dice, ledger: Ledger): ServiceSource {
  const overlap = dice.pick<OverlapPolicy>(["skip", "skip", "queue", "allow"]);
  const takes = dice.between(0, 400);
  const failsOneIn = dice.pick([3, 10, 1_000]);
  ledger.runs.set(name, { mayOverlap: overlap === "allow", running: 0, begun: 0, finished: 0 });
  let emitted = 0;
  return defineService(name, {
    every: dice.between(50, 2_000),
    runOnStartup: dice.oneIn(2),
    overlap,
    misfire: dice.pick(["skip", "once", { all: 3 }] as const),
    jitter: dice.pick([0, 0, 50]),
    execute: async context => {
      ledger.runBegan(name);
      try {
        await context.emit(Happened, { emitter: name, number: ++emitted });
        if (takes > 0) await context.delay(takes);
        if (dice.oneIn(failsOneIn)) throw new Error("as drawn");
      } finally {
        ledger.runEnded(name);
      }
    },
  });
}

function drawLoop(name: string, dice: Dice): ServiceSource {
  const failsOneIn = dice.pick([2, 20, 10_000]);
  return defineService(name, {
    isCritical: dice.oneIn(2),
    execute: async context => {
      for await (const _tick of context.periodicTimer(dice.between(100, 900))) {
        if (dice.oneIn(failsOneIn)) throw dice.oneIn(4) ? new DependencyUnavailableError("somewhere") : new Error("as drawn");
      }
    },
  });
}

function drawDeaf(name: string, deafFor: number, ledger: Ledger): ServiceSource {
  return defineService(name, {
    execute: async context => {
      ledger.deafBegan(name);
      try {
        await untilAborted(context.signal);
        await context.delay(deafFor, never);
      } finally {
        ledger.deafEnded(name);
      }
    },
  });
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
