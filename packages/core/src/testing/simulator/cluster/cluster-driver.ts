import { SoraError } from "../../../errors/sora-error.ts";
import type { ActionReceipt } from "../../../durable/action-receipt.ts";
import type { DurableStore } from "../../../durable/store/durable-store.ts";
import type { VirtualClock } from "../../virtual-clock.ts";
import type { Dice } from "../dice.ts";
import { ClusterHost } from "./cluster-host.ts";
import { crashes, isForAnyone, recovery } from "./crash-point.ts";
import type { ClusterLedger } from "./cluster-ledger.ts";
import { outboxPause, workName, writePause } from "./cluster-services.ts";
import type { ClusterWork } from "./cluster-services.ts";
import type { Weather } from "./weather.ts";

/** What the builders look like to the driver, which draws what to call. */
interface LooseCall {
  do(action: string, work: ClusterWork): LooseCall;
  withRetry(retry: object): LooseCall;
  withPriority(priority: number): LooseCall;
  withDelay(delay: number): LooseCall;
  withKey(key: string): LooseCall;
  withIdempotencyKey(key: string): LooseCall;
  enqueue(): Promise<ActionReceipt>;
}

export interface ClusterDriverParts {
  readonly clock: VirtualClock;
  readonly dice: Dice;
  readonly ledger: ClusterLedger;
  readonly store: DurableStore;
  readonly weather: Weather;
  readonly shared: boolean;
  readonly seed: number;
}

/** Somebody who waits for an outcome. */
interface Waiting {
  readonly id: string;
  readonly host: ClusterHost;
  heard: string | undefined;
}

/** Leases after which whatever has not ended is taken to be stuck. */
const longestCalm = 60;

/** A second, and what the way to the store may take. */
const timeToNotice = 1_100;

/** Plays with a cluster as its users, its machines and its network would. */
export class ClusterDriver {
  readonly hosts: ClusterHost[] = [];
  readonly #parts: ClusterDriverParts;
  readonly #waiting: Waiting[] = [];
  readonly #concurrency: number;
  #named = 0;
  #asked = 0;

  constructor(parts: ClusterDriverParts) {
    this.#parts = parts;
    this.#concurrency = parts.dice.pick([1, 2, 5, 10]);
  }

