import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SoraBackgroundService, SoraError, SoraFluentServiceBase, ServiceAction, SoraPeriodicService, SoraStartupService } from "../index.ts";
import { createVirtualClock } from "../testing/index.ts";
import { TestHost } from "../testing/test-host.ts";
import { nextPhase } from "./service-state.ts";
import { ServiceRuntime } from "./service-runtime.ts";
import type { ActionContext, RestartOptions, ServiceSource } from "../index.ts";
import type { LifecycleMove, ServicePhase } from "./service-state.ts";

const runs = process.env["SORA_NIGHTLY"] === "1" ? 100_000 : 1_000;
const limit = 10_000;

/** One service of the model. Times in milliseconds; Infinity never comes. */
interface Drawn {
  readonly kind: "loop" | "completes" | "periodic" | "startup";
  /** How many of its runs throw. */
  readonly failures: number;
  /** How long its execute takes to end once it is told to. */
  readonly ends: number;
  readonly priority: number;
  /** Which service before it, if any, it depends on. */
  readonly dependsOn: number | undefined;
  readonly disposes: number;
  readonly restart: RestartOptions | false;
}

type Command =
  | { readonly do: "start"; readonly service: number }
  | { readonly do: "stop"; readonly service: number }
  | { readonly do: "restart"; readonly service: number }
  | { readonly do: "poke"; readonly service: number }
  | { readonly do: "call"; readonly service: number; readonly takes: number; readonly heeds: boolean; readonly timeout: number | undefined }
  | { readonly do: "wait"; readonly time: number }
  | { readonly do: "health" }
  | { readonly do: "signal" };

/** The fluent API of a service whose type nobody knows. */
interface Loose {
  do(action: string): LooseCall;
}
interface LooseCall {
  withMetadata(metadata: object): LooseCall;
  withTimeout(timeout: number): LooseCall;
  execute(): Promise<unknown>;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  kind: fc.constantFrom("loop", "loop", "completes", "periodic", "startup"),
  failures: fc.constantFrom(0, 0, 0, 1, 3, 9),
  ends: fc.constantFrom(0, 0, 0, 0, 700, Infinity),
  priority: fc.integer({ min: 0, max: 2 }),
  dependsOn: fc.option(fc.nat(4), { nil: undefined, freq: 4 }),
  disposes: fc.constantFrom(0, 0, 0, 300, Infinity),
  restart: fc.constantFrom<RestartOptions | false>({}, {}, { budget: 1 }, false),
});

const which = fc.nat(5);
const on = <D extends "start" | "stop" | "restart" | "poke">(what: D): fc.Arbitrary<{ readonly do: D; readonly service: number }> =>
  fc.record({ do: fc.constant(what), service: which });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 2, arbitrary: on("start") },
  { weight: 2, arbitrary: on("stop") },
  { weight: 2, arbitrary: on("restart") },
  { weight: 1, arbitrary: on("poke") },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("call" as const),
      service: which,
      takes: fc.constantFrom(0, 100, 4_000, Infinity),
      heeds: fc.boolean(),
      timeout: fc.constantFrom(undefined, 50, 2_000),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("wait" as const), time: fc.constantFrom(0, 1, 300, 3_000, 20_000) }) },
  { weight: 1, arbitrary: fc.constant({ do: "health" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "signal" } as const) },
);

/** What happened, in order: `+` a run began, `-` it ended, `!` it was told to end, `*` an instance was made, `x` it was disposed of. */
type Log = { readonly what: "+" | "-" | "!" | "*" | "x"; readonly service: number; readonly instance: number }[];

