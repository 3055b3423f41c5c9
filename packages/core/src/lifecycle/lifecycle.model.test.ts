import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HealthReport, SoraBackgroundService, SoraError, SoraFluentServiceBase, ServiceAction, SoraPeriodicService, SoraStartupService } from "../index.ts";
import { createVirtualClock } from "../testing/index.ts";
import { TestHost } from "../testing/test-host.ts";
import { LifeOracle } from "../testing/life-oracle.ts";
import { ServiceRuntime } from "./service-runtime.ts";
import type { ActionContext, RestartOptions, ServiceSource } from "../index.ts";

const nightly = process.env["SORA_NIGHTLY"] === "1";
const runs = nightly ? 100_000 : 1_000;
const limit = 10_000;

/** One service of the model. Times in milliseconds; Infinity never comes. */
interface Drawn {
  readonly kind: "loop" | "completes" | "periodic" | "startup";
  /** How many of its runs throw. */
  readonly failures: number;
  /** How long each run takes at the least, whatever it is told; a startup service may have 5,000. */
  readonly takes: number;
  /** How long its execute takes to end once it is told to. */
  readonly ends: number;
  readonly isCritical: boolean;
  readonly priority: number;
  /** Which service before it, if any, it depends on. */
  readonly dependsOn: number | undefined;
  /** Whether its restarts wait for the database. */
  readonly needsDatabase: boolean;
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
  | { readonly do: "database"; readonly up: boolean }
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
  takes: fc.constantFrom(10, 10, 10, 7_000, 30_000),
  ends: fc.constantFrom(0, 0, 0, 0, 700, 15_000, Infinity),
  isCritical: fc.boolean(),
  priority: fc.integer({ min: 0, max: 2 }),
  dependsOn: fc.option(fc.nat(4), { nil: undefined, freq: 4 }),
  needsDatabase: fc.boolean(),
  disposes: fc.constantFrom(0, 0, 0, 300, 12_000, Infinity),
  restart: fc.constantFrom<RestartOptions | false>({}, {}, { budget: 1 }, false),
});

const plain: Drawn = {
  kind: "loop",
  failures: 0,
  takes: 10,
  ends: 0,
  priority: 0,
  isCritical: false,
  dependsOn: undefined,
  needsDatabase: false,
  disposes: 0,
  restart: {},
};

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
  { weight: 2, arbitrary: fc.record({ do: fc.constant("database" as const), up: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ do: "health" } as const) },
  { weight: 1, arbitrary: fc.constant({ do: "signal" } as const) },
);

/** What happened, in order: `+` a run began, `-` it ended, `!` it was told to end, `*` an instance was made, `x` it was disposed of. */
type Log = { readonly what: "+" | "-" | "!" | "*" | "x"; readonly service: number; readonly instance: number }[];

function classOf(index: number, drawn: Drawn, log: Log, oracle: LifeOracle): ServiceSource {
  const { kind, failures, takes, ends, priority, isCritical, disposes, restart } = drawn;
  let left = failures;
  let made = 0;
  class Modelled extends SoraFluentServiceBase {
    readonly number = ++made;
    constructor() {
      super();
      oracle.made();
      this.note("*");
    }
    override async execute(signal: AbortSignal): Promise<void> {
      oracle.began();
      this.note("+");
      signal.addEventListener("abort", () => {
        oracle.toldToEnd();
        this.note("!");
      });
      let threw = false;
      try {
        await this.clock.sleep(takes);
        if (left-- > 0) throw new Error("as drawn");
        if (kind === "loop" && !signal.aborted) await new Promise<void>(resolve => signal.addEventListener("abort", () => resolve()));
        if (signal.aborted) await this.wait(ends);
      } catch (error) {
        threw = true;
        throw error;
      } finally {
        this.note("-");
        oracle.ended(threw);
      }
    }
    async work(context: ActionContext): Promise<void> {
      const { takes: time, heeds } = context.metadata as { takes: number; heeds: boolean };
      await Promise.race([this.wait(time), ...(heeds ? [new Promise(resolve => context.signal.addEventListener("abort", resolve))] : [])]);
    }
    wait(time: number): Promise<void> {
      return time === Infinity ? new Promise(() => {}) : this.clock.sleep(time);
    }
    async [Symbol.asyncDispose](): Promise<void> {
      oracle.disposing();
      this.note("x");
      await this.wait(disposes);
      oracle.disposed();
    }
    note(what: Log[number]["what"]): void {
      log.push({ what, service: index, instance: this.number });
    }
  }
  ServiceAction()(Modelled, "work");
  const options = { name: `S${index}`, priority, isCritical, restart, dependsOn: dependenciesOf(index, drawn) };
  if (kind === "periodic") SoraPeriodicService({ ...options, every: "5s" })(Modelled);
  else if (kind === "startup") SoraStartupService({ ...options, startupOrder: priority, continueOnFailure: true, timeoutSeconds: 5 })(Modelled);
  else SoraBackgroundService(options)(Modelled);
  return Modelled;
}