  /** Draws and does one thing. */
  async step(): Promise<void> {
    const { dice, clock } = this.#parts;
    const roll = dice.between(1, 100);
    if (roll <= 37) this.#enqueue();
    else if (roll <= 42) this.#append();
    else if (roll <= 45) this.#cancel();
    else if (roll <= 49) this.#retry();
    else if (roll <= 51) this.#pauseService();
    else if (roll <= 54) await this.#crash();
    else if (roll <= 57) await this.#stand();
    else if (roll <= 59) await this.#leave();
    else if (roll <= 61) this.#skew();
    else if (roll <= 66) this.#changeWeather();
    else await clock.advance(dice.oneIn(6) ? dice.between(1_000, this.#parts.store.lease) : dice.between(1, 800));
  }

  /** Starts one more host. */
  async start(): Promise<void> {
    const { clock, store, shared, weather, ledger, seed } = this.#parts;
    const name = `host${++this.#named}`;
    ledger.note(`${name} starts`);
    const host = new ClusterHost({ name, seed: seed * 1_000 + this.#named, clock, store, shared, weather, ledger, concurrency: this.#concurrency });
    this.hosts.push(host);
    await passing(clock, host.host.start());
  }

  /** Lets everything heal and end. */
  async calm(): Promise<void> {
    const { clock, ledger, store, weather } = this.#parts;
    weather.clear();
    await store.actions.resume({ service: workName });
    for (const { name, process, crash } of this.hosts) {
      crash.disarm();
      if (process.state === "paused") ledger.recuperates(name);
      process.resume();
    }
    if (!this.hosts.some(host => host.serves)) await this.start();
    ledger.note("all is calm");
    await clock.advance(10_000); // what is still on its way arrives
    for (let n = 0; n < longestCalm && !ledger.isQuiet; n++) await clock.advance(store.lease);
    await clock.advance(store.lease);
    // A lease that nobody has left, the longest pause between two tries, and the next write.
    if (this.#parts.shared) ledger.singleton.checkHeld(store.lease * 1.5 + 2 * writePause);
    await clock.advance(store.lease * 2 + 2 * outboxPause);
    ledger.outbox.checkSent();
  }

  /** Whoever waited on a host that is still there has heard, and what is true. */
  checkHeard(): void {
    const { ledger } = this.#parts;
    for (const { id, host, heard } of this.#waiting) {
      if (!host.serves) continue;
      const { outcome, retried } = ledger.outcomeOf(id);
      if (outcome === undefined || retried) continue;
      if (heard === undefined) ledger.violate(`${host.name} was not told that ${id} is ${outcome}`);
      else if (heard !== outcome) ledger.violate(`${host.name} was told that ${id} is ${heard}, and it is ${outcome}`);
    }
  }

  /** Ends every host, those that crashed too: a simulation leaves nothing behind. */
  async end(): Promise<void> {
    const { clock } = this.#parts;
    for (const { host, process, store, leaving } of this.hosts) {
      if (process.state === "crashed") {
        store.cut();
        process.exhume();
      } else if (leaving) continue;
      await passing(clock, host.stop("the simulation is over"));
    }
  }

  #one(): ClusterHost | undefined {
    const serving = this.hosts.filter(host => host.serves);
    return serving.length === 0 ? undefined : this.#parts.dice.pick(serving);
  }

  #enqueue(): void {
    const { dice, ledger, store } = this.#parts;
    const host = this.#one();
    if (host === undefined) return;
    const work = (): ClusterWork => ({
      takes: dice.oneIn(12) ? dice.between(1_000, Math.round(store.lease * 3.5)) : dice.between(0, 400),
      fails: dice.oneIn(3) ? dice.between(1, 4) : 0,
      obeys: dice.oneIn(2),
    });
    const ask = ++this.#asked;
    const action = dice.pick(["free", "free", "limited"]);
    const steps = dice.oneIn(6) ? dice.between(2, 3) : 1;
    const retry = (): object => ({ attempts: dice.between(1, 4), backoff: "fixed", delay: dice.between(0, 1_500) });
    let call = (host.host.services(host.service as never) as unknown as LooseCall).do(action, work()).withRetry(retry());
    for (let step = 1; step < steps; step++) call = call.do("free", work()).withRetry(retry());
    if (dice.oneIn(4)) call = call.withPriority(dice.between(-1, 2));
    if (dice.oneIn(5)) call = call.withDelay(dice.between(1, 5_000));
    if (dice.oneIn(steps === 1 ? 3 : 12)) call = call.withKey(dice.pick(["x", "y"]));
    // Some ask again, as one does who was not answered.
    const idempotencyKey = steps === 1 && dice.oneIn(5) ? `once ${dice.between(1, 3)}` : undefined;
    if (idempotencyKey !== undefined) call = call.withIdempotencyKey(idempotencyKey);
    ledger.note(`enqueue ${ask} on ${host.name}`);
    call.enqueue().then(
      receipt => {
        ledger.note(`enqueue ${ask} is answered ${receipt.id}`);
        if (steps === 1) ledger.acknowledged(receipt.id, idempotencyKey === undefined ? undefined : `${action} ${idempotencyKey}`);
        else for (let step = 1; step <= steps; step++) ledger.acknowledged(`${receipt.id}.${step}`, undefined);
        if (steps === 1 && dice.oneIn(3)) this.#await(host, receipt);
      },
      (error: unknown) => {
        if (!SoraError.is(error)) ledger.violate(`enqueue ${ask} was refused without a code: ${String(error)}`);
      },
    );
  }

  /** Writes a message to the outbox; of those that are told so, none must be lost. */
  #append(): void {
    const { dice, ledger, shared } = this.#parts;
    const host = this.#one();
    if (host === undefined || !shared) return;
    host.host.outbox.append("happened", undefined, dice.oneIn(4) ? {} : { key: dice.pick(["x", "y"]) }).then(
      () => ledger.outbox.acknowledged(),
      () => {},
    );
  }

  #await(host: ClusterHost, receipt: ActionReceipt): void {
    const waiting: Waiting = { id: receipt.id, host, heard: undefined };
    this.#waiting.push(waiting);
    receipt.result().then(
      () => (waiting.heard = "completed"),
      (error: unknown) =>
        (waiting.heard = SoraError.is(error, "SORA_ACTION_DEAD") ? "dead" : SoraError.is(error, "SORA_ACTION_CANCELLED") ? "cancelled" : String(error)),
    );
  }

  #cancel(): void {
    const { dice, ledger } = this.#parts;
    const host = this.#one();
    if (host === undefined || ledger.ids.length === 0) return;
    host.host.actions.cancel(dice.pick(ledger.ids.slice(-10))).catch(() => {});
  }