function classOf(index: number, { kind, failures, ends, priority, dependsOn, disposes, restart }: Drawn, log: Log): ServiceSource {
  let left = failures;
  let made = 0;
  class Modelled extends SoraFluentServiceBase {
    readonly number = ++made;
    constructor() {
      super();
      this.note("*");
    }
    override async execute(signal: AbortSignal): Promise<void> {
      this.note("+");
      signal.addEventListener("abort", () => this.note("!"));
      try {
        await this.clock.sleep(10);
        if (left-- > 0) throw new Error("as drawn");
        if (kind === "loop" && !signal.aborted) await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve()));
        if (signal.aborted) await this.wait(ends);
      } finally {
        this.note("-");
      }
    }
    async work(context: ActionContext): Promise<void> {
      const { takes, heeds } = context.metadata as { takes: number; heeds: boolean };
      await Promise.race([this.wait(takes), ...(heeds ? [new Promise(resolve => context.signal.addEventListener("abort", resolve))] : [])]);
    }
    wait(time: number): Promise<void> {
      return time === Infinity ? new Promise(() => {}) : this.clock.sleep(time);
    }
    async [Symbol.asyncDispose](): Promise<void> {
      this.note("x");
      await this.wait(disposes);
    }
    note(what: Log[number]["what"]): void {
      log.push({ what, service: index, instance: this.number });
    }
  }
  ServiceAction()(Modelled, "work");
  const options = { name: `S${index}`, priority, restart, ...(dependsOn === undefined || dependsOn >= index ? {} : { dependsOn: `S${dependsOn}` }) };
  if (kind === "periodic") SoraPeriodicService({ ...options, every: "5s" })(Modelled);
  else if (kind === "startup") SoraStartupService({ ...options, startupOrder: priority, continueOnFailure: true, timeoutSeconds: 5 })(Modelled);
  else SoraBackgroundService(options)(Modelled);
  return Modelled;
}

/** The legal moves, by the table, of every service that moves from now on. */
function watchMoves(illegal: string[]): Disposable {
  const { move } = ServiceRuntime.prototype;
  ServiceRuntime.prototype.move = function (this: ServiceRuntime, name: LifecycleMove, state): void {
    const before: ServicePhase = this.state.phase;
    move.call(this, name, state);
    if (nextPhase(before, name) !== this.state.phase) illegal.push(`${this.name}: ${before} by ${name} to ${this.state.phase}`);
  };
  return { [Symbol.dispose]: () => void (ServiceRuntime.prototype.move = move) };
}

async function live(services: readonly Drawn[], commands: readonly Command[], stopsDuringStart: number | undefined): Promise<void> {
  const log: Log = [];
  const illegal: string[] = [];
  const clock = createVirtualClock();
  const classes = services.map((service, index) => classOf(index, service, log));
  using _watch = watchMoves(illegal);
  const host = new TestHost({ services: classes, clock, shutdownTimeout: limit });
  const pending: Promise<unknown>[] = [];
  const unexpected: unknown[] = [];
  let open = 0;
  const expectSora = (work: Promise<unknown>, allowed = ""): void => {
    open++;
    pending.push(
      work
        .catch((error: unknown) => {
          if (!SoraError.is(error) && !(error instanceof Error && allowed !== "" && error.message === allowed)) unexpected.push(error);
        })
        .finally(() => open--),
    );
  };

  const starting = host.start();
  expectSora(starting);
  if (stopsDuringStart !== undefined) {
    await clock.advance(stopsDuringStart);
    expectSora(host.stop());
  }
  await clock.advance(services.length * 5_000 + 100);
  await starting;
  if (stopsDuringStart === undefined) expectStartOrder(services, log);

  for (const one of commands) {
    if (one.do === "wait") {
      await clock.advance(one.time);
    } else if (one.do === "health") {
      expectSora(Promise.all([host.health(), host.ready()]));
    } else if (one.do === "signal") {
      expectSora(host.stop("SIGTERM"));
    } else {
      const index = one.service % services.length;
      const target = `S${index}`;
      const client = host.services(classes[index] as never) as unknown as Loose;
      if (one.do === "start") expectSora(host.startService(target));
      else if (one.do === "stop") expectSora(host.stopService(target));
      else if (one.do === "restart") expectSora(host.restartService(target));
      else if (one.do === "poke") expectSora(client.do("trigger").execute(), "as drawn");
      else {
        const call = client.do("work").withMetadata({ takes: one.takes, heeds: one.heeds });
        // What never ends by itself must have somebody who ends it, or nobody could be answered.
        const timeout = one.timeout ?? (one.takes === Infinity ? 2_000 : undefined);
        expectSora((timeout === undefined ? call : call.withTimeout(timeout)).execute());
      }
    }
  }
  // Single stops under way have their own time; then the host's.
  await clock.advance(limit + 1_000);
  const stopping = host.stop();
  await clock.advance(2 * limit + 2_000);
  const report = await stopping;
  await Promise.all(pending);

  expect(open).toBe(0);
  expect(illegal).toEqual([]);
  expect(unexpected).toEqual([]);
  expect(report.duration).toBeLessThanOrEqual(limit + 1_000);
  expect(report.exitCode).toBe(report.culprits.length > 0 ? 1 : 0);
  if (services.every(service => service.ends < Infinity && service.disposes < Infinity) && commands.every(one => one.do !== "call" || one.takes < Infinity))
    expect(report.culprits).toEqual([]);
  expect(host.list().every(one => one.state === "stopped")).toBe(true);
  expectLives(services, log);
  if (services.every(service => service.ends < Infinity)) expect(clock.pending).toBe(0);
}

