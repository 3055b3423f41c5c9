import { SoraError } from "../../errors/sora-error.ts";
import { definitionOf } from "../../definition/definition-of.ts";
import type { ServiceSource } from "../../host/host-options.ts";
import type { SoraHost } from "../../host/sora-host.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import { Happened } from "./simulated-services.ts";
import type { SimulatedWork, SimulatedWorld } from "./simulated-services.ts";
import type { Dice } from "./dice.ts";
import type { Ledger } from "./ledger.ts";
import type { Trace } from "./trace.ts";

/** What the untyped doors look like to the driver, which draws names at run time. */
interface LooseBuilder {
  do(action: string, parameters?: unknown): LooseCall;
  on(event: object): { do(handler: (args: { emitter: string; number: number }) => unknown): { subscribe(): Promise<{ dispose(): void }> } };
}

interface LooseCall {
  withPriority(priority: number): LooseCall;
  withTimeout(timeout: number): LooseCall;
  withCorrelationId(id: string): LooseCall;
  withSignal(signal: AbortSignal): LooseCall;
  execute(): Promise<unknown>;
}

export interface DriverParts {
  readonly host: SoraHost;
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly ledger: Ledger;
  readonly trace: Trace;
  readonly world: SimulatedWorld;
}

/** Plays with a host the way its users and its machine would: calls, pokes, cancellations, lifecycle over and again, and time that stalls and jumps. */
export class Driver {
  readonly #parts: DriverParts;
  #subscribers = 0;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  /** Draws and does one thing. */
  async step(): Promise<void> {
    const { dice } = this.#parts;
    const roll = dice.between(1, 100);
    if (roll <= 45) this.#call();
    else if (roll <= 60) this.#poke();
    else if (roll <= 68) await this.#subscribe();
    else if (roll <= 74) this.#control();
    else if (roll <= 77) this.#jump();
    else if (roll <= 79) this.#block();
    else await this.#wait(dice.between(1, 600));
  }

  async #wait(milliseconds: number): Promise<void> {
    await this.#parts.clock.advance(milliseconds);
  }

  #builder(service: string): LooseBuilder {
    const { host, world } = this.#parts;
    const source = world.sources.find(one => nameOf(one) === service);
    return host.services(source as never);
  }

  #call(): void {
    const { dice, ledger, clock, world } = this.#parts;
    const service = dice.pick(world.workers);
    const timeout = dice.oneIn(3) ? dice.between(1, 500) : undefined;
    const id = ledger.calls.length;
    const priority = dice.between(0, 3);
    const record = ledger.callMade({ id, action: service, priority, timeout, correlationId: `story-${id}`, madeAt: clock.monotonic() });
    const work: SimulatedWork = { id, takes: dice.between(0, 300), fails: dice.oneIn(8), obeys: dice.oneIn(2), emits: dice.oneIn(3), rests: dice.oneIn(4) };
    let call = this.#builder(service).do("work", work).withPriority(priority).withCorrelationId(record.correlationId);
    if (timeout !== undefined) call = call.withTimeout(timeout);
    if (dice.oneIn(10)) {
      const controller = new AbortController();
      call = call.withSignal(controller.signal);
      clock.setTimer(() => controller.abort(new Error("the driver has changed its mind")), dice.between(0, 300));
    }
    call.execute().then(
      () => ledger.callSettled(record, undefined),
      (error: unknown) => ledger.callSettled(record, error),
    );
  }

  #poke(): void {
    const { dice, ledger, world, trace } = this.#parts;
    if (world.periodics.length === 0) return;
    const service = dice.pick(world.periodics);
    const begun = ledger.runs.get(service)?.begun ?? 0;
    trace.note(`poke ${service}`);
    this.#builder(service)
      .do(dice.pick(["trigger", "check-queue"]))
      .execute()
      .then(
        () => ledger.pokeAnswered(service, begun),
        (error: unknown) => {
          if (!SoraError.is(error)) ledger.pokeAnswered(service, begun); // the run's own failure
        },
      );
  }

  async #subscribe(): Promise<void> {
    const { dice, ledger, world, clock, trace } = this.#parts;
    const subscriber = `Subscriber${this.#subscribers++}`;
    const emitter = dice.pick([...world.workers, ...world.periodics]);
    const takes = dice.pick([0, 0, 20, 200]);
    const throwsOneIn = dice.pick([4, 1_000]);
    ledger.subscribers.set(subscriber, { last: new Map(), delivered: 0 });
    trace.note(`${subscriber} subscribes to ${emitter}`);
    const subscription = await this.#builder(emitter)
      .on(Happened)
      .do(async ({ emitter: from, number }) => {
        ledger.eventHandled(subscriber, from, number);
        if (takes > 0) await clock.sleep(takes);
        if (dice.oneIn(throwsOneIn)) throw new Error("as drawn");
      })
      .subscribe();
    if (dice.oneIn(3)) clock.setTimer(() => subscription.dispose(), dice.between(10, 2_000));
  }

  /** Lifecycle from outside; what it refuses it must refuse with a code. */
  #control(): void {
    const { dice, host, world, ledger, trace } = this.#parts;
    const service = dice.pick(world.sources);
    const move = dice.pick(["startService", "stopService", "restartService"] as const);
    trace.note(`${move} ${nameOf(service)}`);
    host[move](service as never).catch((error: unknown) => {
      if (!SoraError.is(error)) ledger.violate(`${move} of ${nameOf(service)} failed without a code: ${String(error)}`);
    });
  }

  #jump(): void {
    const { dice, clock, trace } = this.#parts;
    const by = dice.pick([-3_600_000, -500, 500, 28_800_000]);
    trace.note(`the wall clock jumps by ${by}`);
    clock.jumpWall(by);
  }

  #block(): void {
    const { dice, clock, trace } = this.#parts;
    const by = dice.between(50, 2_000);
    trace.note(`the loop is blocked for ${by}`);
    clock.block(by);
  }
}

function nameOf(source: ServiceSource): string {
  return typeof source === "function" ? definitionOf(source).name : source.name;
}