function dependenciesOf(index: number, { dependsOn, needsDatabase }: Drawn): string[] {
  return [...(dependsOn === undefined || dependsOn >= index ? [] : [`S${dependsOn}`]), ...(needsDatabase ? ["database"] : [])];
}

function oracleOf(service: Drawn, index: number): LifeOracle {
  return new LifeOracle(`S${index}`, service.kind === "periodic" || service.kind === "startup" ? service.kind : "background");
}

/** Shows the oracles every move from now on. */
function watchMoves(oracles: readonly LifeOracle[]): Disposable {
  const { move } = ServiceRuntime.prototype;
  ServiceRuntime.prototype.move = function (this: ServiceRuntime, name, state): void {
    const before = this.state.phase;
    move.call(this, name, state);
    oracles[Number(this.name.slice(1))]?.moved(before, this.state.phase);
  };
  return { [Symbol.dispose]: () => void (ServiceRuntime.prototype.move = move) };
}

async function live(services: readonly Drawn[], commands: readonly Command[], stopsDuringStart: number | undefined): Promise<void> {
  const log: Log = [];
  const clock = createVirtualClock();
  const oracles = services.map(oracleOf);
  const classes = services.map((service, index) => classOf(index, service, log, oracles[index] as LifeOracle));
  using _watch = watchMoves(oracles);
  let isUp = true;
  const database = { name: "database", check: () => (isUp ? HealthReport.healthy() : HealthReport.unhealthy("as drawn")) };
  const host = new TestHost({ services: classes, contributors: [database], clock, shutdownTimeout: limit });
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

  const asking = <T>(which: readonly LifeOracle[], what: "start" | "stop", ask: () => Promise<T>): Promise<T> =>
    which.reduce((rest, oracle) => () => oracle.asked(what, rest), ask)();
  const judge = (): void => {
    for (const { name, state } of host.list()) oracles[Number(name.slice(1))]?.rests(state);
  };

  const starting = asking(oracles, "start", () => host.start());
  expectSora(starting);
  if (stopsDuringStart !== undefined) {
    await clock.advance(stopsDuringStart);
    expectSora(asking(oracles, "stop", () => host.stop()));
  }
  await clock.advance(services.length * 5_000 + 100);
  await starting;
  if (stopsDuringStart === undefined) expectStartOrder(services, log);
  judge();

  for (const one of commands) {
    if (one.do === "wait") {
      await clock.advance(one.time);
      judge();
    } else if (one.do === "database") {
      isUp = one.up;
    } else if (one.do === "health") {
      expectSora(Promise.all([host.health(), host.ready()]));
    } else if (one.do === "signal") {
      expectSora(asking(oracles, "stop", () => host.stop("SIGTERM")));
    } else {
      const index = one.service % services.length;
      const target = `S${index}`;
      const client = host.services(classes[index] as never) as unknown as Loose;
      const own = [oracles[index] as LifeOracle];
      if (one.do === "start") expectSora(asking(own, "start", () => host.startService(target)));
      else if (one.do === "stop") expectSora(asking(own, "stop", () => host.stopService(target)));
      else if (one.do === "restart") expectSora(asking(own, "stop", () => asking(own, "start", () => host.restartService(target))));
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
  const stopping = asking(oracles, "stop", () => host.stop());
  await clock.advance(2 * limit + 2_000);
  const report = await stopping;
  await Promise.all(pending);

  expect(open).toBe(0);
  expect(unexpected).toEqual([]);
  expect(report.duration).toBeLessThanOrEqual(limit + 1_000);
  expect(report.exitCode).toBe(report.culprits.length > 0 ? 1 : 0);
  if (services.every(isQuick) && commands.every(one => one.do !== "call" || one.takes < Infinity)) expect(report.culprits).toEqual([]);
  await clock.advance(60_000); // what takes longer than the stop waited
  judge();
  expect(oracles.flatMap(oracle => oracle.lies)).toEqual([]);
  expect(host.list().map(one => one.state)).toEqual(oracles.map(oracle => (oracle.isOver ? "stopped" : "stopping")));
  expectLives(services, log);
  if (services.every(service => service.ends < Infinity)) expect(clock.pending).toBe(0);
}

/** Whether the service is sure to end within the time of a stop. */
function isQuick({ takes, ends, disposes }: Drawn): boolean {
  return takes < 1_000 && ends < 1_000 && disposes < 1_000;
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

/** Each instance is made once and disposed of once, and works only in between. */
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
    }
    // One run at a time, in all its lives: one that never ends is the last.
    expect(own.flatMap(({ what }) => (what === "+" || what === "-" ? [what] : [])).join("")).toMatch(service.ends < Infinity ? /^(?:\+-)*$/ : /^(?:\+-)*\+?$/);
  }
}

test(
  `services live by the state table through any sequence of start, stop, restart, call, poke, health and signal, in ${runs} sequences: ordered start, each made and disposed of once, every caller answered, every stop in time`,
  { timeout: nightly ? 3_600_000 : 60_000 },
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
        const services = priorities.map<Drawn>(priority => ({ ...plain, priority }));
        const clock = createVirtualClock();
        const host = new TestHost({ services: services.map((service, index) => classOf(index, service, log, oracleOf(service, index))), clock });
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