/** The first runs: startup services one after the other by order, then the others by priority; what a service depends on before it. */
function expectStartOrder(services: readonly Drawn[], log: Log): void {
  const first = (index: number): number => log.findIndex(entry => entry.what === "+" && entry.service === index);
  const isFree = services.every((service, index) => service.dependsOn === undefined || service.dependsOn >= index);
  const groups = [
    services.map((_, index) => index).filter(index => services[index]?.kind === "startup"),
    services.map((_, index) => index).filter(index => services[index]?.kind === "loop" || services[index]?.kind === "completes"),
  ];
  for (const [group, sign] of [
    [groups[0], 1],
    [groups[1], -1],
  ] as const) {
    const expected = (group as number[]).toSorted((a, b) => sign * ((services[a]?.priority ?? 0) - (services[b]?.priority ?? 0)) || a - b);
    if (isFree) expect((group as number[]).toSorted((a, b) => first(a) - first(b))).toEqual(expected);
  }
  for (const [index, { dependsOn, kind }] of services.entries()) {
    if (dependsOn === undefined || dependsOn >= index || kind === "periodic" || services[dependsOn]?.kind === "periodic") continue;
    if (kind === "startup" && services[dependsOn]?.kind !== "startup") continue; // refused at the start
    expect(first(dependsOn)).toBeLessThan(first(index));
  }
}

/** Each instance is made once and disposed of once, works only in between, and runs one execute at a time. */
function expectLives(services: readonly Drawn[], log: Log): void {
  for (const [index, service] of services.entries()) {
    const own = log.filter(entry => entry.service === index);
    const instances = new Set(own.map(entry => entry.instance));
    for (const instance of instances) {
      const life = own.filter(entry => entry.instance === instance).map(entry => entry.what);
      expect(life[0]).toBe("*");
      expect(life.filter(what => what === "*")).toHaveLength(1);
      expect(life.filter(what => what === "x")).toHaveLength(1);
      expect(life.slice(life.indexOf("x")).includes("+")).toBe(false);
      if (service.ends < Infinity) expect(life.filter(what => what === "+" || what === "-").join("")).toMatch(/^(?:\+-)*$/);
    }
  }
}

test(
  `services live by the state table through any sequence of start, stop, restart, call, poke, health and signal, in ${runs} sequences: ordered start, each made and disposed of once, every caller answered, every stop in time`,
  { timeout: 3_600_000 },
  async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      await fc.assert(
        fc.asyncProperty(
          fc
            .array(drawn, { minLength: 1, maxLength: 5 })
            .filter(services =>
              services.every(
                ({ kind, dependsOn }, index) => kind !== "startup" || dependsOn === undefined || dependsOn >= index || services[dependsOn]?.kind === "startup",
              ),
            ),
          fc.array(command, { maxLength: 12 }),
          fc.option(fc.constantFrom(0, 5, 200, 5_100), { nil: undefined, freq: 6 }),
          live,
        ),
        { numRuns: runs },
      );
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unhandled).toEqual([]);
  },
);

test("a host's stop goes through its services in the reverse of their first start, whatever was restarted meanwhile", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 6 }),
      fc.array(fc.nat(5), { maxLength: 4 }),
      async (priorities, restarted) => {
        const log: Log = [];
        const services = priorities.map<Drawn>(priority => ({ kind: "loop", failures: 0, ends: 0, priority, dependsOn: undefined, disposes: 0, restart: {} }));
        const clock = createVirtualClock();
        const host = new TestHost({ services: services.map((service, index) => classOf(index, service, log)), clock });
        await host.start();
        await clock.advance(100);
        const order = log.filter(entry => entry.what === "+").map(entry => entry.service);
        for (const index of restarted) {
          const restart = host.restartService(`S${index % services.length}`);
          await clock.advance(100);
          await restart;
        }
        const from = log.length;
        const stopped = host.stop();
        await clock.advance(100);
        await stopped;
        expect(
          log
            .slice(from)
            .filter(entry => entry.what === "!")
            .map(entry => entry.service),
        ).toEqual(order.toReversed());
      },
    ),
    { numRuns: 100 },
  );
});