  #retry(): void {
    const { dice, ledger } = this.#parts;
    const host = this.#one();
    if (host === undefined || ledger.ids.length === 0) return;
    host.host.actions.retry(dice.pick(ledger.ids)).catch(() => {});
  }

  #pauseService(): void {
    const { dice, clock, ledger, store } = this.#parts;
    ledger.note("the service is paused");
    void store.actions.pause({ service: workName });
    clock.setTimer(() => void store.actions.resume({ service: workName }), dice.between(1, 3_000));
  }

  async #crash(): Promise<void> {
    const { dice, ledger } = this.#parts;
    const host = this.#one();
    if (host === undefined) return;
    if (dice.oneIn(3)) {
      ledger.crashed(host.name, "between two things");
      host.process.crash();
    } else {
      const crash = { ...(dice.oneIn(6) ? recovery : dice.pick(crashes)), spent: false }; // few come to recover what another has lost
      const those = isForAnyone(crash) ? this.hosts.filter(({ serves }) => serves) : [host];
      ledger.note(`${those.map(({ name }) => name).join(" or ")} is to crash ${crash.moment} ${crash.point}`);
      for (const { crash: end } of those) end.arm(crash);
    }
    if (dice.oneIn(2) || !this.hosts.some(({ serves }) => serves)) await this.start();
  }

  /** A host stands still, as a stopped process does, for less or more than its lease. */
  async #stand(): Promise<void> {
    const { dice, clock, ledger, store, shared } = this.#parts;
    const host = this.#one();
    if (host === undefined || !shared) return;
    if (dice.oneIn(2)) {
      ledger.note(`${host.name} is given something that goes on for longer than it stands still`);
      const call = (host.host.services(host.service as never) as unknown as LooseCall).do("free", { takes: store.lease * 4, fails: 0, obeys: dice.oneIn(2) });
      call.enqueue().then(
        ({ id }) => ledger.acknowledged(id, undefined),
        () => {},
      );
      await clock.advance(dice.between(50, 500));
      if (!host.serves) return;
    }
    const long = dice.between(50, Math.round(store.lease * 2.5));
    const since = clock.monotonic();
    ledger.note(`${host.name} stands still for ${long}`);
    ledger.away(host.name);
    host.process.pause();
    clock.setTimer(() => {
      if (host.process.state !== "paused") return;
      ledger.note(`${host.name} goes on`);
      ledger.recuperates(host.name);
      host.process.resume();
      clock.setTimer(() => {
        if (host.process.state === "running") ledger.checkAborted(host.name, since);
      }, timeToNotice);
    }, long);
  }

  async #leave(): Promise<void> {
    const { dice, ledger } = this.#parts;
    const host = this.#one();
    if (host === undefined) return;
    ledger.note(`${host.name} leaves`);
    ledger.away(host.name);
    host.leaving = true;
    host.crash.disarm(); // one that crashed in its stop could not be cleared away by another
    host.host.stop("as drawn").then(
      () => ledger.note(`${host.name} has left`),
      (error: unknown) => ledger.violate(`${host.name} could not leave: ${String(error)}`),
    );
    if (dice.oneIn(2) || !this.hosts.some(({ serves }) => serves)) await this.start();
  }

  #skew(): void {
    const { dice, ledger } = this.#parts;
    const host = this.#one();
    if (host === undefined) return;
    host.process.skew = dice.pick([-3_600_000, -500, 0, 500, 3_600_000]);
    ledger.note(`the wall clock of ${host.name} is wrong by ${host.process.skew}`);
  }

  #changeWeather(): void {
    const { dice, ledger, weather, shared } = this.#parts;
    weather.harm = dice.pick([0, 0, 3, 10, 50]);
    weather.bellsLost = shared ? dice.pick([0, 0, 1, 2, 10]) : 0;
    ledger.note(`one request in ${weather.harm} comes to harm, one bell in ${weather.bellsLost} is lost`);
  }
}

/** Awaits `work`, moving time on in small steps until it settles. */
async function passing<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let settled = false;
  const note = (): void => void (settled = true);
  work.then(note, note);
  for (let turn = 0; !settled && turn < 50; turn++) await clock.settle();
  for (let step = 0; !settled && step < 2_000; step++) await clock.advance(50);
  return work;
}
